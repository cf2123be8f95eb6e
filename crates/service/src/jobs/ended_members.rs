//! Removes memberships whose date has come. They gave nothing from midnight on; this tidies up and writes it down.

use serde_json::json;
use tessera_model::Result;
use tessera_model::role::Role;
use tessera_store::query;
use tessera_store::query::retention::EndedMember;

use super::Run;
use crate::audit::Event;
use crate::{Service, Tx, fault};

/// Memberships looked at in one transaction.
const STEP: i64 = 100;

impl Service {
    pub(super) async fn end_memberships(&self, run: Run) -> Result<String> {
        let (mut after, mut removed) = (0, 0);
        loop {
            let (last, count) = self.step(run, "ended memberships", move |tx| remove_some(tx, after)).await?;
            removed += count;
            match last {
                Some(id) => after = id,
                None => return Ok(format!("{removed} memberships removed")),
            }
        }
    }
}

/// Removes some, and returns the number of the last one looked at and how many were removed.
fn remove_some(tx: &mut Tx<'_>, after: i64) -> Result<(Option<i64>, i64)> {
    let today = tx.today();
    let ended = query::retention::ended_members(tx.conn, today, after, STEP).map_err(fault)?;
    let mut removed = 0;
    for member in &ended {
        if is_last_owner(tx, member)? {
            continue;
        }
        query::members::delete(tx.conn, member.id).map_err(fault)?;
        tx.audit(&Event {
            action: "member.expire",
            target: ("user", Some(member.user.0), &member.user.1),
            project_id: member.project_id,
            details: json!({ "of": member.full_path, "access_level": member.role.level() }),
        })?;
        removed += 1;
    }
    Ok((ended.last().map(|member| member.id), removed))
}

/// The row of a group's last owner stays, as in GitLab: it says whom to ask.
fn is_last_owner(tx: &mut Tx<'_>, member: &EndedMember) -> Result<bool> {
    let (Some(group), Role::Owner) = (member.group_id, member.role) else { return Ok(false) };
    let today = tx.today();
    let others = query::members::other_owners(tx.conn, group, member.user.0, today).map_err(fault)?;
    Ok(others == 0)
}
