//! `GET /version` and `GET /metadata`: which GitLab the API is that of.

use serde_json::json;
use tessera_model::Result;
use tessera_model::operation::metadata::{GetMetadata, GetVersion};

use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;

/// The version of GitLab's API that clients may count on.
const VERSION: &str = "17.9.0";
/// Our own version, where GitLab gives its commit.
const REVISION: &str = concat!("tessera-", env!("CARGO_PKG_VERSION"));

impl Endpoint for GetVersion {
    type Input = ();
    fn input(_: &mut Reader<'_>) {}
    async fn serve(call: Call<Self>) -> Result<Reply> {
        let passed = call.read(|_, ()| Ok(())).await?;
        Ok(passed.ok(|()| json!({ "version": VERSION, "revision": REVISION })))
    }
}

impl Endpoint for GetMetadata {
    type Input = ();
    fn input(_: &mut Reader<'_>) {}
    async fn serve(call: Call<Self>) -> Result<Reply> {
        let passed = call.read(|_, ()| Ok(())).await?;
        Ok(passed.ok(|()| {
            json!({
                "version": VERSION, "revision": REVISION, "enterprise": false,
                "kas": { "enabled": false, "externalUrl": null, "externalK8sProxyUrl": null, "version": null },
            })
        }))
    }
}
