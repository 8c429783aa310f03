//! An operator at the console: a browser that remembers one cookie.

use super::answer::{Answer, hidden};
use super::house::House;
use super::samples::encoded;
use super::visitor::{FORM, OWN_PAGE};
use almoner::config::{Checked, ConsoleEntry, SecretSetting, Settings};
use almoner::keys::Password;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;

pub(crate) const PASSWORD: &str = "a lamp for every boat";

/// Has a console that asks for [`PASSWORD`].
pub(crate) fn by_password(settings: &mut Settings) {
    let folder = settings.secrets.install.file.as_ref().unwrap().parent().unwrap();
    let file = folder.join("console.phc");
    let mut options = std::fs::OpenOptions::new();
    let mut written = options.write(true).create_new(true).mode(0o600).open(&file).unwrap();
    written.write_all(Password::hash(PASSWORD).unwrap().as_bytes()).unwrap();
    settings.console.entry = Checked(ConsoleEntry::Password);
    settings.secrets.console_password =
        Some(SecretSetting { file: Some(file), ..SecretSetting::default() });
}

/// The name and value of the cookie that an answer sets.
pub(crate) fn cookie(answer: &Answer) -> String {
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

impl House {
    pub(crate) async fn with_console() -> Self {
        Self::with(by_password).await
    }

    /// Asks the operations listener with these headers.
    pub(crate) async fn look(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.client.get(format!("{}{path}", self.operations));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(request.send().await.unwrap()).await
    }

    /// Posts a form to it.
    pub(crate) async fn send(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        fields: &[(&str, &str)],
    ) -> Answer {
        let fields: Vec<_> =
            fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut request = self.client.post(format!("{}{path}", self.operations));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(request.body(encoded(&fields)).send().await.unwrap()).await
    }

    /// The token of the log-in page.
    pub(crate) async fn ticket(&self) -> String {
        hidden(&self.look("/console/log-in", &[]).await.body, "token")
    }

    pub(crate) async fn try_password(&self, password: &str) -> Answer {
        let token = self.ticket().await;
        let fields = [("token", token.as_str()), ("password", password)];
        self.send("/console/log-in", &[FORM, OWN_PAGE], &fields).await
    }

    /// Enters; the cookie from then on.
    pub(crate) async fn enter(&self) -> String {
        let answer = self.try_password(PASSWORD).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, "/console"),
            "{}",
            answer.body
        );
        cookie(&answer)
    }

    /// A page of the console, for whoever has this cookie.
    pub(crate) async fn inside(&self, path: &str, cookie: &str) -> Answer {
        self.look(path, &[("cookie", cookie)]).await
    }
}
