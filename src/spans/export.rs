//! With the feature: spans by OTLP over HTTPS, in batches, from a thread of its own. A collector that is slow or gone
//! costs spans and holds nobody up.

use super::{Collector, NoTraces, Part, Said, Value};
use crate::way_out::{self, NoWayOut};
use opentelemetry::trace::{SpanKind, TraceContextExt as _, Tracer as _};
use opentelemetry::{Context, KeyValue, global};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use reqwest::blocking;
use std::time::Duration;

/// For a whole exchange with the collector.
const WHOLE: Duration = Duration::from_secs(10);
const NAME: &str = "almoner";

tokio::task_local! {
    /// The span that whatever is done is part of.
    static WITHIN: Context;
}

/// Goes on until it is dropped; what waits is sent then.
pub struct Exporting(SdkTracerProvider);

impl Exporting {
    /// Begins, outside any runtime: the client is of the kind that blocks its own thread. The process's
    /// cryptography is chosen by then.
    pub fn start(collector: &Collector) -> Result<Self, NoTraces> {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(collector.url.as_str())
            .with_timeout(WHOLE)
            .with_http_client(client(collector)?)
            .build()
            .map_err(|_error| NoWayOut::Setup)?;
        // Not what the environment says of the machine and the process.
        let resource = Resource::builder_empty().with_service_name(NAME).build();
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource)
            .build();
        global::set_tracer_provider(provider.clone());
        Ok(Self(provider))
    }
}

impl Drop for Exporting {
    fn drop(&mut self) {
        // Nobody is left to tell if the collector does not take it.
        self.0.shutdown().ok();
    }
}

fn client(collector: &Collector) -> Result<blocking::Client, NoTraces> {
    let builder = way_out::client(WHOLE, WHOLE, collector.roots.as_deref())?;
    blocking::ClientBuilder::from(builder)
        .timeout(WHOLE)
        .build()
        .map_err(|error| NoWayOut::from(error).into())
}

/// A span around some work, within the one that this is part of.
pub async fn around<F: Future>(
    part: Part,
    work: F,
    say: impl FnOnce(&F::Output, &mut Said),
) -> F::Output {
    let parent = WITHIN.try_with(Clone::clone).unwrap_or_default();
    let tracer = global::tracer(NAME);
    let kind = match part {
        Part::Request => SpanKind::Server,
        Part::HandOff | Part::Webhook => SpanKind::Internal,
        Part::ProcessorCall | Part::Delivery => SpanKind::Client,
    };
    let builder = tracer.span_builder(part.word()).with_kind(kind);
    let span = tracer.build_with_context(builder, &parent);
    let within = parent.with_span(span);
    let done = WITHIN.scope(within.clone(), work).await;
    let mut said = Said::default();
    say(&done, &mut said);
    let span = within.span();
    for (attribute, value) in said.0 {
        let name = attribute.word();
        span.set_attribute(match value {
            Value::Text(text) => KeyValue::new(name, text),
            Value::Word(told) => KeyValue::new(name, told),
            Value::Number(number) => KeyValue::new(name, i64::from(number)),
        });
    }
    span.end();
    done
}

/// For a task of its own that is begun by what this is part of.
pub fn carried<F: Future>(task: F) -> impl Future<Output = F::Output> {
    let within = WITHIN.try_with(Clone::clone).unwrap_or_default();
    WITHIN.scope(within, task)
}
