//! The audit log.

use crate::ability::Ability;
use crate::operation::Row;

operations! { $ audit_events;
    /// The records of the whole instance.
    ListAuditEvents = Row::get("/audit_events").needs(Ability::Administer);
    /// One record.
    GetAuditEvent = Row::get("/audit_events/:id").needs(Ability::Administer).missing("Audit Event");
    /// The records of a project.
    ListProjectAuditEvents = Row::get("/projects/:id/audit_events").needs(Ability::ReadAudit).missing("Project");
    /// One record of a project.
    GetProjectAuditEvent = Row::get("/projects/:id/audit_events/:audit_event_id").needs(Ability::ReadAudit).missing("Project");
    /// The records of a group.
    ListGroupAuditEvents = Row::get("/groups/:id/audit_events").needs(Ability::OwnGroup).missing("Group");
    /// One record of a group.
    GetGroupAuditEvent = Row::get("/groups/:id/audit_events/:audit_event_id").needs(Ability::OwnGroup).missing("Group");
}
