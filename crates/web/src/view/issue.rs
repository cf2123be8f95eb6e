//! Issues (semantics of GitLab's entity `Issue`).

use serde_json::{Value, json};
use tessera_model::issue::{Issue, tasks};

use super::Links;
use super::user::basic;

/// An issue as lists and single answers show it. Nothing here has milestones, reactions or times spent:
/// their fields hold what stands for none.
pub(crate) fn issue(links: &Links, issue: &Issue) -> Value {
    let own = format!("projects/{}/issues/{}", issue.project_id, issue.iid);
    let (boxes, done) = issue.description.as_deref().map_or((0, 0), tasks);
    let short = format!("#{}", issue.iid);
    let full = format!("{}{short}", issue.project_path);
    let mut view = json!({
        "id": issue.id,
        "iid": issue.iid,
        "project_id": issue.project_id,
        "title": issue.title,
        "description": issue.description,
        "state": issue.state.name(),
        "created_at": issue.created_at,
        "updated_at": issue.updated_at,
        "closed_at": issue.closed_at,
        "closed_by": issue.closed_by.as_ref().map(|user| basic(links, user)),
        "labels": issue.labels,
        "milestone": null,
        "assignees": issue.assignees.iter().map(|user| basic(links, user)).collect::<Vec<_>>(),
        "author": basic(links, &issue.author),
        "type": "ISSUE",
        "assignee": issue.assignees.first().map(|user| basic(links, user)),
        "user_notes_count": issue.notes,
        "merge_requests_count": 0,
        "upvotes": 0,
        "downvotes": 0,
        "due_date": issue.due_date,
        "confidential": issue.confidential,
        "discussion_locked": null,
        "issue_type": "issue",
        "web_url": links.web(&format!("{}/-/issues/{}", issue.project_path, issue.iid)),
        "time_stats": {
            "time_estimate": 0, "total_time_spent": 0, "human_time_estimate": null, "human_total_time_spent": null,
        },
        "task_completion_status": { "count": boxes, "completed_count": done },
        "has_tasks": boxes > 0,
        "_links": {
            "self": links.api(&own),
            "notes": links.api(&format!("{own}/notes")),
            "award_emoji": links.api(&format!("{own}/award_emoji")),
            "project": links.api(&format!("projects/{}", issue.project_id)),
            "closed_as_duplicate_of": null,
        },
        "references": { "short": short, "relative": short, "full": full },
        "severity": "UNKNOWN",
        "moved_to_id": null,
        "imported": false,
        "imported_from": "none",
        "service_desk_reply_to": null,
    });
    if let Some(object) = view.as_object_mut().filter(|_| boxes > 0) {
        let status = format!("{done} of {boxes} checklist items completed");
        object.insert("task_status".to_owned(), json!(status));
    }
    view
}
