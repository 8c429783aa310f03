//! Whatever stands in a configuration: read or refused in words that hold no value, and what was read
//! is judged without a panic.
#![no_main]

use almoner::config::{ConfigError, Document};
use libfuzzer_sys::fuzz_target;

/// Stands in the seeds where somebody put a secret by mistake.
const SECRET: &str = "hunter2";

fuzz_target!(|text: &str| {
    let document = Document::given("almoner.toml", text.to_owned());
    let settings = match document.settings() {
        Ok(settings) => settings,
        Err(error) => return silent(&error),
    };
    for refused in [
        settings.offer(&document).err(),
        settings.check_limits(&document).err(),
        settings.api_keys(&document).err(),
    ] {
        refused.iter().for_each(silent);
    }
});

fn silent(error: &ConfigError) {
    assert!(!error.what.contains(SECRET), "{error}");
    assert!(!error.what.contains(char::is_control), "{error}");
}
