//! Project access tokens (P1, P9).

use crate::ability::Ability;
use crate::operation::{Refusal, Row};
use crate::scope::Scope;

operations! { $ project_tokens;
    /// Lists the tokens of a project's bots.
    ListProjectTokens = Row::get("/projects/:id/access_tokens").needs(Ability::ReadTokens).refusing(Refusal::Unauthorized).missing("Project");
    /// One token of a project.
    GetProjectToken = Row::get("/projects/:id/access_tokens/:token_id").needs(Ability::ReadTokens).refusing(Refusal::Unauthorized).missing("Project");
    /// The ledger of a project's token: when it was used, from where, for what (U10).
    ListProjectTokenUsage = Row::get("/projects/:id/access_tokens/:token_id/usage").needs(Ability::ReadTokens).refusing(Refusal::Unauthorized).missing("Project");
    /// Makes a token and its bot (B1).
    CreateProjectToken = Row::post("/projects/:id/access_tokens")
        .needs(Ability::CreateTokens)
        .refusing(Refusal::BadRequest("User does not have permission to create project access token"))
        .missing("Project");
    /// Gives the project token in hand a new secret.
    RotateOwnProjectToken = Row::post("/projects/:id/access_tokens/self/rotate")
        .also(&[Scope::SelfRotate])
        .needs(Ability::BeToken)
        .project_tokens_only()
        .refusing(Refusal::Unauthorized)
        .missing("Project");
    /// Gives a project's token a new secret.
    RotateProjectToken = Row::post("/projects/:id/access_tokens/:token_id/rotate")
        .needs(Ability::RotateTokens)
        .refusing(Refusal::Unauthorized)
        .missing("Project");
    /// Revokes a project's token and ends its bot (B7).
    RevokeProjectToken = Row::delete("/projects/:id/access_tokens/:token_id")
        .needs(Ability::RevokeTokens)
        .refusing(Refusal::BadRequestNamed)
        .missing("Project");
}
