//! What is said of arguments that cannot be read. What was typed is never repeated: it may be a card number or
//! somebody's name.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::error::Error as _;
use std::io::Write as _;
use std::process::ExitCode;

/// Help and versions as clap writes them, and everything else without what was typed.
pub(super) fn tell(error: &clap::Error) -> ExitCode {
    let kind = error.kind();
    let of_number = matches!(
        kind,
        ErrorKind::TooManyValues
            | ErrorKind::TooFewValues
            | ErrorKind::WrongNumberOfValues
            | ErrorKind::NoEquals
            | ErrorKind::InvalidUtf8
    );
    let wrong = if matches!(kind, ErrorKind::ValueValidation | ErrorKind::InvalidValue) {
        Some(of_value(error))
    } else if kind == ErrorKind::UnknownArgument {
        Some(unknown(error))
    } else if kind == ErrorKind::InvalidSubcommand {
        Some("there is no such command here".to_owned())
    } else {
        of_number.then(|| format!("{}: this value cannot be here", place(error)))
    };
    // There is nobody left to tell if this fails too.
    match wrong {
        Some(wrong) => {
            let usage = text(error, ContextKind::Usage).unwrap_or_default();
            let mut out = std::io::stderr().lock();
            writeln!(out, "error: {wrong}\n\n{usage}\n\nFor more information, try '--help'.").ok();
        }
        None => {
            error.print().ok();
        }
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

fn of_value(error: &clap::Error) -> String {
    let typed = text(error, ContextKind::InvalidValue).unwrap_or_default();
    let words = match error.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(words)) if !words.is_empty() => words.join(", "),
        _ => String::new(),
    };
    let why = match error.source().map(ToString::to_string) {
        _ if typed.is_empty() && words.is_empty() => "a value is needed".to_owned(),
        _ if !words.is_empty() => format!("use one of {words}"),
        Some(why) if !why.contains(&typed) => why,
        Some(_) | None => "this value cannot be read".to_owned(),
    };
    format!("{}: {why}", place(error))
}

/// The name of an option that is none, where it is certain to be a name.
fn unknown(error: &clap::Error) -> String {
    let typed = text(error, ContextKind::InvalidArg).unwrap_or_default();
    let is_name = typed.strip_prefix("--").is_some_and(|name| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
    });
    let what = if is_name { &typed } else { "an argument" };
    let near = text(error, ContextKind::SuggestedArg);
    let near = near.map(|near| format!(": {near} is")).unwrap_or_default();
    format!("{what} is not known here{near}")
}

fn place(error: &clap::Error) -> String {
    text(error, ContextKind::InvalidArg).unwrap_or_else(|| "an argument".to_owned())
}

fn text(error: &clap::Error, kind: ContextKind) -> Option<String> {
    let value = error.get(kind)?;
    if let ContextValue::String(text) = value {
        return Some(text.clone());
    }
    if let ContextValue::StyledStr(text) = value { Some(text.to_string()) } else { None }
}
