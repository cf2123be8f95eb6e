//! `/admin/tokens/calendar`: on which days of the coming year how many tokens end.

use askama::Template;
use tessera_model::Result;
use tessera_model::operation::admin_pages::ShowEndings;
use tessera_model::time::Date;
use tessera_service::tokens::calendar;

use super::PATH;
use crate::reply::Reply;
use crate::ui::admin::{address, counted};
use crate::ui::frame::Frame;
use crate::ui::places::{AdminPage, admin_frame};
use crate::ui::visit::{Page, Visit};
use crate::ui::when;

#[derive(Template)]
#[template(path = "admin/calendar.html")]
struct CalendarPage {
    frame: Frame,
    months: Vec<Month>,
    /// Such as `12 tokens`: those that end in the year shown.
    total: String,
    any: bool,
    /// Whether the ends of personal tokens bind them.
    enforced: bool,
}

/// A month of squares.
struct Month {
    title: String,
    /// The column of its first square, 1 for a Monday.
    offset: i64,
    days: Vec<Square>,
}

/// A day.
struct Square {
    href: String,
    label: String,
    level: u8,
    today: bool,
}

/// The colour of so many tokens.
fn level(count: i64) -> u8 {
    match count {
        ..=0 => 0,
        1 => 1,
        2..=4 => 2,
        5..=19 => 3,
        _ => 4,
    }
}

/// The day of the week, 1 for Monday.
fn weekday(date: Date) -> i64 {
    // The first day of 1970 was a Thursday.
    let since = Date::parse("1970-01-01").map_or(0, |first| first.days_until(date));
    (since + 3).rem_euclid(7) + 1
}

impl Square {
    fn of(date: Date, count: i64, today: Date) -> Self {
        let next = date.plus_days(1).to_string();
        let day = date.to_string();
        let fields = [("state", "active"), ("ends_from", &*day), ("ends_before", &*next)];
        let ends = if count == 1 { "ends" } else { "end" };
        Self {
            href: address(PATH, fields),
            label: format!("{} {ends} on {}", counted(count, "token", "tokens"), when::day(date)),
            level: level(count),
            today: date == today,
        }
    }
}

/// Days in their months.
fn months(days: impl Iterator<Item = (Date, i64)>, today: Date) -> Vec<Month> {
    let mut months: Vec<Month> = Vec::new();
    let mut current = String::new();
    for (date, count) in days {
        let day = when::day(date);
        // `3 Dec 2026` without its day.
        let title = day.split_once(' ').map_or("", |(_, rest)| rest);
        if title != current || months.is_empty() {
            title.clone_into(&mut current);
            months.push(Month { title: title.to_owned(), offset: weekday(date), days: Vec::new() });
        }
        if let Some(month) = months.last_mut() {
            month.days.push(Square::of(date, count, today));
        }
    }
    months
}

impl Page for ShowEndings {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        let found = visit.read(|tx, _| {
            let right = tx.instance::<Self>()?;
            Ok((calendar::of_endings(tx, &right)?, tx.today()))
        });
        let ((found, today), proof) = found.await?.take();
        let total: i64 = found.days.iter().map(calendar::Day::total).sum();
        // What ends today has ended.
        let days = [(today, 0)].into_iter().chain(found.days.iter().map(|day| (day.date, day.total())));
        let frame = admin_frame(visit.frame("Calendar of endings").await?, AdminPage::Tokens, "")
            .crumb("Access tokens", PATH)
            .crumb("Calendar of endings", "");
        let page = CalendarPage {
            frame,
            months: months(days, today),
            total: counted(total, "token ends", "tokens end"),
            any: total > 0,
            enforced: found.enforced,
        };
        visit.show(proof, &page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    #[test]
    fn days_of_the_week() {
        for (day, number) in [("1970-01-01", 4), ("2026-11-21", 6), ("2026-11-23", 1), ("2028-02-29", 2)] {
            assert_eq!(weekday(date(day)), number, "{day}");
        }
    }

    #[test]
    fn months_begin_in_the_column_of_their_first_day() {
        let today = date("2026-11-30");
        let found = months([(today, 0), (date("2026-12-01"), 7)].into_iter(), today);
        let told: Vec<_> =
            found.iter().map(|month| (&*month.title, month.offset, month.days.len())).collect();
        assert_eq!(told, [("Nov 2026", 1, 1), ("Dec 2026", 2, 1)]);
        assert!(found[0].days[0].today);
        let day = &found[1].days[0];
        assert_eq!((day.level, &*day.label), (3, "7 tokens end on 1 Dec 2026"));
        assert_eq!(day.href, "/admin/tokens?state=active&ends_from=2026-12-01&ends_before=2026-12-02");
    }
}
