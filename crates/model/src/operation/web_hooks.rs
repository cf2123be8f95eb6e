//! Web hooks of projects.

use crate::ability::Ability;
use crate::operation::Row;

operations! { $ web_hooks;
    /// Lists a project's web hooks.
    ListWebHooks = Row::get("/projects/:id/hooks").needs(Ability::ManageHooks).missing("Project");
    /// One web hook.
    GetWebHook = Row::get("/projects/:id/hooks/:hook_id").needs(Ability::ManageHooks).missing("Project");
    /// Lists what became of a web hook's calls.
    ListWebHookEvents = Row::get("/projects/:id/hooks/:hook_id/events").needs(Ability::ManageHooks).missing("Project");
    /// Makes a call of a web hook once more.
    ResendWebHookEvent = Row::post("/projects/:id/hooks/:hook_id/events/:hook_event_id/resend")
        .needs(Ability::ManageHooks).missing("Project");
    /// Calls a web hook with an invented event.
    TestWebHook = Row::post("/projects/:id/hooks/:hook_id/test/:trigger").needs(Ability::ManageHooks).missing("Project");
    /// Makes a web hook.
    AddWebHook = Row::post("/projects/:id/hooks").needs(Ability::ManageHooks).missing("Project");
    /// Changes a web hook.
    EditWebHook = Row::put("/projects/:id/hooks/:hook_id").needs(Ability::ManageHooks).missing("Project");
    /// Removes a web hook.
    DeleteWebHook = Row::delete("/projects/:id/hooks/:hook_id").needs(Ability::ManageHooks).missing("Project");
}
