//! `DELETE /projects/:id/repository/files/:file_path`.

use tessera_model::Result;
use tessera_model::operation::files::DeleteFile;
use tessera_service::repository::edit_file::FileChange;

use super::change::{self, Input};
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;

impl Endpoint for DeleteFile {
    type Input = Input;

    fn input(p: &mut Reader<'_>) -> Input {
        change::input(p, |_| FileChange::Delete)
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        Ok(change::perform(&call).await?.no_content())
    }
}
