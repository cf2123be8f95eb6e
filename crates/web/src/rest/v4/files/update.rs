//! `PUT /projects/:id/repository/files/:file_path`.

use tessera_model::Result;
use tessera_model::operation::files::UpdateFile;
use tessera_service::repository::edit_file::FileChange;

use super::change::{self, Input};
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;

impl Endpoint for UpdateFile {
    type Input = Input;

    fn input(p: &mut Reader<'_>) -> Input {
        change::input(p, |p| {
            let content = change::content(p);
            FileChange::Update { content, executable: p.boolean("execute_filemode").optional() }
        })
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        Ok(change::perform(&call).await?.ok(|answer| answer))
    }
}
