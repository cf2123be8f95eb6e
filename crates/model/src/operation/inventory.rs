//! The tokens of the whole instance, for administrators. GitLab has no such list; these routes are Tessera's own.

use crate::ability::Ability;
use crate::operation::Row;

operations! { $ inventory;
    /// Lists tokens of every kind and owner.
    ListAllTokens = Row::get("/admin/tokens").needs(Ability::Administer);
    /// Revokes the tokens that a filter selects.
    RevokeTokens = Row::post("/admin/tokens/revoke").needs(Ability::Administer);
    /// Puts off the end of the tokens that a filter selects.
    ExtendTokens = Row::post("/admin/tokens/extend").needs(Ability::Administer);
}
