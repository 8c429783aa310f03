//! Rows D-15 and D-16: more connections than there is room for.

use crate::client::{Client, config, socket, socket_from};
use crate::house::{House, eventually};
use almoner::tls::Limits;
use rustls::pki_types::ServerName;
use std::io::{self, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

/// A stalled peer's first bytes: a record of a handshake that never goes on.
const STALLED: &[u8] = &[22, 3, 1, 2, 0, 1];

fn limits() -> Limits {
    Limits { connections_per_address: 1000, ..Limits::default() }
}

fn join(house: &House, socket: TcpStream) -> io::Result<Client> {
    let name = ServerName::try_from("localhost").unwrap();
    Client::over(socket, config(house, &[b"http/1.1"]), name)
}

/// How many of `sockets` the service has closed.
fn closed(sockets: &[TcpStream]) -> usize {
    let is_closed = |socket: &&TcpStream| {
        socket.set_nonblocking(true).unwrap();
        !socket.peek(&mut [0]).is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    };
    sockets.iter().filter(is_closed).count()
}

#[test]
fn d_15_stalled_handshakes_keep_nobody_out_and_are_closed() {
    let house = House::open(Limits { handshake_timeout: Duration::from_secs(3), ..limits() });
    let mut stalled: Vec<TcpStream> = (0..250).map(|_| socket(&house)).collect();
    for (number, socket) in stalled.iter_mut().enumerate() {
        // Half of them say nothing at all. Those over the limit may be closed already.
        if number % 2 == 0 {
            drop(socket.write_all(STALLED));
        }
    }
    eventually("all have come in", || closed(&stalled) >= 50);
    for _ in 0..5 {
        assert_eq!(Client::http1(&house).get("/").body, "hello");
    }
    eventually("all are closed", || closed(&stalled) == 250);
}

#[test]
fn d_15_at_most_so_many_handshakes_are_under_way() {
    let limits =
        Limits { handshakes_at_once: 20, handshake_timeout: Duration::from_mins(1), ..limits() };
    let house = House::open(limits);
    let stalled: Vec<TcpStream> = (0..60).map(|_| socket(&house)).collect();
    eventually("those over the limit are closed", || closed(&stalled) == 40);
    assert_eq!(Client::http1(&house).get("/").body, "hello");
    eventually("it took the place of one of them", || closed(&stalled) == 41);
}

#[test]
fn d_15_who_has_shaken_hands_is_not_among_them() {
    let house = House::open(Limits { handshakes_at_once: 2, ..limits() });
    let mut settled = Vec::new();
    for _ in 0..6 {
        let mut client = Client::http1(&house);
        // A client of TLS 1.3 is done before the server is: an answer proves that both are.
        assert_eq!(client.get("/").body, "hello");
        settled.push(client);
    }
    for client in &mut settled {
        assert_eq!(client.get("/").body, "hello");
    }
}

#[test]
fn d_16_one_address_has_a_limit_of_its_own() {
    let house = House::open(Limits { connections_per_address: 3, ..Limits::default() });
    let mut mine: Vec<Client> = (0..3).map(|_| Client::http1(&house)).collect();
    assert!(join(&house, socket(&house)).is_err(), "the fourth is closed before its handshake");
    let mut neighbour = join(&house, socket_from(&house, "127.0.0.2")).unwrap();
    assert_eq!(neighbour.get("/").body, "hello");
    for client in &mut mine {
        assert_eq!(client.get("/").body, "hello");
    }
    drop(mine.pop());
    eventually("a place is free again", || {
        join(&house, socket(&house)).is_ok_and(|mut client| client.get("/").status == 200)
    });
}

#[test]
fn d_16_when_the_house_is_full_the_idlest_makes_room() {
    let house = House::open(Limits { connections: 5, ..limits() });
    let mut crowd: Vec<Client> = (0..5).map(|_| Client::http1(&house)).collect();
    for client in crowd.iter_mut().rev() {
        // Each is idle from when the service has said its last word, which a busy machine may notice late.
        std::thread::sleep(Duration::from_millis(250));
        assert_eq!(client.get("/").body, "hello");
    }
    assert_eq!(Client::http1(&house).get("/").body, "hello");
    let mut longest_idle = crowd.pop().unwrap();
    assert!(longest_idle.closed().is_empty());
    for client in &mut crowd {
        assert_eq!(client.get("/").body, "hello", "the others stay");
    }
}

#[test]
fn d_16_the_processor_gets_in_when_nobody_else_does() {
    let reserved_addresses = vec!["127.0.0.9".parse().unwrap()];
    let reserve =
        Limits { connections: 5, reserved_connections: 2, reserved_addresses, ..limits() };
    let house = House::open(reserve);
    let mut busy: Vec<Client> = (0..3).map(|_| Client::http1(&house)).collect();
    for client in &mut busy {
        client.send("GET /gate HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }
    eventually("all are at work", || house.seen() == 3);
    assert!(join(&house, socket(&house)).is_err(), "nobody is idle, so nobody makes room");
    let mut processor = join(&house, socket_from(&house, "127.0.0.9")).unwrap();
    assert_eq!(processor.get("/").body, "hello");
    house.open_the_gate();
    for client in &mut busy {
        assert_eq!(client.answer().body, "through");
    }
}

/// In a process of its own, which may open few files.
#[test]
fn fm_77_running_out_of_files_is_survived() {
    let output = Command::new("sh")
        .args(["-c", "ulimit -n 60 && exec \"$0\" --exact \"$1\" --ignored"])
        .arg(std::env::current_exe().unwrap())
        .arg("crowd::fm_77_running_out_of_files")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "run by fm_77_running_out_of_files_is_survived"]
fn fm_77_running_out_of_files() {
    let house = House::open(limits());
    let mut crowd = Vec::new();
    let error = loop {
        match TcpStream::connect(house.address) {
            Ok(socket) => crowd.push(socket),
            Err(error) => break error,
        }
        assert!(crowd.len() < 100, "the limit on files is not in force");
    };
    assert_eq!(error.raw_os_error(), Some(24), "too many open files");
    // Now the listener cannot accept what has come either.
    std::thread::sleep(Duration::from_millis(200));
    drop(crowd);
    eventually("there is room again", || house.connections() == 0);
    assert_eq!(Client::http1(&house).get("/").body, "hello");
}

#[test]
fn the_router_learns_who_asks() {
    let house = House::open(Limits::default());
    let socket = socket_from(&house, "127.0.0.2");
    let own = socket.local_addr().unwrap();
    assert_eq!(join(&house, socket).unwrap().get("/peer").body, own.to_string());
}
