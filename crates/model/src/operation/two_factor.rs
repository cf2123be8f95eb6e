//! A person's own second factor. GitLab has pages for this and no endpoints; the names are those of its pages.

use crate::operation::Row;

operations! { $ two_factor;
    /// Whether it is on, how many recovery codes are left, and until when one must be set up.
    GetTwoFactor = Row::get("/user/two_factor").own_tokens_only();
    /// Makes a secret for a device; it counts when a code of it has come.
    StartTwoFactor = Row::post("/user/two_factor").own_tokens_only();
    /// Turns the second factor on with the first code.
    ConfirmTwoFactor = Row::post("/user/two_factor/confirm").own_tokens_only();
    /// Turns it off.
    DisableTwoFactor = Row::delete("/user/two_factor").own_tokens_only();
    /// Makes new recovery codes; the old ones count no more.
    RenewRecoveryCodes = Row::post("/user/two_factor/recovery_codes").own_tokens_only();
}
