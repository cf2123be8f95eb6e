//! Second factors. Secrets and recovery codes are shown in the one answer that makes them.

use serde_json::{Value, json};
use tessera_service::two_factor::status::Status;
use tessera_service::two_factor::{OtpSecret, RecoveryCode};

/// How it stands.
pub(crate) fn status(status: &Status) -> Value {
    json!({
        "two_factor_enabled": status.enabled,
        "recovery_codes_left": status.recovery_codes_left,
        "two_factor_required": status.required,
        "two_factor_grace_period_ends_at": status.grace_period_ends_at,
    })
}

/// What a device has to learn.
pub(crate) fn started(secret: &OtpSecret, uri: &str) -> Value {
    json!({ "otp_secret": secret.base32().as_str(), "otp_provisioning_uri": uri })
}

/// New recovery codes.
pub(crate) fn recovery_codes(codes: &[RecoveryCode]) -> Value {
    let codes: Vec<&str> = codes.iter().map(RecoveryCode::expose).collect();
    json!({ "two_factor_enabled": true, "recovery_codes": codes })
}
