//! stand-in
use super::Failure;
use rustls::pki_types::pem::PemObject as _;
use std::path::Path;
use std::sync::Arc;
#[derive(clap::Args)]
pub(super) struct MockRsmArgs {}
pub(super) fn run(_: &MockRsmArgs) -> std::io::Result<std::process::ExitCode> {
    Ok(std::process::ExitCode::SUCCESS)
}
pub(super) fn server_config(
    certificate: &Path,
    key: &Path,
) -> Result<Arc<rustls::ServerConfig>, Failure> {
    let chain = rustls::pki_types::CertificateDer::pem_file_iter(certificate)?
        .collect::<Result<Vec<_>, _>>()?;
    let key = rustls::pki_types::PrivateKeyDer::from_pem_file(key)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut c = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    c.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(c))
}
