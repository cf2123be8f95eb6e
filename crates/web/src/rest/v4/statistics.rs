//! `GET /application/statistics`.

use serde_json::{Value, json};
use tessera_model::Result;
use tessera_model::operation::statistics::GetStatistics;
use tessera_service::statistics::{self, Statistics};

use crate::call::{Call, Endpoint};
use crate::params::Reader;
use crate::reply::Reply;

impl Endpoint for GetStatistics {
    type Input = ();

    fn input(_: &mut Reader<'_>) {}

    async fn serve(call: Call<Self>) -> Result<Reply> {
        let found = call.read(|tx, ()| {
            let right = tx.instance::<Self>()?;
            statistics::get(tx, &right)
        });
        Ok(found.await?.ok(|found| view(&found)))
    }
}

/// GitLab's keys; its numbers are texts with a comma before every three digits. Of what Tessera has not there is
/// none.
fn view(found: &Statistics) -> Value {
    json!({
        "forks": delimited(0),
        "issues": delimited(found.issues),
        "merge_requests": delimited(0),
        "notes": delimited(found.notes),
        "snippets": delimited(0),
        "ssh_keys": delimited(0),
        "milestones": delimited(0),
        "users": delimited(found.users),
        "projects": delimited(found.projects),
        "groups": delimited(found.groups),
        "active_users": delimited(found.active_users),
    })
}

fn delimited(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::delimited;

    #[test]
    fn a_comma_stands_before_every_three_digits() {
        for (number, text) in [(0, "0"), (12, "12"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")]
        {
            assert_eq!(delimited(number), text);
        }
    }
}
