//! One field: its label, hint, error and their ids in one place, so that they cannot come apart.

use super::giving::Filled;
use crate::payment::FieldError;
use maud::{Markup, html};

/// A line of text.
#[derive(Clone, Copy, Default)]
pub(super) struct Line {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) hint: &'static str,
    pub(super) autocomplete: &'static str,
    pub(super) kind: &'static str,
    pub(super) inputmode: &'static str,
    pub(super) width: &'static str,
    pub(super) optional: bool,
    pub(super) prefix: &'static str,
}

impl Filled<'_> {
    /// The first error of a field.
    pub(super) fn error(&self, name: &str) -> Option<&FieldError> {
        self.errors.iter().find(|error| error.field == name)
    }

    /// A labelled input.
    pub(super) fn line(&self, line: Line) -> Markup {
        let error = self.error(line.name);
        html! {
            div.field.wrong[error.is_some()] {
                label for={ "f-" (line.name) } { (line.label) @if line.optional { span.optional { " (optional)" } } }
                (hint(line.name, line.hint))
                (said(line.name, error))
                div.input {
                    @if !line.prefix.is_empty() { span.prefix aria-hidden="true" { (line.prefix) } }
                    input class=(line.width) id={ "f-" (line.name) } name=(line.name) type=(if line.kind.is_empty() { "text" } else { line.kind })
                        value=((self.value)(line.name)) autocomplete=(line.autocomplete)
                        inputmode=[(!line.inputmode.is_empty()).then_some(line.inputmode)]
                        aria-required=[(!line.optional).then_some("true")]
                        aria-invalid=[error.map(|_| "true")]
                        aria-describedby=[described_by(line.name, !line.hint.is_empty(), error.is_some())];
                }
            }
        }
    }

    /// A labelled list to choose one from.
    pub(super) fn list(
        &self,
        name: &'static str,
        label: &str,
        autocomplete: &str,
        options: &[(String, String)],
    ) -> Markup {
        let error = self.error(name);
        let chosen = (self.value)(name);
        html! {
            div.field.wrong[error.is_some()] {
                label for={ "f-" (name) } { (label) }
                (said(name, error))
                div.input {
                    select id={ "f-" (name) } name=(name) autocomplete=(autocomplete) aria-required="true"
                        aria-invalid=[error.map(|_| "true")]
                        aria-describedby=[described_by(name, false, error.is_some())] {
                        @for (value, text) in options {
                            option value=(value) selected[value == chosen] { (text) }
                        }
                    }
                }
            }
        }
    }

    /// A group of radio buttons. Each option has a value, a text and a second line.
    pub(super) fn choice(
        &self,
        name: &'static str,
        legend: &str,
        layout: &str,
        options: &[(String, String, String)],
        extra: &Markup,
    ) -> Markup {
        let error = self.error(name);
        let given = (self.value)(name);
        let first = options.first().map_or("", |(value, _, _)| value);
        let chosen = if given.is_empty() { first } else { given };
        html! {
            fieldset.field.wrong[error.is_some()] aria-describedby=[described_by(name, false, error.is_some())] {
                legend { (legend) }
                (said(name, error))
                div class={ "options " (layout) } {
                    @for (place, (value, text, more)) in options.iter().enumerate() {
                        label.option {
                            input id=[(place == 0).then(|| format!("f-{name}"))] type="radio" name=(name) value=(value) checked[value == chosen];
                            span { (text) @if !more.is_empty() { small { (more) } } }
                        }
                    }
                }
                (extra)
            }
        }
    }
}

fn hint(name: &str, text: &str) -> Markup {
    html! { @if !text.is_empty() { p.hint id={ "h-" (name) } { (text) } } }
}

fn said(name: &str, error: Option<&FieldError>) -> Markup {
    html! { @if let Some(error) = error { p.error id={ "e-" (name) } { span.hidden { "Error: " } (error.advice) } } }
}

fn described_by(name: &str, hint: bool, error: bool) -> Option<String> {
    let ids: Vec<String> = [(hint, "h"), (error, "e")]
        .into_iter()
        .filter(|(there, _)| *there)
        .map(|(_, id)| format!("{id}-{name}"))
        .collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}
