//! Instance settings.

use crate::ability::Ability;
use crate::operation::Row;

operations! { $ settings;
    /// All settings.
    GetSettings = Row::get("/application/settings").needs(Ability::Administer);
    /// Changes settings.
    UpdateSettings = Row::put("/application/settings").needs(Ability::Administer);
}
