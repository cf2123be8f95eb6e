//! Tokens of a person and of a project (U1, P5).

use crate::ability::Ability;
use crate::operation::Row;

operations! { $ token_pages;
    /// The caller's own tokens, and the form for a new one.
    ShowPersonalTokens = Row::page("/-/user_settings/personal_access_tokens");
    /// Makes a token for the caller.
    MakePersonalToken = Row::form("/-/user_settings/personal_access_tokens");
    /// What revoking a token of the caller's would do.
    AskRevokePersonalToken = Row::page("/-/user_settings/personal_access_tokens/:id/revoke");
    /// Revokes a token of the caller's.
    RevokePersonalToken = Row::form("/-/user_settings/personal_access_tokens/:id/revoke");
    /// What giving a token of the caller's a new secret would do.
    AskRotatePersonalToken = Row::page("/-/user_settings/personal_access_tokens/:id/rotate");
    /// Gives a token of the caller's a new secret.
    RotatePersonalToken = Row::form("/-/user_settings/personal_access_tokens/:id/rotate");
    /// A project's tokens, and the form for a new one.
    ShowProjectTokens = Row::page("/:path/-/settings/access_tokens").needs(Ability::ReadTokens).missing("Project");
    /// Makes a token for the project.
    MakeProjectToken = Row::form("/:path/-/settings/access_tokens").needs(Ability::CreateTokens).missing("Project");
    /// What revoking a token of the project would do.
    AskRevokeProjectToken = Row::page("/:path/-/settings/access_tokens/:id/revoke").needs(Ability::RevokeTokens).missing("Project");
    /// Revokes a token of the project.
    EndProjectToken = Row::form("/:path/-/settings/access_tokens/:id/revoke").needs(Ability::RevokeTokens).missing("Project");
    /// What giving a token of the project a new secret would do.
    AskRotateProjectToken = Row::page("/:path/-/settings/access_tokens/:id/rotate").needs(Ability::RotateTokens).missing("Project");
    /// Gives a token of the project a new secret.
    RenewProjectToken = Row::form("/:path/-/settings/access_tokens/:id/rotate").needs(Ability::RotateTokens).missing("Project");
}
