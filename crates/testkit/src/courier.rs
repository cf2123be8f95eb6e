//! Web hooks of a test: what was sent, and what names lead to, kept in memory.

use std::collections::{HashMap, VecDeque};
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Mutex, PoisonError};

use tessera_service::web_hooks::courier::{Answer, Courier, Post, Posting, Resolving};

use crate::canary::Keep;

/// Where every name below `example.com` leads.
const OUTSIDE: IpAddr = IpAddr::V4(Ipv4Addr::new(93, 184, 215, 14));

/// A call that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called {
    /// Where to.
    pub url: String,
    /// To which addresses.
    pub addresses: Vec<String>,
    /// Names and values of its headers.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: String,
    /// Whether a good certificate is asked for.
    pub verifies_tls: bool,
}

impl Called {
    /// The value of a header, empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

/// A courier that keeps what it is given, and answers as it is told.
#[derive(Default)]
pub struct Memory {
    called: Mutex<Vec<Called>>,
    answers: Mutex<VecDeque<Result<Answer, String>>>,
    names: Mutex<HashMap<String, Vec<IpAddr>>>,
}

fn held<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Memory {
    /// Takes out what was sent since the last time.
    pub fn take(&self) -> Vec<Called> {
        std::mem::take(&mut *held(&self.called))
    }

    /// The next call has this status; called several times, so do those after it. Otherwise it is 200.
    pub fn answer(&self, status: u16) {
        held(&self.answers).push_back(Ok(Answer { status, ..Answer::default() }));
    }

    /// The next call gets no answer.
    pub fn fail(&self, why: &str) {
        held(&self.answers).push_back(Err(why.to_owned()));
    }

    /// A name leads to these addresses from now on.
    pub fn lead(&self, name: &str, addresses: &[&str]) {
        let addresses = addresses.iter().map(|address| address.parse().unwrap()).collect();
        held(&self.names).insert(name.to_owned(), addresses);
    }
}

impl Courier for Memory {
    fn resolve<'a>(&'a self, name: &'a str) -> Resolving<'a> {
        let known = held(&self.names).get(name).cloned();
        let outside = name == "example.com" || name.ends_with(".example.com");
        let found = known.or_else(|| outside.then(|| vec![OUTSIDE]));
        Box::pin(std::future::ready(found.ok_or_else(|| io::Error::other("no such name"))))
    }

    fn post<'a>(&'a self, post: &'a Post) -> Posting<'a> {
        let answer = held(&self.answers).pop_front();
        // What holds for the log holds for what is sent: no secret may stand in it.
        let _ = writeln!(Keep, "{}", String::from_utf8_lossy(&post.body));
        held(&self.called).push(Called {
            url: post.url.to_string(),
            addresses: post.addresses.iter().map(ToString::to_string).collect(),
            headers: post
                .headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.to_string()))
                .collect(),
            body: String::from_utf8_lossy(&post.body).into_owned(),
            verifies_tls: post.verifies_tls,
        });
        let usual = || Ok(Answer { status: 200, ..Answer::default() });
        Box::pin(std::future::ready(answer.unwrap_or_else(usual)))
    }
}
