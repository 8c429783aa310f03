use super::*;
use bytes::Bytes;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// A server over TLS that counts connections and requests, and answers each with this.
struct Server {
    url: url::Url,
    roots: Vec<u8>,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
}

fn server(answer: &'static str) -> Server {
    way_out::install_provider();
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
    let config = rustls::ServerConfig::builder().with_no_client_auth();
    let config = Arc::new(config.with_single_cert(vec![own.cert.der().clone()], key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (connections, requests) = (Arc::default(), Arc::default());
    let server = Server {
        url: format!("https://localhost:{port}/v1/payments").parse().unwrap(),
        roots: own.cert.pem().into_bytes(),
        connections: Arc::clone(&connections),
        requests: Arc::clone(&requests),
    };
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let (config, requests) = (Arc::clone(&config), Arc::clone(&requests));
            connections.fetch_add(1, Ordering::SeqCst);
            std::thread::spawn(move || {
                let connection = rustls::ServerConnection::new(config).unwrap();
                let mut stream = rustls::StreamOwned::new(connection, socket.unwrap());
                let mut read = [0; 4096];
                // Each request fits into one read.
                while stream.read(&mut read).is_ok_and(|bytes| bytes > 0) {
                    requests.fetch_add(1, Ordering::SeqCst);
                    if stream.write_all(answer.as_bytes()).is_err() {
                        return;
                    }
                }
            });
        }
    });
    server
}

impl Server {
    fn web(&self) -> Web {
        let seconds = Duration::from_secs;
        Web::new(&Reach {
            roots: Some(self.roots.clone()),
            identity: None,
            connect_timeout: seconds(5),
            total_timeout: seconds(10),
            answer_bytes: 1024,
            at_once: 4,
        })
        .unwrap()
    }

    fn order(&self) -> Outgoing {
        Outgoing::post(self.url.clone(), "application/json", Bytes::from_static(b"{}"))
    }

    fn counted(&self) -> (usize, usize) {
        (self.connections.load(Ordering::SeqCst), self.requests.load(Ordering::SeqCst))
    }
}

const DONE: &str = "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}";

#[tokio::test]
async fn fm_47_a_redirect_is_an_answer_and_nothing_is_sent_after_it() {
    let elsewhere = server(DONE);
    let text = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n",
        elsewhere.url
    );
    let server = server(text.leak());
    for order in [server.order(), server.order().alone()] {
        let answer = server.web().exchange(order, 1024).await.unwrap();
        assert_eq!(answer.status, 307);
    }
    assert_eq!(server.counted().1, 2, "each was sent once");
    assert_eq!(elsewhere.counted(), (0, 0));
}

#[tokio::test]
async fn fm_49_an_order_has_a_connection_of_its_own_and_questions_share_one() {
    let server = server(DONE);
    let web = server.web();
    for _ in 0..3 {
        web.exchange(server.order(), 1024).await.unwrap();
    }
    assert_eq!(server.counted(), (1, 3));
    for _ in 0..3 {
        assert_eq!(web.exchange(server.order().alone(), 1024).await.unwrap().status, 201);
    }
    assert_eq!(server.counted(), (4, 6));
}
