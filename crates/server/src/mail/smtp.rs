//! A mail server, over SMTP with TLS.

use std::borrow::Cow;
use std::time::Duration;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{Error as SmtpError, PoolConfig};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use percent_encoding::percent_decode_str;
use tessera_service::mail::{Mail, Outbox, SendError, Sending};
use url::{Host, Url};

use super::message::Writer;
use super::wrong;
use crate::{Failure, config};

/// What `mail.starttls` may say.
const STARTTLS: &[&str] = &["required", "opportunistic", "never"];
/// Ports of submission with STARTTLS and with TLS from the first byte on (RFC 6409, RFC 8314).
const PORTS: (u16, u16) = (587, 465);
/// The longest that handing over one mail may take, however slowly the server answers each command. It is shorter than
/// the sender's claim on the mail.
const PATIENCE: Duration = Duration::from_mins(4);
/// The status with which a server says that it is closing, whatever the mail.
const CLOSING: u16 = 421;
/// How a certificate begins in a PEM file.
const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// The server.
pub(super) struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    writer: Writer,
}

/// Judges what the configuration says of a server.
pub(super) fn check(config: &config::Mail, url: &Url) -> Result<(), Failure> {
    let starttls = config.starttls.as_str();
    if !STARTTLS.contains(&starttls) {
        return Err(wrong("mail.starttls", "must be required, opportunistic or never"));
    }
    let local = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        // Without a scheme of its own that it knew, the URL has a name even where that is an address.
        Some(Host::Domain(name)) => {
            name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        None => false,
    };
    let safe = url.scheme() == "smtps" || starttls == "required" || local;
    if url.password().is_some() && !safe {
        return Err(wrong("mail.starttls", "must be required where mail.url has a password"));
    }
    if !["", "/"].contains(&url.path()) || url.query().is_some() {
        return Err(wrong("mail.url", "has more than a user, a password, a host and a port"));
    }
    if config.timeout_seconds == 0 {
        return Err(wrong("mail.timeout_seconds", "must be 1 or more"));
    }
    Ok(())
}

impl Smtp {
    pub(super) fn new(config: &config::Mail, url: &Url, host: &str, writer: Writer) -> Result<Self, Failure> {
        check(config, url)?;
        let server = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let tls = tls(config, server)?;
        let (tls, port) = match (url.scheme(), config.starttls.as_str()) {
            ("smtps", _) => (Tls::Wrapper(tls), PORTS.1),
            (_, "never") => (Tls::None, PORTS.0),
            (_, "opportunistic") => (Tls::Opportunistic(tls), PORTS.0),
            _ => (Tls::Required(tls), PORTS.0),
        };
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(server)
            .port(url.port().unwrap_or(port))
            .tls(tls)
            .hello_name(ClientId::Domain(host.to_owned()))
            .timeout(Some(Duration::from_secs(config.timeout_seconds)))
            .pool_config(PoolConfig::new().max_size(1));
        if let Some(password) = url.password() {
            transport = transport.credentials(Credentials::new(decoded(url.username())?, decoded(password)?));
        }
        Ok(Self { transport: transport.build(), writer })
    }

    /// What an error says of the mail and of the server. A refusal counts as the mail's only when the server takes us
    /// otherwise: a wrong password is no fault of a mail.
    async fn judge(&self, error: SmtpError) -> SendError {
        let text = told(&error);
        if error.is_transient() && error.status().is_none_or(|code| u16::from(code) != CLOSING) {
            return SendError::Later(text);
        }
        if error.is_permanent() && matches!(self.transport.test_connection().await, Ok(true)) {
            return SendError::Refused(text);
        }
        SendError::Unavailable(text)
    }
}

impl Outbox for Smtp {
    fn send<'a>(&'a self, mail: &'a Mail) -> Sending<'a> {
        Box::pin(async move {
            let message = self.writer.message(mail)?;
            let sending = async {
                match self.transport.send(message).await {
                    Ok(_) => Ok(()),
                    Err(error) => Err(self.judge(error).await),
                }
            };
            let late = |_| SendError::Unavailable("the mail server took too long".to_owned());
            tokio::time::timeout(PATIENCE, sending).await.map_err(late)?
        })
    }
}

fn tls(config: &config::Mail, server: &str) -> Result<TlsParameters, Failure> {
    let mut tls = TlsParameters::builder(server.to_owned());
    if !config.ca_file.is_empty() {
        let pem = std::fs::read(&config.ca_file)
            .map_err(|error| wrong("mail.ca_file", format!("{}: {error}", config.ca_file)))?;
        if !pem.windows(BEGIN.len()).any(|part| part == BEGIN) {
            return Err(wrong("mail.ca_file", format!("{}: holds no certificate", config.ca_file)));
        }
        let authorities = Certificate::from_pem(&pem)
            .map_err(|error| wrong("mail.ca_file", format!("{}: {}", config.ca_file, told(&error))))?;
        tls = tls.certificate_store(CertificateStore::None).add_root_certificate(authorities);
    }
    tls.build_rustls().map_err(|error| wrong("mail.ca_file", told(&error)))
}

fn decoded(part: &str) -> Result<String, Failure> {
    let decoded = percent_decode_str(part).decode_utf8();
    decoded.map(Cow::into_owned).map_err(|_| wrong("mail.url", "has a user or password that is no UTF-8"))
}

/// An error with its causes, in one line.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(url: &str, starttls: &str) -> Option<String> {
        let config =
            config::Mail { url: url.to_owned(), starttls: starttls.to_owned(), ..Default::default() };
        check(&config, &Url::parse(url).unwrap()).err().map(Failure::into_text)
    }

    #[test]
    fn a_password_never_travels_in_the_clear() {
        assert_eq!(complaint("smtp://ada:secret@mail.test", "required"), None);
        assert_eq!(complaint("smtps://ada:secret@mail.test", "never"), None);
        assert_eq!(complaint("smtp://mail.test:25", "never"), None);
        assert_eq!(complaint("smtp://ada:secret@127.0.0.1:2525", "never"), None);
        for starttls in ["opportunistic", "never"] {
            let complaint = complaint("smtp://ada:secret@mail.test", starttls).unwrap();
            assert!(complaint.contains("mail.starttls"), "{complaint}");
        }
        assert!(complaint("smtp://mail.test", "maybe").unwrap().contains("mail.starttls"));
        assert!(complaint("smtp://mail.test?tls=none", "required").unwrap().contains("mail.url"));
    }

    #[test]
    fn a_file_of_authorities_must_hold_some() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for path in [file.path().display().to_string(), "/nonexistent/ca.pem".to_owned()] {
            let config = config::Mail { ca_file: path, ..Default::default() };
            assert!(
                tls(&config, "mail.test").is_err_and(|failure| failure.into_text().contains("mail.ca_file"))
            );
        }
    }
}
