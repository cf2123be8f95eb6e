//! What is counted, in Prometheus' text form.

use std::sync::atomic::Ordering;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use tessera_service::TokenEnds;

/// The labels of a counted request.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Labels {
    operation: &'static str,
    class: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Operation {
    operation: &'static str,
}

/// The labels of counted tokens.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Ends {
    kind: &'static str,
    days: &'static str,
}

const CLASSES: [&str; 6] = ["other", "1xx", "2xx", "3xx", "4xx", "5xx"];
/// Bounds of the buckets of durations, in seconds.
const BUCKETS: [f64; 9] = [0.000_5, 0.002, 0.01, 0.05, 0.2, 1.0, 5.0, 30.0, 300.0];

/// The counters of the process.
pub struct Metrics {
    registry: Registry,
    requests: Family<Labels, Counter>,
    seconds: Family<Operation, Histogram>,
    /// Requests being served.
    pub in_flight: Gauge,
    ledger_dropped: Counter,
    ends: Family<Ends, Gauge>,
}

/// The counters of one operation, found once when the router is built.
#[derive(Clone)]
pub(crate) struct OperationMetrics {
    classes: [Counter; 6],
    seconds: Histogram,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("tessera");
        let requests = Family::<Labels, Counter>::default();
        let seconds = Family::<Operation, Histogram>::new_with_constructor(|| Histogram::new(BUCKETS));
        let in_flight = Gauge::default();
        registry.register(
            "http_requests",
            "Answered requests by operation and class of status",
            requests.clone(),
        );
        registry.register("http_request_seconds", "Time to answer by operation, in seconds", seconds.clone());
        let ledger_dropped = Counter::default();
        registry.register(
            "ledger_dropped",
            "Uses of tokens that the ledger could not keep",
            ledger_dropped.clone(),
        );
        registry.register("http_requests_in_flight", "Requests being served", in_flight.clone());
        let ends = Family::<Ends, Gauge>::default();
        registry.register(
            "tokens_by_days_to_expiry",
            "Living tokens by their kind and the days to their end",
            ends.clone(),
        );
        Self { registry, requests, seconds, in_flight, ledger_dropped, ends }
    }

    pub(crate) fn of(&self, operation: &'static str) -> OperationMetrics {
        let counter = |class| self.requests.get_or_create(&Labels { operation, class }).clone();
        OperationMetrics {
            classes: CLASSES.map(counter),
            seconds: self.seconds.get_or_create(&Operation { operation }).clone(),
        }
    }

    /// All of it; some is counted elsewhere. Without a count of tokens none is told.
    pub(crate) fn text(&self, ledger_dropped: u64, ends: Option<&TokenEnds>) -> String {
        match ends {
            Some(ends) => {
                for ((kind, days), count) in ends {
                    self.ends.get_or_create(&Ends { kind, days }).set(*count);
                }
            }
            None => self.ends.clear(),
        }
        self.ledger_dropped.inner().store(ledger_dropped, Ordering::Relaxed);
        let mut text = String::new();
        // Writing into a string cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

impl OperationMetrics {
    pub(crate) fn count(&self, status: u16, seconds: f64) {
        let class = usize::from(status / 100);
        self.classes.get(class).unwrap_or(&self.classes[0]).inc();
        self.seconds.observe(seconds);
    }
}
