//! The eleven commands and the order in which each wants its elements (rsm-protocol.md, 7.5, 7.10).

use super::document::Node;

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Heartbeat,
    SetMandates,
    SetCollections,
    MandateReport,
    CollectionReport,
    MandateBatchReport,
    CollectionBatchReport,
    LetterBatchReport,
    CollectionStatement,
    MonthlyStatement,
    ResponseStatusCheck,
}

/// An element's name, whether it may be absent, and what is in it.
struct Model {
    name: &'static str,
    needed: bool,
    inside: Inside,
}

enum Inside {
    Text,
    /// Each at most once, in this order.
    Order(&'static [Model]),
    /// The one, any number of times; none is an error of its own (2014, 2015).
    Many(&'static Model),
}

impl Command {
    pub(super) const ALL: [Self; 11] = [
        Self::Heartbeat,
        Self::SetMandates,
        Self::SetCollections,
        Self::MandateReport,
        Self::CollectionReport,
        Self::MandateBatchReport,
        Self::CollectionBatchReport,
        Self::LetterBatchReport,
        Self::CollectionStatement,
        Self::MonthlyStatement,
        Self::ResponseStatusCheck,
    ];

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Heartbeat => "heartbeat",
            Self::SetMandates => "setMandates",
            Self::SetCollections => "setCollections",
            Self::MandateReport => "mandateReport",
            Self::CollectionReport => "collectionReport",
            Self::MandateBatchReport => "mandateBatchReport",
            Self::CollectionBatchReport => "collectionBatchReport",
            Self::LetterBatchReport => "letterBatchReport",
            Self::CollectionStatement => "collectionStatement",
            Self::MonthlyStatement => "monthlyStatement",
            Self::ResponseStatusCheck => "responseStatusCheck",
        }
    }

    pub(super) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|command| command.word() == word)
    }

    /// Whether a `<ddcm>` element is as this command's DTD says.
    pub(super) fn fits(self, ddcm: &Node) -> bool {
        let [request, signature] = ddcm.children.as_slice() else { return false };
        let named = ddcm.name == "ddcm" && request.name == "request";
        let signed = signature.name == "signature" && signature.children.is_empty();
        let mut rest = request.children.iter();
        let mut text =
            |name: &str| rest.next().is_some_and(|n| n.name == name && n.children.is_empty());
        let opened = text("command") && text("username");
        let body = self.body().is_none_or(|model| {
            rest.next().is_some_and(|node| node.name == model.name && model.fits(node))
        });
        let closed = rest.next().is_some_and(|n| n.name == "timestamp" && n.children.is_empty());
        named && signed && opened && body && closed && rest.next().is_none()
    }

    const fn body(self) -> Option<&'static Model> {
        match self {
            Self::Heartbeat => None,
            Self::SetMandates => Some(&MANDATES),
            Self::SetCollections => Some(&COLLECTIONS),
            Self::MandateReport => Some(&MANDATE_FILTERS),
            Self::CollectionReport => Some(&COLLECTION_FILTERS),
            Self::MandateBatchReport | Self::CollectionBatchReport => Some(&BATCH_FILTERS),
            Self::LetterBatchReport => Some(&LETTER_FILTERS),
            Self::CollectionStatement => Some(&STATEMENT_FILTERS),
            Self::MonthlyStatement => Some(&MONTH_FILTERS),
            Self::ResponseStatusCheck => Some(&PREVIOUS),
        }
    }
}

impl Model {
    fn fits(&self, node: &Node) -> bool {
        match self.inside {
            Inside::Text => node.children.is_empty(),
            Inside::Many(one) => {
                node.text.trim().is_empty()
                    && node.children.iter().all(|child| child.name == one.name && one.fits(child))
            }
            Inside::Order(models) => {
                let mut children = node.children.iter().peekable();
                let ordered = models.iter().all(|model| {
                    match children.next_if(|child| child.name == model.name) {
                        Some(child) => model.fits(child),
                        None => !model.needed,
                    }
                });
                ordered && children.next().is_none() && node.text.trim().is_empty()
            }
        }
    }
}

const fn need(name: &'static str) -> Model {
    Model { name, needed: true, inside: Inside::Text }
}

