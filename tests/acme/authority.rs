//! A real authority on loopback, with the name server that it asks.

use super::house::eventually;
use super::place::free_port;
use almoner::clock::Clock;
use almoner::tls::development::{Authority as Maker, DAYS, LOOPBACK};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// Where an authority will be, whether or not it is there yet.
pub(crate) struct Site {
    folder: TempDir,
    port: u16,
    management: u16,
    /// Where it connects to, to look at names.
    proved_at: u16,
}

/// An authority that runs; it is ended with this.
pub(crate) struct Authority {
    pebble: Child,
    names: Child,
    client: reqwest::Client,
    management: u16,
}

impl Site {
    /// One that looks at names at this port.
    pub(crate) fn new(proved_at: u16) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let maker = Maker::new(&Clock::system(), DAYS).unwrap();
        maker.write(&folder.path().join("tls"), &LOOPBACK).unwrap();
        Self { folder, port: free_port(), management: free_port(), proved_at }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn directory(&self) -> String {
        format!("https://localhost:{}/dir", self.port)
    }

    /// Who vouches for the directory.
    pub(crate) fn roots(&self) -> PathBuf {
        self.folder.path().join("tls/authority.pem")
    }

    /// Starts it: every name is at 127.0.0.1, and one nonce in twenty is refused although it is good.
    pub(crate) fn start(&self) -> Authority {
        self.start_with("127.0.0.1", 5)
    }

    /// Starts it with every name at this address, and so many nonces of a hundred refused.
    pub(crate) fn start_with(&self, address: &str, nonces: u8) -> Authority {
        let (dns, control) = (free_port(), free_port());
        let local = |port: u16| format!("127.0.0.1:{port}");
        let names = Command::new("pebble-challtestsrv")
            .args(["-defaultIPv4", address, "-defaultIPv6", "", "-dns01", &local(dns)])
            .args(["-http01", "", "-https01", "", "-tlsalpn01", "", "-management", &local(control)])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("pebble-challtestsrv is installed: apt-get install pebble");
        let tls = |file: &str| self.folder.path().join("tls").join(file);
        let config = serde_json::json!({ "pebble": {
            "listenAddress": local(self.port),
            "managementListenAddress": local(self.management),
            "certificate": tls("server.pem"),
            "privateKey": tls("server-key.pem"),
            "httpPort": 9,
            "tlsPort": self.proved_at,
            "ocspResponderURL": "",
            "externalAccountBindingRequired": false,
        }});
        let file = self.folder.path().join("pebble.json");
        std::fs::write(&file, config.to_string()).unwrap();
        let log = std::fs::File::create(self.folder.path().join("pebble.log")).unwrap();
        let pebble = Command::new("pebble")
            .arg("-config")
            .arg(&file)
            .args(["-dnsserver", &local(dns), "-strict"])
            // It really looks, at once, and takes nothing for proved because it was proved before.
            .env_remove("PEBBLE_VA_ALWAYS_VALID")
            .envs([("PEBBLE_VA_NOSLEEP", "1"), ("PEBBLE_AUTHZREUSE", "0")])
            .env("PEBBLE_WFE_NONCEREJECT", nonces.to_string())
            .stdout(log)
            .stderr(Stdio::null())
            .spawn()
            .expect("pebble is installed: apt-get install pebble");
        let roots = reqwest::Certificate::from_pem(&std::fs::read(self.roots()).unwrap()).unwrap();
        almoner::way_out::install_provider();
        let client = reqwest::Client::builder().tls_certs_only([roots]).build().unwrap();
        let mut authority = Authority { pebble, names, client, management: self.management };
        for port in [self.port, self.management, control] {
            eventually("the authority listens", || {
                let ended = [&mut authority.pebble, &mut authority.names]
                    .map(|child| child.try_wait().unwrap());
                assert_eq!(ended, [None; 2], "another process was quicker to take a port");
                TcpStream::connect(("127.0.0.1", port)).is_ok()
            });
        }
        authority
    }
}

impl Authority {
    /// The root of all that it gives.
    pub(crate) async fn root(&self) -> reqwest::Certificate {
        let url = format!("https://localhost:{}/roots/0", self.management);
        let pem = self.client.get(url).send().await.unwrap().bytes().await.unwrap();
        reqwest::Certificate::from_pem(&pem).unwrap()
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        for child in [&mut self.pebble, &mut self.names] {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}
