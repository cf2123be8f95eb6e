//! One request to an operation of the table, from its parameters to its reply.
//!
//! A reply is made of a [`Passed`], and a [`Passed`] comes out of [`Call::read`] or [`Call::write`] alone,
//! which find out who asks and judge it: an endpoint that forgets the check has nothing to answer with.

use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use axum::body::Body;
use http::request::Parts;
use serde::Serialize;
use tessera_model::operation::Operation;
use tessera_model::time::Timestamp;
use tessera_model::{Error, Result};
use tessera_service::{Ask, Listed, Meta, Service, Slice, Tx};

use crate::conditional;
use crate::pagination::{Address, Extent, Keyset, Page, PageInfo};
use crate::params::{self, ParamError, Params, Reader};
use crate::reply::Reply;
use crate::view::Links;
use crate::{ClientAddress, Web, credential};

/// The handler of one operation. The router holds one for every row of the table.
pub(crate) trait Endpoint: Operation + Sized {
    /// What the parameters say.
    type Input: Send + Sync + 'static;

    /// Reads the parameters, one line each; mistakes are collected by the reader and answered after the
    /// credential was judged and before any object is looked up.
    fn input(p: &mut Reader<'_>) -> Self::Input;

    /// Serves the request.
    fn serve(call: Call<Self>) -> impl Future<Output = Result<Reply>> + Send;
}

/// A request to the operation `Op`.
pub(crate) struct Call<Op: Endpoint> {
    /// What every request shares.
    pub(crate) web: Arc<Web>,
    ask: Arc<Ask>,
    input: Arc<Result<Op::Input, ParamError>>,
    params: Params,
    path: String,
    unmodified_since: Option<Timestamp>,
}

impl<Op: Endpoint> Call<Op> {
    /// Reads a request. What is malformed is refused before anybody is asked who they are.
    pub(crate) async fn receive(
        web: Arc<Web>,
        parts: &Parts,
        body: Body,
        path_params: &[(&str, &str)],
        request_id: &str,
    ) -> Result<Self> {
        let params = params::collect(parts, body, path_params, web.config.rest_body_limit).await;
        let params = params.map_err(|error| domain_error(&error))?;
        let credential = credential::of_rest(parts, &params)?;
        let sudo = credential::sudo(parts, &params);
        let address = parts.extensions.get::<ClientAddress>().map(|address| address.0.to_string());
        let meta = Meta {
            address: address.unwrap_or_default(),
            request_id: request_id.to_owned(),
            received_at: web.service.now(),
            surface: Some(Op::ROW.surface),
        };
        let mut reader = Reader::new(&params);
        let input = Op::input(&mut reader);
        let input = reader.finish().map(|()| input);
        let path = parts.uri.path().to_owned();
        let ask = Arc::new(Ask::new(credential, sudo, meta));
        let unmodified_since = conditional::unmodified_since(&parts.headers);
        Ok(Self { web, ask, input: Arc::new(input), params, path, unmodified_since })
    }

    /// The use cases.
    pub(crate) fn service(&self) -> &Service {
        &self.web.service
    }

    /// Who asks, for use cases with several steps.
    pub(crate) fn ask(&self) -> &Arc<Ask> {
        &self.ask
    }

    /// `If-Unmodified-Since`: what changed later is not to be deleted.
    pub(crate) fn unmodified_since(&self) -> Option<Timestamp> {
        self.unmodified_since
    }

    /// Makes the URLs of answers.
    pub(crate) fn links(&self) -> Links {
        Links::new(self.web.service.external_url())
    }

    /// Serves from a snapshot of the database, if the caller may.
    pub(crate) async fn read<T, F>(&self, action: F) -> Result<Passed<Op, T>>
    where
        T: Send + 'static,
        F: for<'tx> Fn(&mut Tx<'tx>, &Op::Input) -> Result<T> + Send + 'static,
    {
        let input = Arc::clone(&self.input);
        let done =
            self.web.service.read::<Op, _, _>(&self.ask, move |tx| action(tx, usable(&input)?)).await?;
        Ok(Passed { value: done, operation: PhantomData })
    }

