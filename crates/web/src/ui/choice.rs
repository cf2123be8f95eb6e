//! The options of a field from which one is chosen.

use tessera_model::role::{self, Role};

/// One option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) chosen: bool,
}

impl Choice {
    /// An option.
    pub(crate) fn new(value: impl Into<String>, label: impl Into<String>, chosen: bool) -> Self {
        Self { value: value.into(), label: label.into(), chosen }
    }
}

/// The roles that somebody with this role may give: none above their own.
pub(crate) fn roles_up_to(own: Option<Role>, chosen: Role) -> Vec<Choice> {
    let offered = role::ALL.iter().copied().filter(|role| Some(*role) <= own);
    offered.map(|role| Choice::new(role.level().to_string(), role.title(), role == chosen)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_role_above_ones_own_is_offered() {
        let labels = |own| roles_up_to(own, Role::Developer).into_iter().map(|choice| choice.label);
        assert_eq!(labels(None).count(), 0);
        assert_eq!(
            labels(Some(Role::Maintainer)).collect::<Vec<_>>(),
            ["Guest", "Planner", "Reporter", "Developer", "Maintainer"]
        );
        assert_eq!(labels(Some(Role::Owner)).next_back().unwrap(), "Owner");
        let chosen: Vec<_> = roles_up_to(Some(Role::Owner), Role::Developer);
        assert_eq!(chosen.iter().filter(|choice| choice.chosen).count(), 1);
    }
}
