//! Personal and impersonation tokens, and a token on itself.

use crate::ability::Ability;
use crate::operation::{Refusal, Row};
use crate::scope::Scope;

operations! { $ personal_tokens;
    /// Lists the caller's tokens; for administrators, everybody's.
    ListTokens = Row::get("/personal_access_tokens");
    /// The token in hand.
    GetOwnToken = Row::get("/personal_access_tokens/self").any_scope().needs(Ability::BeToken).brief();
    /// The ledger of the token in hand: when it was used, from where, for what (U10).
    ListOwnTokenUsage = Row::get("/personal_access_tokens/self/usage").any_scope().needs(Ability::BeToken);
    /// The ledger of a token of the caller's, or, for administrators, of anyone's.
    ListTokenUsage = Row::get("/personal_access_tokens/:id/usage").refusing(Refusal::Unauthorized);
    /// Groups and projects that the token in hand reaches.
    GetOwnAssociations = Row::get("/personal_access_tokens/self/associations").any_scope().needs(Ability::BeToken);
    /// One token of the caller's, or, for administrators, of anyone.
    GetToken = Row::get("/personal_access_tokens/:id").refusing(Refusal::Unauthorized);
    /// Gives the token in hand a new secret.
    RotateOwnToken = Row::post("/personal_access_tokens/self/rotate").also(&[Scope::SelfRotate]).needs(Ability::BeToken);
    /// Gives a token a new secret.
    RotateToken = Row::post("/personal_access_tokens/:id/rotate").refusing(Refusal::Unauthorized);
    /// Revokes the token in hand.
    RevokeOwnToken = Row::delete("/personal_access_tokens/self").any_scope().needs(Ability::BeToken);
    /// Revokes a token.
    RevokeToken = Row::delete("/personal_access_tokens/:id").refusing(Refusal::BadRequestNamed);
    /// Makes a token for the caller with the harmless scopes that GitLab allows here.
    CreateOwnToken = Row::post("/user/personal_access_tokens").no_bots();
    /// Makes a personal token for a user, by an administrator.
    CreateUserToken = Row::post("/users/:user_id/personal_access_tokens").needs(Ability::Administer).missing("User");
    /// Lists a user's impersonation tokens (U8).
    ListImpersonationTokens = Row::get("/users/:user_id/impersonation_tokens").needs(Ability::Administer).missing("User");
    /// One impersonation token.
    GetImpersonationToken = Row::get("/users/:user_id/impersonation_tokens/:impersonation_token_id").needs(Ability::Administer).missing("User");
    /// Makes an impersonation token.
    CreateImpersonationToken = Row::post("/users/:user_id/impersonation_tokens").needs(Ability::Administer).missing("User");
    /// Revokes an impersonation token.
    RevokeImpersonationToken = Row::delete("/users/:user_id/impersonation_tokens/:impersonation_token_id").needs(Ability::Administer).missing("User");
}
