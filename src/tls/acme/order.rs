//! One certificate, from the account to the chain.

use super::line::Line;
use super::trouble::Trouble;
use super::{Challenges, Terms};
use instant_acme::{
    Account, AuthorizationStatus, ChallengeType, Identifier, Key, NewOrder, Order, OrderStatus,
    RetryPolicy,
};
use rcgen::{CertificateParams, DistinguishedName, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::time::Duration;
use zeroize::Zeroizing;

/// For how long the authority may look at the names, and again at the request.
const PATIENCE: RetryPolicy =
    RetryPolicy::new().initial_delay(Duration::from_secs(1)).timeout(Duration::from_mins(3));

/// Orders one certificate and waits for it: its key and its chain, PEM.
pub(super) async fn obtain(
    terms: &Terms,
    line: Line,
    account_key: PrivatePkcs8KeyDer<'static>,
    challenges: &Challenges,
) -> Result<Zeroizing<String>, Trouble> {
    let account = account(terms, line, account_key).await?;
    let names: Vec<_> = terms.names.iter().map(|name| Identifier::Dns(name.clone())).collect();
    let mut order = account.new_order(&NewOrder::new(&names)).await?;
    let ready = prove(&mut order, challenges).await;
    challenges.clear();
    ready?;
    let key = KeyPair::generate().map_err(|_error| Trouble::Making)?;
    let mut params =
        CertificateParams::new(terms.names.clone()).map_err(|_error| Trouble::Making)?;
    params.distinguished_name = DistinguishedName::new();
    let request = params.serialize_request(&key).map_err(|_error| Trouble::Making)?;
    order.finalize_csr(request.der()).await?;
    let chain = order.poll_certificate(&PATIENCE).await?;
    let key = Zeroizing::new(key.serialize_pem());
    // Room for both at once: a text that grows leaves copies of the key behind.
    let room = key.len().saturating_add(chain.len());
    let mut both = Zeroizing::new(String::with_capacity(room));
    both.push_str(&key);
    both.push_str(&chain);
    Ok(both)
}

/// The account of this key, made where the authority does not know it yet.
async fn account(
    terms: &Terms,
    line: Line,
    key: PrivatePkcs8KeyDer<'static>,
) -> Result<Account, Trouble> {
    let own = Key::from_pkcs8_der(key.clone_key())?;
    let (account, _) = Account::builder_with_http(Box::new(line))
        .create_from_key((own, PrivateKeyDer::Pkcs8(key)), terms.directory.to_string())
        .await?;
    if let Some(contact) = &terms.contact {
        account.update_contacts(&[&format!("mailto:{contact}")]).await?;
    }
    Ok(account)
}

/// Proves every name that is not proved yet, and waits until the authority has seen it.
async fn prove(order: &mut Order, challenges: &Challenges) -> Result<(), Trouble> {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        // What was proved of late is often taken for proved.
        if authorization.status == AuthorizationStatus::Valid {
            continue;
        }
        let challenge = authorization.challenge(ChallengeType::TlsAlpn01);
        let mut challenge = challenge.ok_or(Trouble::NoProof)?;
        let name = challenge.identifier().to_string();
        challenges.answer(&name, challenge.key_authorization().digest().as_ref())?;
        challenge.set_ready().await?;
    }
    if order.poll_ready(&PATIENCE).await? == OrderStatus::Invalid {
        return Err(why(order).await);
    }
    Ok(())
}

/// What the authority says of a name that it does not take for ours.
async fn why(order: &mut Order) -> Trouble {
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        let Ok(seen) = authorization.refresh().await else { continue };
        let mut problems = seen.challenges.iter().filter_map(|challenge| challenge.error.as_ref());
        if let Some(problem) = problems.next() {
            return Trouble::from(problem);
        }
    }
    Trouble::Strange
}
