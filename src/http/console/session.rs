//! Who has entered: in memory alone, so that a restart asks everybody again. A session is known by the SHA-256 of
//! its id; the id itself is in the operator's cookie and nowhere else.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use cookie::{Cookie, SameSite};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use zeroize::Zeroizing;

/// Browsers take a cookie of this prefix from us alone, over TLS, for every path (security.md, 1.2).
const NAME: &str = "__Host-console";
/// How many may be inside at once; whoever has been idle longest makes room.
const MOST: usize = 64;

/// A session that is alive, by the hash of its id or of the certificate that was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Who(pub(super) [u8; 32]);

/// All of them.
pub(super) struct Sessions {
    idle: Duration,
    longest: Duration,
    open: Mutex<HashMap<[u8; 32], Session>>,
}

/// By the clock that nobody sets.
#[derive(Clone, Copy, Debug)]
struct Session {
    began: Duration,
    seen: Duration,
}

impl Sessions {
    pub(super) fn new(idle: Duration, longest: Duration) -> Self {
        Self { idle, longest, open: Mutex::default() }
    }

    /// Begins one under this id.
    pub(super) fn begin(&self, id: &str, now: Duration) {
        self.put(of(id).0, now);
    }

    /// Whether somebody entered under this id, and lately enough.
    pub(super) fn find(&self, id: &str, now: Duration) -> Option<Who> {
        let who = of(id);
        self.touch(who, now).then_some(who)
    }

    /// The same for a certificate, which needs no asking; whether it is for the first time in a while.
    pub(super) fn greet(&self, certificate: [u8; 32], now: Duration) -> bool {
        let is_new = !self.touch(Who(certificate), now);
        if is_new {
            self.put(certificate, now);
        }
        is_new
    }

    /// Ends one.
    pub(super) fn end(&self, who: Who) {
        self.open().remove(&who.0);
    }

    fn put(&self, key: [u8; 32], now: Duration) {
        let mut open = self.open();
        open.retain(|_, session| self.is_alive(*session, now));
        if open.len() >= MOST {
            let idlest = open.iter().min_by_key(|(_, session)| session.seen).map(|(key, _)| *key);
            idlest.and_then(|key| open.remove(&key));
        }
        open.insert(key, Session { began: now, seen: now });
    }

    fn touch(&self, who: Who, now: Duration) -> bool {
        let mut open = self.open();
        match open.get_mut(&who.0) {
            Some(session) if self.is_alive(*session, now) => {
                session.seen = now;
                true
            }
            Some(_) => {
                open.remove(&who.0);
                false
            }
            None => false,
        }
    }

    fn is_alive(&self, session: Session, now: Duration) -> bool {
        now.saturating_sub(session.seen) < self.idle
            && now.saturating_sub(session.began) < self.longest
    }

    fn open(&self) -> MutexGuard<'_, HashMap<[u8; 32], Session>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn of(id: &str) -> Who {
    Who(Sha256::digest(id).into())
}

/// The id that a browser brings; of two none is believed.
pub(super) fn cookie(headers: &HeaderMap) -> Option<Zeroizing<String>> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut found = lines
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .filter(|cookie| cookie.name() == NAME)
        .map(|cookie| Zeroizing::new(cookie.value().to_owned()));
    found.next().filter(|_| found.next().is_none())
}

/// Has the browser bring this id from now on, until it is closed.
pub(super) fn remember(response: Response, id: &str) -> Response {
    set(response, Cookie::new(NAME, id.to_owned()))
}

/// Has it forget the id.
pub(super) fn forget(response: Response) -> Response {
    let mut cookie = Cookie::new(NAME, "");
    cookie.set_max_age(cookie::time::Duration::ZERO);
    set(response, cookie)
}

/// No script reads it and no other site's page sends it.
fn set(mut response: Response, mut cookie: Cookie<'static>) -> Response {
    cookie.set_secure(true);
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Strict);
    cookie.set_path("/");
    let line = Zeroizing::new(cookie.to_string());
    if let Ok(line) = HeaderValue::from_str(&line) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
    response
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "numbers of the tests' own")]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn sessions() -> Sessions {
        Sessions::new(15 * MINUTE, 60 * MINUTE)
    }

    #[test]
    fn a_session_ends_by_idleness_and_by_age() {
        let sessions = sessions();
        sessions.begin("one", Duration::ZERO);
        assert_eq!(sessions.find("two", Duration::ZERO), None);
        let mut now = Duration::ZERO;
        for _ in 0..4 {
            now += 14 * MINUTE;
            assert!(sessions.find("one", now).is_some(), "{now:?}");
        }
        assert_eq!(sessions.find("one", 60 * MINUTE), None, "however busy");
        sessions.begin("one", now);
        assert_eq!(sessions.find("one", now + 15 * MINUTE), None, "idle");
        assert_eq!(sessions.find("one", now), None, "it does not come back");
    }

    #[test]
    fn who_leaves_is_out_and_who_was_idle_longest_makes_room() {
        let sessions = sessions();
        for (number, millis) in (0..=MOST).zip(0..) {
            sessions.begin(&number.to_string(), MINUTE + Duration::from_millis(millis));
        }
        assert_eq!(sessions.find("0", 2 * MINUTE), None);
        let who = sessions.find("1", 2 * MINUTE).unwrap();
        sessions.end(who);
        assert_eq!(sessions.find("1", 2 * MINUTE), None);
        assert!(sessions.find("2", 2 * MINUTE).is_some());
    }

    #[test]
    fn a_certificate_is_greeted_once_in_a_while() {
        let sessions = sessions();
        assert!(sessions.greet([7; 32], Duration::ZERO));
        assert!(!sessions.greet([7; 32], MINUTE));
        assert!(sessions.greet([7; 32], 20 * MINUTE));
    }

    #[test]
    fn b_1_of_two_cookies_none_is_believed() {
        let read = |lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::COOKIE, HeaderValue::from_static(line));
            }
            cookie(&headers).map(|id| id.to_string())
        };
        assert_eq!(read(&["a=b; __Host-console=x"]), Some("x".to_owned()));
        assert_eq!(read(&["__Host-console=x; __Host-console=y"]), None);
        assert_eq!(read(&["__Host-console=x", "__Host-console=y"]), None);
        assert_eq!(read(&["a=b"]), None);
    }
}
