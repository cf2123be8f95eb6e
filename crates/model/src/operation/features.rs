//! Feature flags (P8, D13).

use crate::ability::Ability;
use crate::operation::Row;

operations! { $ features;
    /// Lists the flags that were ever set.
    ListFeatures = Row::get("/features").needs(Ability::Administer);
    /// Lists the flags that the server knows.
    ListFeatureDefinitions = Row::get("/features/definitions").needs(Ability::Administer);
    /// Sets a flag or one of its gates.
    SetFeature = Row::post("/features/:name").needs(Ability::Administer);
    /// Forgets a flag, so that its default counts again.
    DeleteFeature = Row::delete("/features/:name").needs(Ability::Administer);
}
