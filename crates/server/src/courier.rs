//! A small client of HTTP/1.1 for web hooks: one request, one answer, over TLS where the URL says so, to addresses that
//! were judged before and to none else.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use hyper::body::{Frame, Incoming};
use hyper::client::conn::http1;
use hyper::header::{CONNECTION, CONTENT_LENGTH, HOST, HeaderName, HeaderValue};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tessera_service::web_hooks::courier::{Answer, BODY_LIMIT, Courier, Post, Posting, Resolving};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{
    CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    ClientConfig, DigitallySignedStruct, Error as TlsError, RootCertStore, SignatureScheme,
};
use url::{Position, Url};

/// What a whole call may take, and asking for a name.
const PATIENCE: Duration = Duration::from_secs(10);
const NAME_PATIENCE: Duration = Duration::from_secs(5);
/// Addresses of a name that are tried.
const TRIED: usize = 3;

/// The client.
#[derive(Default)]
pub(crate) struct Client {
    /// Read at the first call that needs it: the system's authorities take megabytes, and most instances call nobody.
    tls: OnceLock<Result<Tls, TlsError>>,
}

struct Tls {
    strict: Arc<ClientConfig>,
    lax: Arc<ClientConfig>,
}

impl Tls {
    /// Believes the system's authorities.
    fn of_system() -> Result<Self, TlsError> {
        let mut authorities = RootCertStore::empty();
        // Those that cannot be read are passed over: without any, receivers with TLS are refused and told so.
        authorities.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Self::believing(authorities)
    }

    fn believing(authorities: RootCertStore) -> Result<Self, TlsError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = || {
            ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()
        };
        let strict = builder()?.with_root_certificates(authorities).with_no_client_auth();
        let anybody = Arc::new(Anybody(Arc::clone(&provider)));
        let lax = builder()?.dangerous().with_custom_certificate_verifier(anybody).with_no_client_auth();
        Ok(Self { strict: Arc::new(strict), lax: Arc::new(lax) })
    }
}

impl Client {
    async fn call(&self, post: &Post) -> Result<Answer, String> {
        let stream = connect(post).await?;
        if post.url.scheme() == "http" {
            return exchange(stream, post).await;
        }
        let tls = self.tls.get_or_init(Tls::of_system).as_ref().map_err(|error| format!("TLS: {error}"))?;
        let config = if post.verifies_tls { &tls.strict } else { &tls.lax };
        let name = post.url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let name = ServerName::try_from(name).map_err(|error| format!("the name of the host: {error}"))?;
        let stream = TlsConnector::from(Arc::clone(config)).connect(name, stream).await;
        exchange(stream.map_err(|error| format!("TLS: {error}"))?, post).await
    }
}

impl Courier for Client {
    fn resolve<'a>(&'a self, name: &'a str) -> Resolving<'a> {
        Box::pin(async move {
            let asked = tokio::time::timeout(NAME_PATIENCE, tokio::net::lookup_host((name, 0)));
            let found = asked.await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
            Ok(found.map(|address| address.ip()).collect::<Vec<IpAddr>>())
        })
    }

    fn post<'a>(&'a self, post: &'a Post) -> Posting<'a> {
        Box::pin(async move {
            let late = |_| format!("the receiver took longer than {} seconds", PATIENCE.as_secs());
            tokio::time::timeout(PATIENCE, self.call(post)).await.map_err(late)?
        })
    }
}

/// Connects to one of the addresses. Where both ends of a connection have the same address, it leads to this machine.
async fn connect(post: &Post) -> Result<TcpStream, String> {
    let mut error = String::new();
    for address in post.addresses.iter().take(TRIED) {
        match TcpStream::connect(address).await {
            Ok(stream) if !post.own && leads_here(&stream, *address) => {
                "Requests to localhost are not allowed".clone_into(&mut error);
            }
            Ok(stream) => {
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Err(failure) => error = format!("{address}: {failure}"),
        }
    }
    Err(error)
}

fn leads_here(stream: &TcpStream, address: SocketAddr) -> bool {
    stream.local_addr().map_or(true, |own| own.ip() == address.ip())
}

/// Sends the request and reads the beginning of the answer.
async fn exchange<S>(stream: S, post: &Post) -> Result<Answer, String>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let told = |error: hyper::Error| format!("the receiver broke off: {error}");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(told)?;
    let connection = tokio::spawn(connection);
    let answer = async {
        let response = sender.send_request(request(post)?).await.map_err(told)?;
        Ok(read(response).await)
    };
    let answer = answer.await;
    connection.abort();
    answer
}

fn request(post: &Post) -> Result<Request<Body>, String> {
    let told = |error: hyper::http::Error| format!("the request cannot be written: {error}");
    let target = &post.url[Position::BeforePath..Position::AfterQuery];
    let mut request = Request::post(if target.is_empty() { "/" } else { target })
        .body(Body::from(post.body.clone()))
        .map_err(told)?;
    let headers = request.headers_mut();
    headers.insert(HOST, value(&host(&post.url))?);
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(post.body.len()));
    for (name, text) in &post.headers {
        let name = HeaderName::try_from(*name).map_err(|error| format!("the header {name}: {error}"))?;
        let mut value = value(text)?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Ok(request)
}

fn value(text: &str) -> Result<HeaderValue, String> {
    HeaderValue::from_bytes(text.as_bytes()).map_err(|_| "a header holds what none may hold".to_owned())
}

