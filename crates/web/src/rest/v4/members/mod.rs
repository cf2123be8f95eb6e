//! `/projects/:id/members` and `/groups/:id/members`. Each operation is written once, over the operations of
//! both places.

mod add;
mod get;
mod list;
mod remove;
mod update;

use tessera_model::Result;
use tessera_model::operation::{Operation, members as rows};
use tessera_model::project::{Namespace, Project};
use tessera_model::role::{self, Role};
use tessera_service::members::Peopled;
use tessera_service::{Authorized, Key, Tx};

use crate::params::Reader;

/// An operation on the members of a place, and how the place is found.
trait OnMembers: Operation + Sized {
    /// A project or a group.
    type Place: Peopled;

    /// Whether inherited members count.
    const INHERITED: bool = false;

    /// The place, if the caller may do this operation there.
    fn place<'tx>(tx: &mut Tx<'tx>, key: &Key) -> Result<Authorized<'tx, Self, Self::Place>>;
}

macro_rules! on_members {
    ($place:ty, $find:ident: $( $operation:ident $(($inherited:literal))? ),* $(,)?) => {
        $(
            impl OnMembers for rows::$operation {
                type Place = $place;
                $( const INHERITED: bool = $inherited; )?

                fn place<'tx>(tx: &mut Tx<'tx>, key: &Key) -> Result<Authorized<'tx, Self, $place>> {
                    tx.$find(key)
                }
            }
        )*
    };
}

on_members! { Project, project:
    ListProjectMembers, ListAllProjectMembers(true), GetProjectMember, GetAnyProjectMember(true),
    AddProjectMember, UpdateProjectMember, RemoveProjectMember,
}
on_members! { Namespace, group:
    ListGroupMembers, ListAllGroupMembers(true), GetGroupMember, GetAnyGroupMember(true),
    AddGroupMember, UpdateGroupMember, RemoveGroupMember,
}

/// Makes the endpoints of several operations out of the functions `input` and `serve` of a file.
macro_rules! endpoints {
    ($input:ty: $( $operation:ident ),*) => {
        $(
            impl $crate::call::Endpoint for tessera_model::operation::members::$operation {
                type Input = $input;

                fn input(p: &mut $crate::params::Reader<'_>) -> Self::Input {
                    input(p)
                }

                async fn serve(call: $crate::call::Call<Self>) -> tessera_model::Result<$crate::reply::Reply> {
                    serve(call).await
                }
            }
        )*
    };
}
use endpoints;

/// The project or group of the route.
fn place(p: &mut Reader<'_>) -> Key {
    Key::parse(&p.string("id").required())
}

/// The role asked for, which must be given.
fn role(p: &mut Reader<'_>) -> Role {
    Role::from_level(p.integer("access_level").among(role::LEVELS).required()).unwrap_or(Role::Guest)
}
