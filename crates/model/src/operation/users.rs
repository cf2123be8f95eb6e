//! Users.

use crate::ability::Ability;
use crate::operation::Row;
use crate::scope::Scope;

operations! { $ users;
    /// The caller.
    GetCurrentUser = Row::get("/user").also(&[Scope::ReadUser]).brief();
    /// What the caller says it is doing.
    GetCurrentUserStatus = Row::get("/user/status").also(&[Scope::ReadUser]);
    /// The caller's further addresses.
    ListCurrentUserEmails = Row::get("/user/emails").also(&[Scope::ReadUser]);
    /// How much waits for the caller.
    GetUserCounts = Row::get("/user_counts").also(&[Scope::ReadUser]);
    /// Lists users; whoever is not signed in may ask for one by its exact name.
    ListUsers = Row::get("/users").also(&[Scope::ReadUser]).anonymous();
    /// One user.
    GetUser = Row::get("/users/:id").also(&[Scope::ReadUser]).anonymous().missing("User");
    /// What a user says it is doing.
    GetUserStatus = Row::get("/users/:id/status").also(&[Scope::ReadUser]).anonymous().missing("User");
    /// The projects in a user's own namespace that the caller sees.
    ListUserProjects = Row::get("/users/:user_id/projects").also(&[Scope::ReadUser]).anonymous().missing("User");
    /// A user's further addresses.
    ListUserEmails = Row::get("/users/:id/emails").also(&[Scope::ReadUser]).needs(Ability::Administer).missing("User");
    /// What a user is a member of.
    ListUserMemberships = Row::get("/users/:id/memberships").also(&[Scope::ReadUser]).needs(Ability::Administer).missing("User");
    /// How many groups, projects and issues a user has.
    GetUserAssociationsCount = Row::get("/users/:id/associations_count").also(&[Scope::ReadUser]).missing("User");
    /// Makes a user.
    CreateUser = Row::post("/users").beside(&[Scope::ReadUser]).needs(Ability::Administer);
    /// Changes a user.
    UpdateUser = Row::put("/users/:id").beside(&[Scope::ReadUser]).needs(Ability::Administer).missing("User");
    /// Deletes a user; records move to the Ghost User.
    DeleteUser = Row::delete("/users/:id").beside(&[Scope::ReadUser]).needs(Ability::Administer).missing("User");
    /// Blocks a user.
    BlockUser = Row::post("/users/:id/block").beside(&[Scope::ReadUser]).needs(Ability::Administer).missing("User");
    /// Takes a user's second factor away.
    DisableUserTwoFactor = Row::patch("/users/:id/disable_two_factor").beside(&[Scope::ReadUser]).needs(Ability::Administer).missing("User");
    /// Lets a blocked user in again.
    UnblockUser = Row::post("/users/:id/unblock").beside(&[Scope::ReadUser]).needs(Ability::Administer).missing("User");
}