/// Host and port as the header has them.
fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// The status counts, whatever becomes of the body.
async fn read(response: Response<Incoming>) -> Answer {
    let (parts, mut body) = response.into_parts();
    let text = |value: &HeaderValue| value.to_str().ok().map(str::to_owned);
    let headers = parts.headers.iter().filter_map(|(name, value)| Some((name.to_string(), text(value)?)));
    let headers = headers.collect();
    let mut bytes = Vec::new();
    while bytes.len() < BODY_LIMIT {
        let frame = std::future::poll_fn(|context| std::pin::Pin::new(&mut body).poll_frame(context)).await;
        let Some(Ok(frame)) = frame else { break };
        bytes.extend_from_slice(Frame::data_ref(&frame).map_or(&[][..], |data| data));
    }
    bytes.truncate(BODY_LIMIT);
    Answer { status: parts.status.as_u16(), headers, body: String::from_utf8_lossy(&bytes).into_owned() }
}

/// Believes every certificate: whoever made the hook has switched the check off.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;
    use tokio_rustls::rustls::ServerConfig;
    use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

    use super::*;

    /// A certificate for `hooks.test` that vouches for itself, and its key; both for these tests alone.
    const CERTIFICATE: &str = "MIIBljCCATugAwIBAgIUN/N3T0SdhGgE1Zl/x1lbCwYHBMgwCgYIKoZIzj0EAwIwFTETMBEGA1UEAwwKaG9va3MudG\
        VzdDAgFw0yNjExMjExODUwMDhaGA8yMTI2MTAyODE4NTAwOFowFTETMBEGA1UEAwwKaG9va3MudGVzdDBZMBMGByqGSM49AgEGCCqGSM49Aw\
        EHA0IABGrUwGFL0i4RQ6Zm3Az0hZWfdLDknszuywbAgCqLo7CMSJZuRan9eHWCth+7LGFNqhYQMyROiOxTZrPmZ/pS35qjZzBlMB0GA1UdDg\
        QWBBT1laF/x/+TO2s9mQR+P37XFQqMvjAfBgNVHSMEGDAWgBT1laF/x/+TO2s9mQR+P37XFQqMvjAVBgNVHREEDjAMggpob29rcy50ZXN0MA\
        wGA1UdEwEB/wQCMAAwCgYIKoZIzj0EAwIDSQAwRgIhANrXL6FS5AehusahgsXgP/vnYj1wLesY34N1ChPkaBvwAiEA03gpQyNT57Urso1N6L\
        6DfjzYHKupUAvIYY8P47kvu9k=";
    const KEY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg2oQRv/9EtqESUPrtL4rv6o4Ax2kt5GYFL+CtQzoBBU\
        GhRANCAARq1MBhS9IuEUOmZtwM9IWVn3Sw5J7M7ssGwIAqi6OwjEiWbkWp/Xh1grYfuyxhTaoWEDMkTojsU2az5mf6Ut+a";

    fn certificate() -> CertificateDer<'static> {
        CertificateDer::from(STANDARD.decode(CERTIFICATE).unwrap())
    }

    fn believing(authorities: RootCertStore) -> Client {
        Client { tls: OnceLock::from(Tls::believing(authorities)) }
    }

    /// A receiver with TLS that greets whoever comes through.
    async fn receiver() -> SocketAddr {
        let key = PrivatePkcs8KeyDer::from(STANDARD.decode(KEY).unwrap());
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config =
            ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = config.with_no_client_auth().with_single_cert(vec![certificate()], key.into()).unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let mut bytes = [0_u8; 4096];
                let _ = stream.read(&mut bytes).await;
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello").await;
            }
        });
        address
    }

    async fn asked(
        client: &Client,
        address: SocketAddr,
        host: &str,
        verifies_tls: bool,
    ) -> Result<String, String> {
        let post = Post {
            url: Url::parse(&format!("https://{host}:{}/", address.port())).unwrap(),
            addresses: vec![address],
            own: true,
            verifies_tls,
            headers: Vec::new(),
            body: b"{}".to_vec(),
        };
        client.post(&post).await.map(|answer| answer.body)
    }

    #[tokio::test]
    async fn a_certificate_is_asked_for_unless_the_hook_says_otherwise() {
        let address = receiver().await;
        let stranger = believing(RootCertStore::empty());
        let refused = asked(&stranger, address, "hooks.test", true).await.unwrap_err();
        assert!(refused.starts_with("TLS: "), "{refused}");
        assert_eq!(asked(&stranger, address, "hooks.test", false).await.unwrap(), "hello");
        let mut authorities = RootCertStore::empty();
        authorities.add(certificate()).unwrap();
        let friend = believing(authorities);
        assert_eq!(asked(&friend, address, "hooks.test", true).await.unwrap(), "hello");
        let another = asked(&friend, address, "other.test", true).await.unwrap_err();
        assert!(another.starts_with("TLS: "), "{another}");
    }

    #[tokio::test]
    async fn the_own_machine_is_left_alone_under_whichever_address() {
        let address = receiver().await;
        let client = believing(RootCertStore::empty());
        let post = Post {
            url: Url::parse("https://hooks.test/").unwrap(),
            addresses: vec![address],
            own: false,
            verifies_tls: false,
            headers: Vec::new(),
            body: Vec::new(),
        };
        assert_eq!(client.post(&post).await.unwrap_err(), "Requests to localhost are not allowed");
    }
}
