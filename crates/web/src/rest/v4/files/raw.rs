//! `GET /projects/:id/repository/files/:file_path/raw`.

use axum::body::Body;
use futures_util::StreamExt as _;
use http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH};
use tessera_model::Result;
use tessera_model::operation::files::GetRawFile;
use tessera_service::Key;
use tessera_service::repository::{self, Content, get_file};

use super::place;
use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;
use crate::view;

impl Endpoint for GetRawFile {
    type Input = (Key, String, Option<String>);

    fn input(p: &mut Reader<'_>) -> Self::Input {
        let (project, path) = place(p);
        (project, path, p.string("ref").not_blank().optional())
    }

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let opened = call.read(|tx, (key, path, reference)| {
            let project = tx.project::<Self>(key)?;
            Ok((repository::open(tx, project)?, path.clone(), reference.clone()))
        });
        let ((place, path, reference), passed) = opened.await?.take();
        let (file, content) =
            get_file::get::<Self>(call.service(), call.ask(), &place, &path, reference.as_deref()).await?;
        let (kind, body) = match content {
            Content::Held(bytes) => (view::file::media_type(&bytes), Body::from(bytes)),
            Content::Streamed(pieces) => {
                let mut pieces = Box::pin(pieces.into_stream().peekable());
                let beginning = pieces.as_mut().peek().await;
                let beginning = beginning.and_then(|piece| piece.as_ref().ok()).cloned();
                (view::file::media_type(&beginning.unwrap_or_default()), Body::from_stream(pieces))
            }
        };
        let reply = passed.raw(|()| Reply::stream(200, kind, body));
        Ok(reply
            .with_headers(view::file::headers(&file))
            .with_header(CONTENT_LENGTH, &file.size.to_string())
            .with_header(CONTENT_DISPOSITION, &view::file::disposition(file.name())))
    }
}