const fn may(name: &'static str) -> Model {
    Model { name, needed: false, inside: Inside::Text }
}

const fn filters(models: &'static [Model]) -> Model {
    Model { name: "filters", needed: true, inside: Inside::Order(models) }
}

static MANDATES: Model = Model { name: "mandates", needed: true, inside: Inside::Many(&MANDATE) };
static MANDATE: Model = Model {
    name: "mandate",
    needed: true,
    inside: Inside::Order(&[
        may("tradingName"),
        may("contactName"),
        may("address1"),
        may("address2"),
        may("address3"),
        may("town"),
        may("postcode"),
        may("phone"),
        may("email"),
        need("clientRef"),
        may("accountName"),
        may("accountNumber"),
        may("sortCode"),
        need("action"),
        may("ddRefNo"),
        may("amount"),
        may("frequency"),
        may("startDate"),
        may("mandateType"),
        may("shortId"),
        may("endDate"),
        may("paymentRef"),
    ]),
};
static COLLECTIONS: Model =
    Model { name: "collections", needed: true, inside: Inside::Many(&COLLECTION) };
static COLLECTION: Model = Model {
    name: "collection",
    needed: true,
    inside: Inside::Order(&[
        need("sun"),
        need("clientRef"),
        need("amount"),
        need("date"),
        may("ddRefNo"),
        may("action"),
        may("existingAmount"),
        may("existingDate"),
    ]),
};
static MANDATE_FILTERS: Model = filters(&[
    may("status"),
    may("startDate"),
    may("endDate"),
    may("ddRefNo"),
    may("clientRef"),
    may("postcode"),
    may("name"),
    may("reason"),
    may("mandateType"),
    may("shortId"),
    may("paymentRef"),
    may("sortType"),
    may("sortOrder"),
    may("noOfRows"),
]);
static COLLECTION_FILTERS: Model = filters(&[
    may("status"),
    may("startDate"),
    may("endDate"),
    may("ddRefNo"),
    may("clientRef"),
    may("name"),
    may("sortType"),
    may("sortOrder"),
    may("noOfRows"),
]);
static BATCH_FILTERS: Model = filters(&[
    may("startDate"),
    may("endDate"),
    may("sortType"),
    may("sortOrder"),
    may("noOfRows"),
]);
static LETTER_FILTERS: Model = filters(&[may("sortType"), may("sortOrder"), may("noOfRows")]);
static STATEMENT_FILTERS: Model = filters(&[may("collectionDate"), may("statementDate")]);
static MONTH_FILTERS: Model = filters(&[may("monthYear")]);
static PREVIOUS: Model = need("previousSignature");

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(command: Command, body: &str) -> bool {
        let text = format!(
            "<ddcm><request><command>{}</command><username>u</username>{body}<timestamp>1</timestamp></request><signature>s</signature></ddcm>",
            command.word()
        );
        command.fits(&Node::parse(&text).unwrap())
    }

    #[test]
    fn elements_stand_in_their_order() {
        let mandate = |inside: &str| format!("<mandates><mandate>{inside}</mandate></mandates>");
        let good = mandate("<clientRef>1</clientRef><action>D</action>");
        assert!(fits(Command::SetMandates, &good));
        assert!(fits(Command::SetMandates, "<mandates/>"));
        assert!(fits(Command::Heartbeat, ""));
        assert!(fits(Command::MandateReport, "<filters><status/><noOfRows>5</noOfRows></filters>"));
        for (command, bad) in [
            (Command::SetMandates, mandate("<action>D</action><clientRef>1</clientRef>")),
            (Command::SetMandates, mandate("<clientRef>1</clientRef>")),
            (Command::SetMandates, mandate("<clientRef>1</clientRef><action>D</action><x/>")),
            (Command::SetMandates, String::new()),
            (Command::Heartbeat, String::from("<filters/>")),
            (Command::MandateReport, String::from("<filters><noOfRows/><status/></filters>")),
            (Command::MandateReport, String::from("<filters>x</filters>")),
        ] {
            assert!(!fits(command, &bad), "{bad}");
        }
    }
}
