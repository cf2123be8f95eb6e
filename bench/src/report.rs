//! What was measured: series of paired rounds, printed as a table and written as JSON.

use crate::error::{Context, Error, Result};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// Which way is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// Rates: the ratio is product / baseline.
    More,
    /// Times, CPU and memory: the ratio is baseline / product, so that above 1 is good here too.
    Less,
}

/// What a figure is held against.
#[derive(Debug, Clone, Copy)]
pub enum Aim {
    /// The median of the paired ratios is at least this.
    Ratio(f64),
    /// The product's median is below this, in the figure's unit.
    Below(f64),
    /// The product's median is at least this, in the figure's unit.
    AtLeast(f64),
    /// Told, not judged.
    None,
}

/// One figure over all rounds; the values at one index come from the same round.
#[derive(Debug)]
pub struct Figure {
    /// The case it belongs to.
    pub case: &'static str,
    /// What was measured, on which two sides.
    pub name: String,
    /// The unit of the values.
    pub unit: &'static str,
    /// Which way is good.
    pub better: Better,
    /// What it is held against.
    pub aim: Aim,
    /// The product's values.
    pub product: Vec<f64>,
    /// The baseline's values.
    pub baseline: Vec<f64>,
}

impl Figure {
    /// A figure without values yet.
    pub fn new(
        case: &'static str,
        name: impl Into<String>,
        unit: &'static str,
        better: Better,
        aim: Aim,
    ) -> Self {
        Self { case, name: name.into(), unit, better, aim, product: Vec::new(), baseline: Vec::new() }
    }

    /// Adds a round.
    pub fn round(&mut self, product: f64, baseline: f64) {
        self.product.push(product);
        self.baseline.push(baseline);
    }

    fn ratios(&self) -> Vec<f64> {
        let pairs = self.product.iter().zip(&self.baseline);
        pairs
            .map(|(product, baseline)| match self.better {
                Better::More => product / baseline,
                Better::Less => baseline / product,
            })
            .filter(|ratio| ratio.is_finite())
            .collect()
    }

    fn verdict(&self) -> &'static str {
        let met = match self.aim {
            Aim::None => return "",
            Aim::Ratio(least) => Spread::of(&self.ratios()).map(|ratio| ratio.median >= least),
            Aim::Below(limit) => Spread::of(&self.product).map(|product| product.median < limit),
            Aim::AtLeast(least) => Spread::of(&self.product).map(|product| product.median >= least),
        };
        match met {
            Some(true) => "met",
            Some(false) => "MISSED",
            None => "no value",
        }
    }

    fn aim_text(&self) -> String {
        match self.aim {
            Aim::None => String::new(),
            Aim::Ratio(least) => format!("ratio >= {least}"),
            Aim::Below(limit) => format!("< {limit} {}", self.unit),
            Aim::AtLeast(least) => format!(">= {least} {}", self.unit),
        }
    }
}

/// Median and range of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// The middle value; of an even number the mean of the middle two.
    pub median: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
}

impl Spread {
    /// None for an empty series.
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (min, max) = (*sorted.first()?, *sorted.last()?);
        let middle = sorted.len() / 2;
        let median = if sorted.len() % 2 == 1 {
            sorted[middle]
        } else {
            f64::midpoint(sorted[middle - 1], sorted[middle])
        };
        Some(Self { median, min, max })
    }

    fn text(series: &[f64]) -> String {
        Self::of(series).map_or_else(
            || "-".to_owned(),
            |spread| format!("{} [{}-{}]", short(spread.median), short(spread.min), short(spread.max)),
        )
    }
}

