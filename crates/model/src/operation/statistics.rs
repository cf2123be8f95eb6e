//! Figures of the instance.

use crate::ability::Ability;
use crate::operation::Row;

operations! { $ statistics;
    /// How many people, groups, projects and records there are; bots count nowhere (B8).
    GetStatistics = Row::get("/application/statistics").needs(Ability::Administer);
}
