//! Projects.

use crate::ability::Ability;
use crate::operation::Row;

operations! { $ projects;
    /// Lists the projects that the caller sees.
    ListProjects = Row::get("/projects").anonymous();
    /// Makes a project.
    CreateProject = Row::post("/projects").no_bots();
    /// Makes a project in a user's namespace.
    CreateProjectForUser = Row::post("/projects/user/:user_id").needs(Ability::Administer).missing("User");
    /// One project.
    GetProject = Row::get("/projects/:id").needs(Ability::ReadProject).anonymous().missing("Project");
    /// Changes a project.
    UpdateProject = Row::put("/projects/:id").needs(Ability::ManageProject).missing("Project");
    /// Deletes a project with its repository, tokens and bots.
    DeleteProject = Row::delete("/projects/:id").needs(Ability::OwnProject).missing("Project");
    /// Makes a project read-only.
    ArchiveProject = Row::post("/projects/:id/archive").needs(Ability::OwnProject).missing("Project");
    /// Lets a project be written again.
    UnarchiveProject = Row::post("/projects/:id/unarchive").needs(Ability::OwnProject).missing("Project");
}
