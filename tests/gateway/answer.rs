//! An answer, read whole and kept as evidence.

use super::evidence::{keep_answer, logged};
use super::samples::Fields;
use serde_json::Value;

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) async fn of(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.unwrap();
        keep_answer(status, &bytes);
        Self { status, headers, body: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    /// The word for what was wrong: a problem document's own, or the log's line that a page names.
    pub(crate) fn reason(&self) -> String {
        if self.header("content-type") == "application/problem+json" {
            let problem = self.json();
            let kind = problem["type"].as_str().unwrap();
            return kind.strip_prefix("urn:almoner:problem:").unwrap().to_owned();
        }
        let (_, id) = self.body.rsplit_once("<span class=\"reference\">").unwrap();
        let id = id.split_once('<').unwrap().0;
        logged(id)["reason"].as_str().unwrap().to_owned()
    }

    /// Status and reason at once.
    pub(crate) fn refusal(&self) -> (u16, String) {
        (self.status, self.reason())
    }

    /// The fields that are named as wrong, in their order: in a form's summary, or as JSON pointers.
    pub(crate) fn wrong_fields(&self) -> Vec<String> {
        if self.header("content-type") == "application/problem+json" {
            let problem = self.json();
            let errors = problem["errors"].as_array().unwrap_or_else(|| panic!("{problem}"));
            return errors
                .iter()
                .map(|error| error["pointer"].as_str().unwrap().to_owned())
                .collect();
        }
        let summary = self.body.split("<h2 id=\"problem\">").nth(1).unwrap_or_default();
        let items = summary.split("</ul>").next().unwrap().split("<li>").skip(1);
        items.map(field_of).collect()
    }

    /// The reason of the first error of a problem document.
    pub(crate) fn first_reason(&self) -> String {
        self.json()["errors"][0]["reason"]
            .as_str()
            .unwrap_or_else(|| panic!("{}", self.body))
            .to_owned()
    }
}

/// The field that an item of a form's summary is about: the one it links to, or one that the form
/// carries without showing it.
fn field_of(item: &str) -> String {
    if let Some(link) = item.strip_prefix("<a href=\"#f-") {
        return link.split_once('"').unwrap().0.to_owned();
    }
    let carried = [
        ("Use 1 to 40 letters", "appeal"),
        ("Use 1 to 64 letters", "merchant_reference"),
        ("A plan is for joining", "plan"),
    ];
    let advice = item.strip_prefix("<strong>").unwrap_or_else(|| panic!("no advice: {item}"));
    carried.iter().find(|(begins, _)| advice.starts_with(begins)).unwrap().1.to_owned()
}

/// The value of a hidden field in a page.
pub(crate) fn hidden(page: &str, name: &str) -> String {
    let fields = hidden_fields(page);
    let field = fields.into_iter().find(|(given, _)| given == name);
    field.unwrap_or_else(|| panic!("no {name} in {page}")).1
}

/// Every hidden field of a page, its text as a browser would read it.
pub(crate) fn hidden_fields(page: &str) -> Fields {
    let fields = page.split("<input type=\"hidden\" name=\"").skip(1);
    let read = |field: &str| {
        let (name, rest) = field.split_once("\" value=\"").unwrap();
        (name.to_owned(), unescaped(rest.split_once('"').unwrap().0))
    };
    fields.map(read).collect()
}

/// What stands in a visible field of a form; `None` where there is no such input.
pub(crate) fn typed(page: &str, name: &str) -> Option<String> {
    let input = page.split("<input ").find(|input| input.contains(&format!(" name=\"{name}\"")))?;
    let (_, value) = input.split_once("value=\"")?;
    Some(unescaped(value.split_once('"')?.0))
}

fn unescaped(text: &str) -> String {
    let text = text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">");
    text.replace("&amp;", "&")
}
