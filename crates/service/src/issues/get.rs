//! One issue.

use tessera_model::issue::Issue;
use tessera_model::operation::Operation;
use tessera_model::project::Project;
use tessera_model::{Error, Result};

use crate::{Authorized, Tx};

/// The issue of this number, if the caller may see it.
///
/// # Errors
/// 404 when there is none, it is confidential to others, or the project offers no issues.
pub fn get<'tx, Op: Operation>(
    tx: &mut Tx<'tx>,
    project: &Authorized<'tx, Op, Project>,
    iid: i64,
) -> Result<Issue> {
    super::find(tx, project, iid, Error::missing_record).map(|(issue, _)| issue)
}
