//! Tags.

use crate::ability::Ability;
use crate::operation::Row;

operations! { $ tags;
    /// Lists the tags.
    ListTags = Row::get("/projects/:id/repository/tags").needs(Ability::DownloadCode).anonymous().missing("Project");
    /// One tag.
    GetTag = Row::get("/projects/:id/repository/tags/:tag_name").needs(Ability::DownloadCode).anonymous().missing("Project");
    /// Makes a tag.
    CreateTag = Row::post("/projects/:id/repository/tags").needs(Ability::PushCode).missing("Project");
    /// Deletes a tag.
    DeleteTag = Row::delete("/projects/:id/repository/tags/:tag_name").needs(Ability::PushCode).missing("Project");
}
