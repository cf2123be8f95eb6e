//! The four rows.

use tessera_model::Result;
use tessera_model::operation::git::{AdvertiseReceivePack, AdvertiseUploadPack, ReceivePack, UploadPack};
use tessera_service::git_access::{GitService, Opened, Transport};

use super::call::{GitCall, GitEndpoint, nothing, streamed};
use crate::reply::Reply;

impl GitEndpoint for AdvertiseUploadPack {
    async fn serve(call: GitCall, opened: Opened<Self>) -> Result<Reply> {
        let session = call.service().advertise_fetch(opened, &call.protocol()).await?;
        Ok(streamed(session, GitService::UploadPack, "advertisement"))
    }
}

impl GitEndpoint for AdvertiseReceivePack {
    async fn serve(call: GitCall, opened: Opened<Self>) -> Result<Reply> {
        let session = call.service().advertise_push(opened, &call.protocol()).await?;
        Ok(streamed(session, GitService::ReceivePack, "advertisement"))
    }
}

impl GitEndpoint for UploadPack {
    async fn serve(mut call: GitCall, opened: Opened<Self>) -> Result<Reply> {
        let body = call.take_body(GitService::UploadPack)?;
        let session = call.service().fetch(opened, call.protocol(), Transport::Http, body).await?;
        Ok(streamed(session, GitService::UploadPack, "result"))
    }
}

impl GitEndpoint for ReceivePack {
    async fn serve(mut call: GitCall, opened: Opened<Self>) -> Result<Reply> {
        let Some(body) = call.take_push().await? else { return Ok(nothing(GitService::ReceivePack)) };
        let session = call.service().push(opened, call.protocol(), Transport::Http, body).await?;
        Ok(streamed(session, GitService::ReceivePack, "result"))
    }
}
