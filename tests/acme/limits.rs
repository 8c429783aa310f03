//! An authority that limits how often it is asked, played by a small one of our own.

use super::authority::Site;
use super::house::{Ground, eventually};
use almoner::clock::Clock;
use almoner::tls::{Certificates, Files, Limits, Profile, serve};
use axum::Router;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum_server::Handle;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::runtime::Runtime;

/// For how long it asks to be left alone, in seconds.
const WAIT: u32 = 100_000;

/// Refuses every account at this site; says how many were asked for.
fn refuse_all(site: &Site, runtime: &Runtime) -> Arc<AtomicUsize> {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let at = |path: &str| site.directory().replace("/dir", path);
    let directory = serde_json::json!({
        "newNonce": at("/nonce"), "newAccount": at("/account"), "newOrder": at("/order"),
    });
    let refuse = async move || {
        counted.fetch_add(1, Ordering::SeqCst);
        let problem = r#"{"type":"urn:ietf:params:acme:error:rateLimited","detail":"192.0.2.7"}"#;
        let wait = [("retry-after", WAIT.to_string())];
        (StatusCode::TOO_MANY_REQUESTS, wait, problem).into_response()
    };
    let router = Router::new()
        .route("/dir", get(async move || directory.to_string()))
        .route("/nonce", get(async || [("replay-nonce", "bm9uY2U")]))
        .route("/account", post(refuse));
    let listener = TcpListener::bind(("127.0.0.1", site.port())).unwrap();
    let tls = site.roots();
    let files = Files {
        chain: tls.with_file_name("server.pem"),
        key: tls.with_file_name("server-key.pem"),
        client_authorities: None,
    };
    let shown = Certificates::load(files, Profile::Modern, Clock::system()).unwrap();
    runtime.spawn(async move {
        serve(listener, router, &shown, Limits::default(), Handle::new()).await
    });
    asked
}

#[test]
fn who_asks_to_be_left_alone_is_and_a_restart_changes_nothing() {
    let ground = Ground::new(&["limited.charity.example"]);
    let (site, runtime) = (ground.site(), Runtime::new().unwrap());
    let asked = refuse_all(&site, &runtime);
    let house = ground.open(&site);
    let told = house.told("certificate_not_obtained");
    assert_eq!(told["reason"], "the authority said rateLimited");
    let seconds = told["seconds"].as_i64().unwrap();
    assert!((i64::from(WAIT) - 600..=i64::from(WAIT)).contains(&seconds), "{told}");
    drop(house);

    let house = ground.open(&site);
    ground.clock.advance(jiff::SignedDuration::from_secs(i64::from(WAIT) - 700));
    assert_eq!(house.shown(), None);
    assert_eq!(asked.load(Ordering::SeqCst), 1, "not before its time");
    ground.clock.advance(jiff::SignedDuration::from_secs(700));
    eventually("it is asked again", || asked.load(Ordering::SeqCst) == 2);
}