    /// Serves in a transaction, if the caller may.
    pub(crate) async fn write<T, F>(&self, action: F) -> Result<Passed<Op, T>>
    where
        T: Send + 'static,
        F: for<'tx> Fn(&mut Tx<'tx>, &Op::Input) -> Result<T> + Send + 'static,
    {
        let input = Arc::clone(&self.input);
        let done =
            self.web.service.write::<Op, _, _>(&self.ask, move |tx| action(tx, usable(&input)?)).await?;
        Ok(Passed { value: done, operation: PhantomData })
    }
}

fn usable<T>(input: &Result<T, ParamError>) -> Result<&T> {
    input.as_ref().map_err(domain_error)
}

/// What a mistake in the parameters is in the domain's words.
pub(crate) fn domain_error(error: &ParamError) -> Error {
    match error {
        ParamError::TooLarge { .. } => Error::TooLarge,
        ParamError::UnsupportedType(_) | ParamError::UnsupportedEncoding(_) => {
            Error::UnsupportedType(error.to_string())
        }
        ParamError::KeysetUnavailable => Error::Keyset(error.to_string()),
        _ => Error::Parameters(error.to_string()),
    }
}

/// The outcome of a request that passed the judgement.
pub(crate) struct Passed<Op, T> {
    value: T,
    operation: PhantomData<fn() -> Op>,
}

impl<Op, T> Deref for Passed<Op, T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<Op, T> Passed<Op, T> {
    /// Goes on with what came out.
    pub(crate) fn map<U>(self, with: impl FnOnce(T) -> U) -> Passed<Op, U> {
        Passed { value: with(self.value), operation: PhantomData }
    }

    /// What came out, taken out for a further step, and the proof of having passed.
    pub(crate) fn take(self) -> (T, Passed<Op, ()>) {
        (self.value, Passed { value: (), operation: PhantomData })
    }

    /// 200 with an object.
    pub(crate) fn ok<V: Serialize>(self, view: impl FnOnce(T) -> V) -> Reply {
        Reply::json(200, &view(self.value))
    }

    /// 201 with an object.
    pub(crate) fn created<V: Serialize>(self, view: impl FnOnce(T) -> V) -> Reply {
        Reply::json(201, &view(self.value))
    }

    /// Any status with an object.
    pub(crate) fn with_status<V: Serialize>(self, status: u16, view: impl FnOnce(T) -> V) -> Reply {
        Reply::json(status, &view(self.value))
    }

    /// 204 without a body.
    pub(crate) fn no_content(self) -> Reply {
        Reply::empty(204)
    }

    /// An answer that is no JSON.
    pub(crate) fn raw(self, reply: impl FnOnce(T) -> Reply) -> Reply {
        reply(self.value)
    }
}

/// What the page parameters ask of a list.
pub(crate) fn slice(page: Page) -> Slice {
    Slice { limit: page.limit(), offset: page.offset() }
}

impl<Op: Endpoint, I> Passed<Op, Listed<I>> {
    /// 200 with one page of a list and the headers of paging.
    pub(crate) fn page<V: Serialize>(
        self,
        call: &Call<Op>,
        page: Page,
        mut view: impl FnMut(&I) -> V,
    ) -> Reply {
        let listed = self.value;
        let items: Vec<V> = listed.items.iter().map(&mut view).collect();
        let full = i64::try_from(items.len()).unwrap_or(i64::MAX) >= page.limit();
        let extent = match listed.total {
            Some(total) => Extent::Total(total.unsigned_abs()),
            None => Extent::Uncounted { rows: items.len(), has_more: full },
        };
        let origin = call.web.service.external_url();
        let address = Address { origin, path: &call.path, params: &call.params };
        let headers = PageInfo::new(page, extent).headers(&address);
        Reply::json(200, &items).with_headers(headers)
    }
}

impl<Op: Endpoint, I> Passed<Op, (Vec<I>, bool)> {
    /// 200 with a keyset page of a list: the rows, and whether more follow.
    pub(crate) fn keyset<V: Serialize>(
        self,
        call: &Call<Op>,
        keyset: Keyset,
        id: impl Fn(&I) -> i64,
        view: impl FnMut(&I) -> V,
    ) -> Reply {
        let (rows, more) = self.value;
        let last = rows.last().filter(|_| more).map(id);
        let origin = call.web.service.external_url();
        let address = Address { origin, path: &call.path, params: &call.params };
        let headers = keyset.headers(last, &address);
        let items: Vec<V> = rows.iter().map(view).collect();
        Reply::json(200, &items).with_headers(headers)
    }
}