/// Three figures that matter, no more.
fn short(value: f64) -> String {
    match value.abs() {
        size if size >= 1e5 => format!("{:.0}k", value / 1e3),
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// How a case ended.
#[derive(Debug)]
struct Ending {
    case: String,
    state: &'static str,
    reason: String,
}

/// Everything one run found.
#[derive(Debug, Default)]
pub struct Report {
    figures: Vec<Figure>,
    notes: Vec<String>,
    endings: Vec<Ending>,
}

impl Report {
    /// Takes the figures of a case.
    pub fn add(&mut self, figures: impl IntoIterator<Item = Figure>) {
        self.figures.extend(figures);
    }

    /// Something the reader must know to judge the figures.
    pub fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    /// A case, or a part of one, that gave no figures.
    pub fn ended(&mut self, case: &str, error: Error) {
        let (state, reason) = match error {
            Error::Missing(reason) => ("not run", reason),
            Error::Failed(reason) => ("FAILED", reason),
        };
        self.endings.push(Ending { case: case.to_owned(), state, reason });
    }

    /// True when no case failed (cases not run are no failures, and no passes either).
    pub fn sound(&self) -> bool {
        self.endings.iter().all(|ending| ending.state == "not run")
    }

    /// True when every judged figure met its aim and every case was run.
    pub fn all_met(&self) -> bool {
        self.endings.is_empty() && self.figures.iter().all(|figure| matches!(figure.verdict(), "" | "met"))
    }

    /// The table for people.
    pub fn table(&self, machine: &Machine) -> String {
        let mut rows =
            vec![["case", "figure", "unit", "product", "baseline", "ratio", "aim", ""].map(str::to_owned)];
        rows.extend(self.figures.iter().map(|figure| {
            [
                figure.case.to_owned(),
                figure.name.clone(),
                figure.unit.to_owned(),
                Spread::text(&figure.product),
                Spread::text(&figure.baseline),
                Spread::text(&figure.ratios()),
                figure.aim_text(),
                figure.verdict().to_owned(),
            ]
        }));
        let mut widths = [0; 8];
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let mut text = String::new();
        let _ = writeln!(text, "{}", machine.line());
        let _ = writeln!(
            text,
            "median [min-max] of the rounds; ratio = median of the paired ratios, above 1 = product better\n"
        );
        for row in &rows {
            let cells: Vec<String> =
                row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
            let _ = writeln!(text, "{}", cells.join("  ").trim_end());
        }
        text.push('\n');
        for note in &self.notes {
            let _ = writeln!(text, "note: {note}");
        }
        for ending in &self.endings {
            let _ = writeln!(text, "{} {}: {}", ending.case, ending.state, ending.reason);
        }
        text
    }

    /// Writes `bench-SECONDS.json` and `latest.json` into `folder`; the path of the first.
    pub fn save(&self, folder: &Path, machine: &Machine, settings: &Value) -> Result<PathBuf> {
        let figures: Vec<Value> = self.figures.iter().map(figure_json).collect();
        let endings: Vec<Value> = self.endings.iter().map(ending_json).collect();
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let all = json!({
            "unix_time": seconds, "machine": machine.json(), "settings": settings, "figures": figures,
            "without_figures": endings, "notes": self.notes,
        });
        let text = serde_json::to_vec_pretty(&all).context("report")?;
        let path = folder.join(format!("bench-{seconds}.json"));
        std::fs::write(&path, &text).context("report")?;
        std::fs::write(folder.join("latest.json"), &text).context("report")?;
        Ok(path)
    }
}

fn ending_json(ending: &Ending) -> Value {
    json!({ "case": ending.case, "state": ending.state, "reason": ending.reason })
}

fn figure_json(figure: &Figure) -> Value {
    let spread = |series: &[f64]| {
        Spread::of(series)
            .map(|s| json!({ "median": s.median, "min": s.min, "max": s.max, "values": series }))
    };
    json!({
        "case": figure.case, "name": figure.name, "unit": figure.unit,
        "better": if figure.better == Better::More { "more" } else { "less" },
        "product": spread(&figure.product), "baseline": spread(&figure.baseline),
        "ratio": spread(&figure.ratios()), "aim": figure.aim_text(), "verdict": figure.verdict(),
    })
}

/// Where the figures were taken: without it they say little.
#[derive(Debug)]
pub struct Machine {
    cores: usize,
    processor: String,
    kernel: String,
    load_before: String,
}

impl Machine {
    /// Reads `/proc`; the load average is that of this moment.
    pub fn look() -> Self {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let cpuinfo = read("/proc/cpuinfo");
        let model = cpuinfo.lines().find_map(|line| line.strip_prefix("model name"));
        Self {
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            processor: model.unwrap_or("unknown").trim_start_matches([' ', '\t', ':']).to_owned(),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            load_before: load_average(),
        }
    }

    fn line(&self) -> String {
        format!(
            "{} cores ({}), Linux {}, load average {} before and {} after",
            self.cores,
            self.processor,
            self.kernel,
            self.load_before,
            load_average()
        )
    }

    fn json(&self) -> Value {
        json!({
            "cores": self.cores, "processor": self.processor, "kernel": self.kernel,
            "load_before": self.load_before, "load_after": load_average(),
        })
    }
}

fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or("unknown").to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Aim, Better, Figure, Report, Spread};
    use crate::error::Error;

    #[test]
    fn spread_of_odd_even_and_none() {
        assert_eq!(Spread::of(&[3.0, 1.0, 2.0]), Some(Spread { median: 2.0, min: 1.0, max: 3.0 }));
        assert_eq!(Spread::of(&[1.0, 2.0]), Some(Spread { median: 1.5, min: 1.0, max: 2.0 }));
        assert_eq!(Spread::of(&[]), None);
    }

    #[test]
    fn ratios_are_paired_and_turn_with_the_direction() {
        let mut rate = Figure::new("c", "n", "req/s", Better::More, Aim::Ratio(0.4));
        rate.round(50.0, 100.0);
        assert_eq!((rate.ratios(), rate.verdict()), (vec![0.5], "met"));
        let mut time = Figure::new("c", "n", "s", Better::Less, Aim::Ratio(0.95));
        time.round(2.0, 1.0);
        assert_eq!((time.ratios(), time.verdict()), (vec![0.5], "MISSED"));
        let empty = Figure::new("c", "n", "s", Better::Less, Aim::Below(1.0));
        assert_eq!(empty.verdict(), "no value");
    }

    #[test]
    fn a_case_not_run_is_neither_failure_nor_success() {
        let mut report = Report::default();
        assert!(report.all_met());
        report.ended("clone", Error::Missing("no nginx".to_owned()));
        assert!(report.sound());
        assert!(!report.all_met());
        report.ended("create", Error::Failed("broke".to_owned()));
        assert!(!report.sound());
    }
}
