//! `GET` and `HEAD /projects/:id/repository/files/:file_path`.

use http::HeaderValue;
use tessera_model::operation::files::GetFile;
use tessera_model::{Error, Result};
use tessera_service::Key;
use tessera_service::repository::{self, get_file};

use super::place;
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for GetFile {
    type Input = (Key, String, String);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        let (project, path) = place(p);
        (project, path, p.string("ref").not_blank().required())
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let opened = call.read(|tx, (key, path, reference)| {
            let project = tx.project::<Self>(key)?;
            Ok((repository::open(tx, project)?, path.clone(), reference.clone()))
        });
        let ((place, path, reference), passed) = opened.await?.take();
        let (file, content) =
            get_file::get::<Self>(call.service(), call.ask(), &place, &path, Some(&reference)).await?;
        let body = view::file::json(&file, content).map_err(Error::internal)?;
        let reply = passed.raw(|()| Reply::stream(200, HeaderValue::from_static("application/json"), body));
        Ok(reply.with_headers(view::file::headers(&file)))
    }
}
