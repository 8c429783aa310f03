//! The door of the fuzz targets to what reads the bytes of strangers. It exists only in builds with
//! `--cfg fuzzing`, which `scripts/fuzz` makes.

use super::form::Form;

/// The fields of a form that are not empty, in the order of `known`; `None` where it is refused.
#[must_use]
pub fn form(body: &[u8], known: &[&'static str]) -> Option<Vec<(&'static str, String)>> {
    let form = Form::read(body, known, 40).ok()?;
    let fields = known.iter().map(|name| (*name, form.get(name).to_owned()));
    Some(fields.filter(|(_, value)| !value.is_empty()).collect())
}
