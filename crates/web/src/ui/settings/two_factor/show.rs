//! How it stands, and what can be done about it.

use askama::Template;
use tessera_model::Result;
use tessera_model::operation::settings_pages::ShowTwoFactor;
use tessera_service::two_factor::status::{self, Status};
use tessera_service::two_factor::{start, waiting};
use zeroize::Zeroizing;

use crate::reply::Reply;
use crate::ui::complaints::Complaints;
use crate::ui::frame::{Frame, Notice};
use crate::ui::places::{SettingsPage, settings_frame};
use crate::ui::settings::qr;
use crate::ui::visit::{Page, Visit};
use crate::ui::when::When;

#[derive(Template)]
#[template(path = "settings/two_factor.html")]
struct TwoFactorPage {
    frame: Frame,
    status: Status,
    /// From when on a password alone opens nothing.
    grace: Option<When>,
    /// Whether that time is over.
    closed: bool,
    /// The device that is being set up.
    device: Option<Device>,
    /// New recovery codes, a line each; shown this once.
    codes: Option<Zeroizing<String>>,
    problems: Complaints,
}

/// What a device must be told.
struct Device {
    picture: qr::Picture,
    /// The secret for typing, in groups of four.
    secret: Zeroizing<String>,
}

impl TwoFactorPage {
    fn lines(&self) -> Vec<&str> {
        self.codes.as_ref().map(|codes| codes.lines().collect()).unwrap_or_default()
    }
}

impl Page for ShowTwoFactor {
    async fn serve(visit: Visit<Self>) -> Result<Reply> {
        show(&visit, Complaints::default()).await
    }
}

/// Shows the page, with what is wrong with a form of it.
pub(super) async fn show<Op: Page>(visit: &Visit<Op>, problems: Complaints) -> Result<Reply> {
    let found = visit.read(|tx, _| {
        let user = tx.own_account::<Op>()?;
        let status = status::get(tx, &user)?;
        let waits = waiting::own(tx, &user)?;
        let device = waits.map(|secret| (start::provisioning_uri(tx, &user, &secret), secret.base32()));
        Ok((status, device))
    });
    let ((status, device), proof) = found.await?.take();
    let now = visit.service().now();
    let device = match device {
        Some((uri, secret)) => Some(Device { picture: qr::draw(&uri)?, secret: in_groups(&secret) }),
        None => None,
    };
    let mut frame = visit.bare_frame("Two-factor authentication")?;
    let mut codes = None;
    if let Some(told) = visit.told().await? {
        frame.notices.push(Notice { kind: "good", text: told.text });
        codes = told.secret;
    }
    let again = !problems.is_empty();
    let page = TwoFactorPage {
        frame: settings_frame(frame, SettingsPage::TwoFactor, "Two-factor authentication"),
        grace: status.grace_period_ends_at.map(|end| When::at(end, now)),
        closed: status.grace_period_ends_at.is_some_and(|end| end <= now),
        status,
        device,
        codes,
        problems,
    };
    if again { visit.show_again(proof, &page) } else { visit.show(proof, &page) }
}

/// Groups of four are read and typed without losing one's place.
fn in_groups(secret: &str) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(secret.len() * 5 / 4 + 1));
    for (place, letter) in secret.chars().enumerate() {
        if place > 0 && place % 4 == 0 {
            text.push(' ');
        }
        text.push(letter);
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn secrets_are_typed_in_groups() {
        assert_eq!(*super::in_groups("ABCDEFGHIJ"), "ABCD EFGH IJ");
        assert_eq!(*super::in_groups(""), "");
    }
}
