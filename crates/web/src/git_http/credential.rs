//! What a Git request presents. Basic is what git sends; a token in one of the two headers of the API
//! counts the same, with the same verdict (L1, L2). The first carrier that is not blank decides, alone.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use tessera_model::secret::PlainToken;
use tessera_service::Credential;
use tessera_service::git_access::Presented;

/// Finds the credential of a request.
pub(super) fn of_git(headers: &HeaderMap) -> Presented {
    match text(headers, "private-token") {
        Some(Ok(token)) => return credential(token),
        Some(Err(())) => return Presented::Credential(Credential::Unusable),
        None => {}
    }
    let Some(authorization) = text(headers, AUTHORIZATION.as_str()) else {
        return Presented::Credential(Credential::Anonymous);
    };
    let parts = authorization.ok().and_then(|text| text.split_once(' '));
    match parts.map(|(scheme, rest)| (scheme.to_ascii_lowercase(), rest.trim())) {
        Some((scheme, token)) if scheme == "bearer" && !token.is_empty() => credential(token),
        Some((scheme, pair)) if scheme == "basic" => {
            basic(pair).unwrap_or(Presented::Credential(Credential::Unusable))
        }
        _ => Presented::Credential(Credential::Unusable),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<Result<&'a str, ()>> {
    match headers.get(name)?.to_str() {
        Ok(text) if text.trim().is_empty() => None,
        Ok(text) => Some(Ok(text.trim())),
        Err(_) => Some(Err(())),
    }
}

fn credential(token: &str) -> Presented {
    let token = PlainToken::new(token.to_owned());
    Presented::Credential(Credential::Token { token, in_query: false })
}

fn basic(pair: &str) -> Option<Presented> {
    let pair = String::from_utf8(STANDARD.decode(pair).ok()?).ok()?;
    let (login, secret) = pair.split_once(':')?;
    Some(Presented::Basic { login: login.to_owned(), secret: secret.to_owned() })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn found(headers: &[(&'static str, &str)]) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_str(value).unwrap());
        }
        match of_git(&map) {
            Presented::Basic { login, secret } => format!("{login} / {secret}"),
            Presented::Credential(Credential::Token { token, in_query }) => {
                assert!(!in_query);
                token.expose().to_owned()
            }
            Presented::Credential(Credential::Anonymous) => "anonymous".to_owned(),
            Presented::Credential(_) => "unusable".to_owned(),
        }
    }

    #[test]
    fn the_first_carrier_that_is_not_blank_decides() {
        let basic = ("authorization", "Basic bWU6c2VjOnJldA==");
        assert_eq!(found(&[]), "anonymous");
        assert_eq!(found(&[basic]), "me / sec:ret");
        assert_eq!(found(&[("authorization", "basic OnRvaw==")]), " / tok");
        assert_eq!(found(&[("private-token", "ppp"), basic]), "ppp");
        assert_eq!(found(&[("private-token", " "), basic]), "me / sec:ret");
        assert_eq!(found(&[("authorization", "Bearer bbb")]), "bbb");
    }

    #[test]
    fn what_cannot_be_read_is_not_nobody() {
        for value in ["Basic", "Basic !!", "Basic bWU=", "Bearer ", "Digest x", "x"] {
            assert_eq!(found(&[("authorization", value)]), "unusable", "{value}");
        }
    }
}
