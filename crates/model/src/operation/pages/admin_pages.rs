//! What administrators see of the instance.

use crate::ability::Ability;
use crate::operation::Row;

operations! { $ admin_pages;
    /// The tokens of the whole instance.
    ShowAllTokens = Row::page("/admin/tokens").needs(Ability::Administer);
    /// Asks whether chosen tokens shall be revoked.
    ConfirmRevocation = Row::page("/admin/tokens/revoke").needs(Ability::Administer);
    /// Revokes chosen tokens.
    RevokeChosenTokens = Row::form("/admin/tokens/revoke").needs(Ability::Administer);
    /// The settings of the instance.
    ShowSettings = Row::page("/admin/application_settings/general").needs(Ability::Administer);
    /// Changes them.
    SaveSettings = Row::form("/admin/application_settings/general").needs(Ability::Administer);
    /// The feature flags.
    ShowFlags = Row::page("/admin/feature_flags").needs(Ability::Administer);
    /// Switches a flag on or off, or leaves it to its default, for everyone or for one project.
    SwitchFlag = Row::form("/admin/feature_flags").needs(Ability::Administer);
    /// People and bots.
    ShowUsers = Row::page("/admin/users").needs(Ability::Administer);
    /// The form for a new account.
    ShowNewUser = Row::page("/admin/users/new").needs(Ability::Administer);
    /// Makes an account.
    AddUser = Row::form("/admin/users/new").needs(Ability::Administer);
    /// An account with what hangs on it.
    ShowUserToAdmin = Row::page("/admin/users/:username").needs(Ability::Administer).missing("User");
    /// Changes the rights of an account, blocks it, or turns its second factor off.
    ChangeUserAsAdmin = Row::form("/admin/users/:username").needs(Ability::Administer).missing("User");
    /// Gives it a password that must be changed.
    SetPasswordAsAdmin = Row::form("/admin/users/:username/password").needs(Ability::Administer).missing("User");
    /// Asks whether an account shall be deleted.
    ConfirmUserDeletion = Row::page("/admin/users/:username/delete").needs(Ability::Administer).missing("User");
    /// Deletes it.
    DeleteUserAsAdmin = Row::form("/admin/users/:username/delete").needs(Ability::Administer).missing("User");
    /// The instance at a glance.
    ShowAdminArea = Row::page("/admin").needs(Ability::Administer);
    /// Every group.
    ShowAllGroups = Row::page("/admin/groups").needs(Ability::Administer);
    /// Every project.
    ShowAllProjects = Row::page("/admin/projects").needs(Ability::Administer);
    /// The audit log.
    ShowAuditLog = Row::page("/admin/audit_events").needs(Ability::Administer);
    /// Jobs and mails.
    ShowJobs = Row::page("/admin/jobs").needs(Ability::Administer);
    /// Lets a job, or all mails, be tried at once.
    HastenJobs = Row::form("/admin/jobs").needs(Ability::Administer).missing("Job");
    /// What the server runs on.
    ShowSystem = Row::page("/admin/system_info").needs(Ability::Administer);
    /// When tokens end.
    ShowEndings = Row::page("/admin/tokens/calendar").needs(Ability::Administer);
}
