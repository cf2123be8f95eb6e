//! What is nobody's in particular: the first page, lists, search, and making projects and groups.

use crate::operation::Row;

operations! { $ home_pages;
    /// The caller's projects.
    ShowDashboard = Row::page("/");
    /// The groups that the caller belongs to.
    ShowOwnGroups = Row::page("/dashboard/groups");
    /// All projects that the caller sees.
    ShowExplore = Row::page("/explore").anonymous();
    /// All groups that the caller sees.
    ShowExploreGroups = Row::page("/explore/groups").anonymous();
    /// Projects and groups by a part of their names.
    ShowSearch = Row::page("/search").anonymous();
    /// The form for a project.
    ShowNewProject = Row::page("/projects/new");
    /// Makes a project.
    MakeProject = Row::form("/projects/new");
    /// The form for a group.
    ShowNewGroup = Row::page("/groups/new");
    /// Makes a group.
    MakeGroup = Row::form("/groups/new");
}
