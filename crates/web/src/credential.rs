//! What a request presents, for every REST route: the first carrier that is not blank decides, alone
//! (D27, semantics sheet 1.1 and 1.2).

use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use tessera_model::secret::PlainToken;
use tessera_model::{Error, Result};
use tessera_service::Credential;

use crate::params::Params;

/// Headers and parameters that carry secrets; logs and links leave them out.
const PRIVATE_TOKEN: &str = "private_token";

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<Result<&'a str, ()>> {
    let value = headers.get(name)?;
    match value.to_str() {
        Ok(text) if text.trim().is_empty() => None,
        Ok(text) => Some(Ok(text.trim())),
        Err(_) => Some(Err(())),
    }
}

fn token(text: &str, in_query: bool) -> Credential {
    Credential::Token { token: PlainToken::new(text.to_owned()), in_query }
}

fn from_param(parts: &Parts, params: &Params, name: &str) -> Option<Credential> {
    let text = params.text(name)?;
    let in_query = parts.uri.query().is_some_and(|query| query.contains(name));
    Some(token(text, in_query))
}

/// Finds the credential of a REST request.
///
/// # Errors
/// [`Error::TwoCarriers`] for a Bearer header together with a token parameter.
pub(crate) fn of_rest(parts: &Parts, params: &Params) -> Result<Credential> {
    let authorization = header(&parts.headers, AUTHORIZATION.as_str());
    let bearer = match authorization {
        Some(Ok(text)) => text.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")),
        _ => None,
    };
    let access_token = from_param(parts, params, "access_token");
    if bearer.is_some() && access_token.is_some() {
        return Err(Error::TwoCarriers);
    }
    if let Some(found) = from_param(parts, params, PRIVATE_TOKEN) {
        return Ok(found);
    }
    match header(&parts.headers, "private-token") {
        Some(Ok(text)) => return Ok(token(text, false)),
        Some(Err(())) => return Ok(Credential::Unusable),
        None => {}
    }
    if let Some(found) = access_token {
        return Ok(found);
    }
    if let Some((_, text)) = bearer.filter(|(_, text)| !text.trim().is_empty()) {
        return Ok(token(text.trim(), false));
    }
    if let Some(found) = from_param(parts, params, "bearer_token") {
        return Ok(found);
    }
    match authorization {
        // Basic or an unknown scheme: something was presented that opens nothing here, and is not
        // silently taken for nobody.
        Some(_) if bearer.is_none() => Ok(Credential::Unusable),
        _ => Ok(Credential::Anonymous),
    }
}

/// On whose behalf the request asks to run: the parameter wins over the header.
pub(crate) fn sudo(parts: &Parts, params: &Params) -> Option<String> {
    let from_param = params.get("sudo").and_then(|value| match value {
        serde_json::Value::String(text) => Some(text.trim().to_owned()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    });
    let from_header = || match header(&parts.headers, "sudo") {
        Some(Ok(text)) => Some(text.to_owned()),
        _ => None,
    };
    from_param.filter(|text| !text.is_empty()).or_else(from_header)
}

#[cfg(test)]
mod tests {
    use http::Request;
    use serde_json::json;

    use super::*;

    /// Which token a request is taken to carry.
    fn found(uri: &str, headers: &[(&str, &str)], fields: &[(&str, &str)]) -> String {
        let mut request = Request::builder().uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let mut params = Params::default();
        for (name, value) in fields {
            params.set(*name, json!(value));
        }
        match of_rest(&parts, &params) {
            Ok(Credential::Token { token, in_query }) => format!("{} {in_query}", token.expose()),
            Ok(Credential::Anonymous) => "anonymous".to_owned(),
            Ok(_) => "unusable".to_owned(),
            Err(_) => "two carriers".to_owned(),
        }
    }

    #[test]
    fn the_first_carrier_that_is_not_blank_decides() {
        let bearer = ("Authorization", "Bearer bbb");
        assert_eq!(found("/", &[], &[]), "anonymous");
        assert_eq!(found("/", &[("PRIVATE-TOKEN", "hhh"), bearer], &[]), "hhh false");
        assert_eq!(
            found("/?private_token=ppp", &[("Private-Token", "hhh")], &[("private_token", "ppp")]),
            "ppp true"
        );
        assert_eq!(found("/", &[("Private-Token", " "), bearer], &[("private_token", "")]), "bbb false");
        assert_eq!(found("/", &[bearer], &[("bearer_token", "qqq")]), "bbb false");
        assert_eq!(found("/", &[], &[("access_token", "aaa"), ("bearer_token", "qqq")]), "aaa false");
    }

    #[test]
    fn what_opens_nothing_here_is_not_nobody() {
        assert_eq!(found("/", &[("Authorization", "Basic eDp5")], &[]), "unusable");
        assert_eq!(found("/", &[("Authorization", "Whatever x")], &[]), "unusable");
        assert_eq!(found("/", &[("Authorization", "Bearer x")], &[("access_token", "x")]), "two carriers");
        assert_eq!(found("/", &[("Authorization", "Bearer ")], &[]), "unusable");
    }
}
