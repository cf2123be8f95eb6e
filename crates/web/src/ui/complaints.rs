//! What is wrong with a form: summed up at its top and said at its fields.

use tessera_model::{Error, Result};

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The name of the field, which is its id too; `main` for the form as a whole.
    pub(crate) field: String,
    /// What is wrong, in a sentence.
    pub(crate) text: String,
}

/// Everything that is wrong with a form.
#[derive(Debug, Default)]
pub(crate) struct Complaints(pub(crate) Vec<Problem>);

impl Complaints {
    /// The complaints that an error is; any other error goes on.
    ///
    /// # Errors
    /// The error itself, where it says nothing of the form.
    pub(crate) fn of(error: Error) -> Result<Self> {
        let mut found = Self::default();
        match error {
            Error::Invalid(fields) => {
                for (field, text) in fields {
                    found.add(field, &text);
                }
            }
            Error::BadRequest(Some(text))
            | Error::Refused(text)
            | Error::Conflict(text)
            | Error::Unprocessable(text)
            | Error::NotAcceptable(text)
            | Error::Parameters(text) => found.say("main", &text),
            other => return Err(other),
        }
        Ok(found)
    }

    /// What is wrong with a field, where the text goes on after its name: `can't be blank`.
    pub(crate) fn add(&mut self, field: &str, text: &str) {
        self.say(field, &format!("{} {text}", field.replace('_', " ")));
    }

    /// What is wrong with a field, said by itself.
    pub(crate) fn say(&mut self, field: &str, text: &str) {
        self.0.push(Problem { field: field.to_owned(), text: sentence(text) });
    }

    /// The same, alone.
    pub(crate) fn saying(field: &str, text: &str) -> Self {
        let mut found = Self::default();
        found.say(field, text);
        found
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is said at a field; empty where nothing is.
    pub(crate) fn at(&self, field: &str) -> &str {
        self.0.iter().find(|problem| problem.field == field).map_or("", |problem| &problem.text)
    }
}

/// With a capital at its start and a full stop at its end.
fn sentence(text: &str) -> String {
    let mut letters = text.trim().chars();
    let Some(first) = letters.next() else { return String::new() };
    let mut sentence: String = first.to_uppercase().chain(letters).collect();
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_stand_at_their_fields() {
        let found =
            Complaints::of(Error::Invalid(vec![("expires_at", "can't be blank".to_owned())])).unwrap();
        assert_eq!(found.at("expires_at"), "Expires at can't be blank.");
        assert_eq!(found.at("other"), "");
        let found = Complaints::of(Error::Conflict("email has already been taken".to_owned())).unwrap();
        assert_eq!(found.at("main"), "Email has already been taken.");
        assert!(Complaints::of(Error::missing("Project")).is_err());
    }
}
