//! A mail as it goes over the wire.

use std::time::{Duration, UNIX_EPOCH};

use lettre::Message;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use tessera_service::mail::{Mail, SendError};

/// Who writes.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    pub(super) from: Mailbox,
    pub(super) reply_to: Option<Mailbox>,
}

/// Says that no person wrote this, so that no holiday notice answers (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

impl Writer {
    /// Puts a mail into its form.
    ///
    /// # Errors
    /// When it cannot be one, such as with an address that is none.
    pub(super) fn message(&self, mail: &Mail) -> Result<Message, SendError> {
        let refused = |error: &dyn std::fmt::Display| SendError::Refused(format!("{}: {error}", mail.to));
        let address = mail.to.parse().map_err(|error| refused(&error))?;
        let name = Some(one_line(&mail.to_name)).filter(|name| !name.is_empty());
        let since = Duration::from_micros(u64::try_from(mail.created_at.0).unwrap_or(0));
        let mut builder = Message::builder()
            .message_id(Some(format!("<{}>", mail.message_id)))
            .date(UNIX_EPOCH + since)
            .from(self.from.clone())
            .to(Mailbox::new(name, address))
            .subject(one_line(&mail.subject))
            .header(AutoSubmitted);
        if let Some(reply_to) = &self.reply_to {
            builder = builder.reply_to(reply_to.clone());
        }
        let body = MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone());
        builder.multipart(body).map_err(|error| refused(&error))
    }
}

/// Text that cannot end its header. The library gives up on some control characters, so none gets there.
fn one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use tessera_model::time::Timestamp;

    use super::*;

    fn mail(to: &str, name: &str) -> Mail {
        Mail {
            message_id: "0123@tessera.test".to_owned(),
            to: to.to_owned(),
            to_name: name.to_owned(),
            subject: "Your tokens\r\nBcc: eve@people.test".to_owned(),
            text: "plain\n".to_owned(),
            html: "<p>html</p>\n".to_owned(),
            created_at: Timestamp(1_804_148_130_120_000),
        }
    }

    fn written(mail: &Mail) -> Result<String, SendError> {
        let writer = Writer { from: "Tessera <tessera@tessera.test>".parse().unwrap(), reply_to: None };
        Ok(String::from_utf8(writer.message(mail)?.formatted()).unwrap())
    }

    #[test]
    fn it_has_the_headers_of_a_machines_mail() {
        let text = written(&mail("ada@people.test", "Ada")).unwrap();
        for line in [
            "Message-ID: <0123@tessera.test>",
            "Date: Thu, 04 Mar 2027 08:15:30 +0000",
            "From: Tessera <tessera@tessera.test>",
            "To: Ada <ada@people.test>",
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
        assert!(text.contains("text/plain") && text.contains("text/html"));
    }

    #[test]
    fn neither_names_nor_subjects_make_headers() {
        let evil = mail("ada@people.test", "Ada\r\nBcc: eve@people.test\r\n\r\nbody");
        let text = written(&evil).unwrap();
        let head = text.split("\r\n\r\n").next().unwrap();
        assert!(!head.lines().any(|line| line.to_lowercase().starts_with("bcc")), "{head}");
        assert_eq!(head.lines().filter(|line| line.starts_with("Content-Type")).count(), 1, "{head}");
        for address in
            ["ada@people.test\r\nBcc: eve@people.test", "ada@people.test>, <eve@people.test", "nobody"]
        {
            assert!(matches!(written(&mail(address, "Ada")), Err(SendError::Refused(_))), "{address}");
        }
    }

    #[test]
    fn the_first_administrators_address_is_one() {
        assert!(written(&mail("admin@127.0.0.1", "Administrator")).is_ok());
    }
}
