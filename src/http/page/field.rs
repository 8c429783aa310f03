//! One field: its label, hint, error and their ids in one place, so that they cannot come apart.

use super::giving::Filled;
use crate::payment::FieldError;
use maud::{Markup, html};

/// Whether something must stand in a field.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Need {
    #[default]
    Always,
    /// Never, and the label says so.
    Never,
    /// Only where another choice was made that asks for it.
    Perhaps,
}

/// A line of text.
#[derive(Clone, Copy, Default)]
pub(super) struct Line<'a> {
    pub(super) name: &'static str,
    pub(super) label: &'a str,
    pub(super) hint: &'a str,
    pub(super) autocomplete: &'static str,
    pub(super) kind: &'static str,
    pub(super) inputmode: &'static str,
    pub(super) width: &'static str,
    pub(super) need: Need,
    /// Shown before what is typed, a currency's sign for instance.
    pub(super) prefix: &'a str,
}

/// A list to choose one from.
#[derive(Clone, Copy)]
pub(super) struct List<'a> {
    pub(super) name: &'static str,
    pub(super) label: &'a str,
    pub(super) autocomplete: &'static str,
    /// Values and texts.
    pub(super) options: &'a [(String, String)],
}

/// A group of radio buttons.
#[derive(Clone, Copy)]
pub(super) struct Group<'a> {
    pub(super) name: &'static str,
    pub(super) legend: &'a str,
    pub(super) hint: &'a str,
    pub(super) layout: &'static str,
    pub(super) options: &'a [Choice],
    /// The value chosen where nothing was yet, empty for none.
    pub(super) default: &'a str,
}

/// One of a group.
#[derive(Clone, Default)]
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) text: String,
    /// What stands at the end of its line, a price for instance.
    pub(super) aside: String,
    /// A second line.
    pub(super) more: String,
    /// What belongs to it alone: a field, which stands beside the button and not in its label.
    pub(super) within: Option<Markup>,
}

impl Filled<'_> {
    /// The first error of a field.
    pub(super) fn error(&self, name: &str) -> Option<&FieldError> {
        self.errors.iter().find(|error| error.field == name)
    }

    /// That error, where there is one.
    pub(super) fn said(&self, name: &str) -> Markup {
        html! {
            @if let Some(error) = self.error(name) {
                p.error id={ "e-" (name) } { span.hidden { (self.look.say("error")) " " } (self.look.translated(error.advice)) }
            }
        }
    }

    /// A labelled input.
    pub(super) fn line(&self, line: Line<'_>) -> Markup {
        let error = self.error(line.name);
        html! {
            div.field.wrong[error.is_some()] {
                label for={ "f-" (line.name) } { (line.label) @if line.need == Need::Never { span.optional { " " (self.look.say("optional")) } } }
                (hint(line.name, line.hint))
                (self.said(line.name))
                div class={ "input " (line.width) } {
                    @if !line.prefix.is_empty() { span.prefix aria-hidden="true" { (line.prefix) } }
                    input id={ "f-" (line.name) } name=(line.name) type=(if line.kind.is_empty() { "text" } else { line.kind })
                        value=((self.value)(line.name)) autocomplete=(line.autocomplete)
                        inputmode=[(!line.inputmode.is_empty()).then_some(line.inputmode)]
                        aria-required=[(line.need == Need::Always).then_some("true")]
                        aria-invalid=[error.map(|_| "true")]
                        aria-describedby=[described_by(line.name, line.hint, error)];
                }
            }
        }
    }

    /// A labelled list to choose one from.
    pub(super) fn list(&self, list: List<'_>) -> Markup {
        let error = self.error(list.name);
        let chosen = (self.value)(list.name);
        html! {
            div.field.wrong[error.is_some()] {
                label for={ "f-" (list.name) } { (list.label) }
                (self.said(list.name))
                div.input {
                    select id={ "f-" (list.name) } name=(list.name) autocomplete=(list.autocomplete) aria-required="true"
                        aria-invalid=[error.map(|_| "true")]
                        aria-describedby=[described_by(list.name, "", error)] {
                        @for (value, text) in list.options {
                            option value=(value) selected[value == chosen] { (text) }
                        }
                    }
                }
            }
        }
    }

    /// A group of radio buttons; an error's link leads to the first.
    pub(super) fn choice(&self, group: Group<'_>) -> Markup {
        let error = self.error(group.name);
        let given = (self.value)(group.name);
        let chosen = if given.is_empty() { group.default } else { given };
        html! {
            div.field.wrong[error.is_some()] {
                fieldset aria-describedby=[described_by(group.name, group.hint, error)] {
                    legend { (group.legend) }
                    (hint(group.name, group.hint))
                    (self.said(group.name))
                    div class={ "options " (group.layout) } {
                        @for (place, choice) in group.options.iter().enumerate() {
                            (option(&group, choice, (place == 0).then(|| format!("f-{}", group.name)), chosen))
                        }
                    }
                }
            }
        }
    }
}

fn option(group: &Group<'_>, choice: &Choice, id: Option<String>, chosen: &str) -> Markup {
    html! {
        div.option.open[choice.within.is_some()] {
            label {
                input id=[id] type="radio" name=(group.name) value=(choice.value) checked[choice.value == chosen];
                span.said {
                    span.text { (choice.text) }
                    @if !choice.aside.is_empty() { " " span.aside { (choice.aside) } }
                    @if !choice.more.is_empty() { " " small { (choice.more) } }
                }
            }
            @if let Some(within) = &choice.within { (within) }
        }
    }
}

fn hint(name: &str, text: &str) -> Markup {
    html! { @if !text.is_empty() { p.hint id={ "h-" (name) } { (text) } } }
}

fn described_by(name: &str, hint: &str, error: Option<&FieldError>) -> Option<String> {
    let ids: Vec<String> = [(!hint.is_empty(), "h"), (error.is_some(), "e")]
        .into_iter()
        .filter(|(there, _)| *there)
        .map(|(_, id)| format!("{id}-{name}"))
        .collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}
