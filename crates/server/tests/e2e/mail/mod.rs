//! What people are told by mail, and that each of them is told once.

mod delivery;
mod expiry;
mod token_changes;
mod year;

use std::fmt::Write;

use tessera_service::mail::Mail;
use tessera_testkit::TestApp;

/// Mails as a person reads them: to whom, the subject, the plain text.
fn told(mails: &[Mail]) -> String {
    let mut text = String::new();
    for mail in mails {
        let _ =
            write!(text, "To: {} <{}>\nSubject: {}\n\n{}\n", mail.to_name, mail.to, mail.subject, mail.text);
    }
    text
}

/// Who was told what, a line each.
fn subjects(mails: &[Mail]) -> Vec<String> {
    mails.iter().map(|mail| format!("{}: {}", mail.to, mail.subject)).collect()
}

/// Sends what waits and forgets it.
async fn forget(app: &TestApp) {
    app.mails().await;
}
