//! What stands around the content of every page.

use tessera_model::user::User;
use zeroize::Zeroizing;

use super::assets;

/// The frame of a page.
pub(crate) struct Frame {
    /// What the page is, for the browser's title.
    pub(crate) title: String,
    /// Where it stands.
    pub(crate) crumbs: Vec<Crumb>,
    /// Who is signed in.
    pub(crate) user: Option<Person>,
    /// The navigation of the place.
    pub(crate) nav: Option<Nav>,
    /// What is told once above the content.
    pub(crate) notices: Vec<Notice>,
    /// What every form carries as `authenticity_token`.
    pub(crate) csrf: String,
    /// What was searched for.
    pub(crate) query: String,
    /// The host of the instance.
    pub(crate) instance: String,
    /// The version of the server.
    pub(crate) version: &'static str,
    /// The address of the stylesheet.
    pub(crate) css: &'static str,
    /// The address of the script.
    pub(crate) js: &'static str,
}

/// A step on the way to a page.
pub(crate) struct Crumb {
    pub(crate) label: String,
    pub(crate) href: String,
}

/// Somebody, as pages show them.
pub(crate) struct Person {
    pub(crate) username: String,
    pub(crate) name: String,
    pub(crate) admin: bool,
    /// One or two letters for the picture.
    pub(crate) initials: String,
}

/// The navigation of a place.
pub(crate) struct Nav {
    pub(crate) heading: String,
    pub(crate) items: Vec<NavItem>,
}

/// One entry of it.
pub(crate) struct NavItem {
    pub(crate) label: String,
    pub(crate) href: String,
    /// The name of an icon.
    pub(crate) icon: &'static str,
    /// Whether this page is it.
    pub(crate) current: bool,
}

/// Something that is told above the content.
pub(crate) struct Notice {
    /// `good`, `bad` or `info`.
    pub(crate) kind: &'static str,
    pub(crate) text: String,
}

impl Frame {
    /// A frame with nothing but a title.
    pub(super) fn new(title: impl Into<String>, instance: String, user: Option<&User>, csrf: String) -> Self {
        Self {
            title: title.into(),
            crumbs: Vec::new(),
            user: user.map(Person::of),
            nav: None,
            notices: Vec::new(),
            csrf,
            query: String::new(),
            instance,
            version: env!("CARGO_PKG_VERSION"),
            css: assets::STYLE.address(),
            js: assets::SCRIPT.address(),
        }
    }

    /// Adds a step on the way to the page.
    #[must_use]
    pub(crate) fn crumb(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.crumbs.push(Crumb { label: label.into(), href: href.into() });
        self
    }

    /// Adds the navigation of the place.
    #[must_use]
    pub(crate) fn nav(mut self, nav: Nav) -> Self {
        self.nav = Some(nav);
        self
    }
}

impl Person {
    /// How pages show this user.
    pub(crate) fn of(user: &User) -> Self {
        Self {
            username: user.username.clone(),
            name: user.name.clone(),
            admin: user.admin,
            initials: initials(&user.name),
        }
    }
}

impl Nav {
    /// Without entries.
    pub(crate) fn new(heading: impl Into<String>) -> Self {
        Self { heading: heading.into(), items: Vec::new() }
    }

    /// Adds an entry.
    #[must_use]
    pub(crate) fn item(
        mut self,
        label: &str,
        href: impl Into<String>,
        icon: &'static str,
        current: bool,
    ) -> Self {
        self.items.push(NavItem { label: label.to_owned(), href: href.into(), icon, current });
        self
    }

    /// Adds an entry for those who may go there.
    #[must_use]
    pub(crate) fn item_if(
        self,
        may: bool,
        label: &str,
        href: String,
        icon: &'static str,
        current: bool,
    ) -> Self {
        if may { self.item(label, href, icon, current) } else { self }
    }
}

/// The first letters of the first and the last word of a name.
pub(crate) fn initials(name: &str) -> String {
    let mut letters =
        name.split_whitespace().filter_map(|word| word.chars().find(|letter| letter.is_alphanumeric()));
    let first = letters.next();
    let last = letters.next_back();
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

/// What a page says this once, taken out of the session.
pub(crate) struct Told {
    /// What was done.
    pub(crate) text: String,
    /// A secret that nobody can read again.
    pub(crate) secret: Option<Zeroizing<String>>,
    /// The number of what it is about.
    pub(crate) subject: Option<i64>,
}

#[cfg(test)]
mod tests {
    #[test]
    fn initials_are_those_of_the_ends_of_a_name() {
        for (name, letters) in
            [("Ada Lovelace", "AL"), ("root", "R"), ("a b c d", "AD"), ("", ""), ("- élan", "É")]
        {
            assert_eq!(super::initials(name), letters);
        }
    }
}
