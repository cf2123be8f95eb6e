//! The places of the site: what stands around the pages of a project, of a group, of one's settings and of the
//! administrators'.

use tessera_model::project::{Namespace, Project};
use tessera_service::projects::menu::Menu;

use super::frame::{Frame, Nav};
use crate::view::Links;

/// A project as its pages show it around their content.
#[derive(Clone)]
pub(crate) struct ProjectPlace {
    pub(crate) project: Project,
    pub(crate) menu: Menu,
}

/// The pages of a project that its navigation names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProjectPage {
    Overview,
    Files,
    Commits,
    Branches,
    Tags,
    Issues,
    Members,
    General,
    Repository,
    AccessTokens,
}

/// The address of a page below a project or group, from its full path.
pub(crate) fn below(full_path: &str, rest: &str) -> String {
    format!("/{}{rest}", Links::escape(full_path))
}

impl ProjectPlace {
    /// The address of a page of this project: `rest` starts with a slash, or is empty.
    pub(crate) fn at(&self, rest: &str) -> String {
        below(&self.project.full_path, rest)
    }

    /// Puts a project's page into its place; `label` is the last step on the way, empty for the project itself.
    pub(crate) fn frame(&self, frame: Frame, page: ProjectPage, label: &str) -> Frame {
        use ProjectPage::{
            AccessTokens, Branches, Commits, Files, General, Issues, Members, Overview, Repository, Tags,
        };
        let (project, menu) = (&self.project, self.menu);
        let branch = Links::escape(&project.default_branch);
        let code = menu.code && !project.empty;
        let nav = Nav::new(&project.name)
            .item("Overview", self.at(""), "project", page == Overview)
            .item_if(code, "Files", self.at(&format!("/-/tree/{branch}")), "folder", page == Files)
            .item_if(code, "Commits", self.at(&format!("/-/commits/{branch}")), "commit", page == Commits)
            .item_if(menu.code, "Branches", self.at("/-/branches"), "branch", page == Branches)
            .item_if(menu.code, "Tags", self.at("/-/tags"), "tag", page == Tags)
            .item_if(project.issues_enabled, "Issues", self.at("/-/issues"), "issue", page == Issues)
            .item("Members", self.at("/-/project_members"), "people", page == Members)
            .item_if(menu.settings, "General settings", self.at("/edit"), "settings", page == General)
            .item_if(
                menu.settings,
                "Repository settings",
                self.at("/-/settings/repository"),
                "lock",
                page == Repository,
            )
            .item_if(
                menu.tokens,
                "Access tokens",
                self.at("/-/settings/access_tokens"),
                "key",
                page == AccessTokens,
            );
        let frame = namespaces(frame, &project.namespace).crumb(&project.name, self.at("")).nav(nav);
        if label.is_empty() { frame } else { frame.crumb(label, "") }
    }
}

/// The groups above, down to this one.
fn namespaces(mut frame: Frame, namespace: &Namespace) -> Frame {
    let mut path = String::new();
    let names = namespace.full_name.split(" / ");
    for (part, name) in namespace.full_path.split('/').zip(names) {
        path.push('/');
        path.push_str(&Links::escape(part));
        frame = frame.crumb(name, path.clone());
    }
    frame
}

/// The pages of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GroupPage {
    Overview,
    Members,
    Settings,
}

/// Puts a group's page into its place; `owns`: whether the caller may change it.
pub(crate) fn group_frame(
    frame: Frame,
    group: &Namespace,
    owns: bool,
    page: GroupPage,
    label: &str,
) -> Frame {
    let own = below(&group.full_path, "");
    let nav = Nav::new(&group.name)
        .item("Overview", own.clone(), "group", page == GroupPage::Overview)
        .item("Members", format!("/groups{own}/-/group_members"), "people", page == GroupPage::Members)
        .item_if(owns, "Settings", format!("/groups{own}/-/edit"), "settings", page == GroupPage::Settings);
    let frame = namespaces(frame, group).nav(nav);
    if label.is_empty() { frame } else { frame.crumb(label, "") }
}

/// The pages of a person's settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SettingsPage {
    Profile,
    Password,
    AccessTokens,
    TwoFactor,
    Sessions,
}

/// Puts a page of one's settings into its place; `label` is the last step on the way, empty where more follow.
pub(crate) fn settings_frame(frame: Frame, page: SettingsPage, label: &str) -> Frame {
    use SettingsPage::{AccessTokens, Password, Profile, Sessions, TwoFactor};
    let nav = Nav::new("Settings")
        .item("Profile", "/-/user_settings/profile", "person", page == Profile)
        .item("Password", "/-/user_settings/password/edit", "lock", page == Password)
        .item("Access tokens", "/-/user_settings/personal_access_tokens", "key", page == AccessTokens)
        .item("Two-factor authentication", "/-/profile/two_factor_auth", "shield", page == TwoFactor)
        .item("Active sessions", "/-/user_settings/active_sessions", "clock", page == Sessions);
    let frame = frame.crumb("Settings", "/-/user_settings/profile").nav(nav);
    if label.is_empty() { frame } else { frame.crumb(label, "") }
}

/// The pages of the administrators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AdminPage {
    Overview,
    Users,
    Groups,
    Projects,
    Tokens,
    Settings,
    Features,
    Audit,
    Jobs,
    System,
}

/// Puts a page of the administrators into its place; `label` is the last step on the way, empty for the first page.
pub(crate) fn admin_frame(frame: Frame, page: AdminPage, label: &str) -> Frame {
    use AdminPage::{Audit, Features, Groups, Jobs, Overview, Projects, Settings, System, Tokens, Users};
    let nav = Nav::new("Admin area")
        .item("Overview", "/admin", "chart", page == Overview)
        .item("Users", "/admin/users", "people", page == Users)
        .item("Groups", "/admin/groups", "group", page == Groups)
        .item("Projects", "/admin/projects", "project", page == Projects)
        .item("Access tokens", "/admin/tokens", "key", page == Tokens)
        .item("Settings", "/admin/application_settings/general", "settings", page == Settings)
        .item("Feature flags", "/admin/feature_flags", "flag", page == Features)
        .item("Audit log", "/admin/audit_events", "log", page == Audit)
        .item("Jobs", "/admin/jobs", "job", page == Jobs)
        .item("System information", "/admin/system_info", "info", page == System);
    let frame = frame.crumb("Admin area", "/admin").nav(nav);
    if label.is_empty() { frame } else { frame.crumb(label, "") }
}
