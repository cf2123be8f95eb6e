//! Files of a repository.

use crate::ability::Ability;
use crate::operation::Row;
use crate::scope::Scope;

operations! { $ files;
    /// A file with its content.
    GetFile = Row::get("/projects/:id/repository/files/:file_path").also(&[Scope::ReadRepository]).needs(Ability::DownloadCode).anonymous().missing("Project");
    /// A file's bytes.
    GetRawFile = Row::get("/projects/:id/repository/files/:file_path/raw").also(&[Scope::ReadRepository]).needs(Ability::DownloadCode).anonymous().missing("Project");
    /// Commits a new file.
    CreateFile = Row::post("/projects/:id/repository/files/:file_path").beside(&[Scope::ReadRepository]).needs(Ability::PushCode).missing("Project");
    /// Commits a changed file.
    UpdateFile = Row::put("/projects/:id/repository/files/:file_path").beside(&[Scope::ReadRepository]).needs(Ability::PushCode).missing("Project");
    /// Commits the removal of a file.
    DeleteFile = Row::delete("/projects/:id/repository/files/:file_path").beside(&[Scope::ReadRepository]).needs(Ability::PushCode).missing("Project");
}
