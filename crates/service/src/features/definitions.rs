//! The flags that the server knows.

use tessera_model::operation::Operation;

use crate::feature::{DEFINITIONS, Definition};
use crate::{Authorized, Tx};

/// Every flag that the server knows, set or not.
pub fn definitions<'tx, Op: Operation>(
    _tx: &mut Tx<'tx>,
    _right: &Authorized<'tx, Op, ()>,
) -> &'static [Definition] {
    DEFINITIONS
}
