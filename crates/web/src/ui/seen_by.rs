//! Who may see a project or group, as choices of a form.

use tessera_model::visibility::{ALL, Visibility};

/// One choice.
pub(crate) struct SeenBy {
    pub(crate) value: &'static str,
    pub(crate) title: &'static str,
    pub(crate) text: &'static str,
    pub(crate) chosen: bool,
}

/// All of them up to the widest.
pub(crate) fn choices(chosen: Visibility, widest: Visibility) -> Vec<SeenBy> {
    let fit = ALL.iter().copied().filter(|visibility| *visibility <= widest);
    fit.map(|visibility| SeenBy {
        value: visibility.name(),
        title: visibility.title(),
        text: match visibility {
            Visibility::Private => "Its members alone.",
            Visibility::Internal => "Everybody who is signed in, except external people.",
            Visibility::Public => "Everybody, without signing in.",
        },
        chosen: visibility == chosen,
    })
    .collect()
}
