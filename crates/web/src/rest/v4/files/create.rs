//! `POST /projects/:id/repository/files/:file_path`.

use tessera_model::Result;
use tessera_model::operation::files::CreateFile;
use tessera_service::repository::edit_file::FileChange;

use super::change::{self, Input};
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;

impl Endpoint for CreateFile {
    type Input = Input;

    fn input(p: &mut Reader<'_>) -> Input {
        change::input(p, |p| {
            let content = change::content(p);
            FileChange::Create { content, executable: p.boolean("execute_filemode").or(false) }
        })
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        Ok(change::perform(&call).await?.created(|answer| answer))
    }
}
