//! What becomes of a user who goes.

use std::collections::{BTreeMap, BTreeSet};

use tessera_model::user::UserKind;
use tessera_store::fate::{FATES, Fate, count, settle};
use tessera_store::query::users;
use tessera_store::{Conn, DbError, Value};

use crate::harness::{NOW, read, write};
use crate::schema::{Filler, columns};
use crate::world::new_user;

/// Rows that point at a user, by table and column.
type Pointing = BTreeMap<(&'static str, &'static str), i64>;

fn pointing(conn: &mut dyn Conn, user: i64) -> Result<Pointing, DbError> {
    let mut found = Pointing::new();
    for (table, column, _) in FATES {
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE {column} = ?1");
        found.insert((table, column), conn.number(&sql, &[user.into()])?);
    }
    Ok(found)
}

fn rows(conn: &mut dyn Conn) -> Result<BTreeMap<&'static str, i64>, DbError> {
    let tables: BTreeSet<_> = FATES.iter().map(|(table, ..)| *table).collect();
    tables
        .into_iter()
        .map(|table| Ok((table, conn.number(&format!("SELECT COUNT(*) FROM {table}"), &[])?)))
        .collect()
}

both! {
    async fn every_foreign_key_to_a_user_has_a_fate(db: Database) {
        let postgres = db.is_postgres();
        let store = db.open();
        let columns = read(&store, move |conn| columns(conn, postgres)).await.unwrap();
        let pointing: BTreeSet<_> = columns
            .iter()
            .filter(|column| column.references.as_ref().is_some_and(|(table, _)| table == "users"))
            .map(|column| (column.table.as_str(), column.name.as_str()))
            .collect();
        let settled: BTreeSet<_> = FATES.iter().map(|(table, column, _)| (*table, *column)).collect();
        assert_eq!(pointing, settled);
        assert_eq!(settled.len(), FATES.len(), "a column has two fates");
        for (table, column, fate) in FATES {
            let required = columns.iter().any(|c| c.table == *table && c.name == *column && c.required);
            assert!(*fate != Fate::Null || !required, "{table}.{column} cannot point at nobody");
            assert!(columns.iter().any(|c| c.table == *table && c.name == "id"), "{table} has no number");
        }
    }

    async fn settling_moves_every_row_in_steps_and_loses_none(db: Database) {
        let postgres = db.is_postgres();
        let store = db.open();
        let [user, ghost, other] = write(&store, move |conn| {
            let mut people = [0; 3];
            for (place, name) in ["leaver", "ghost", "other"].into_iter().enumerate() {
                people[place] = users::insert(conn, &new_user(name, UserKind::Human), NOW)?;
            }
            let filler = Filler::new(conn, postgres)?;
            for (table, column, fate) in FATES {
                if *fate != Fate::Before {
                    for _ in 0..5 {
                        filler.insert(conn, table, &[(column, people[0].into())], "id")?;
                    }
                }
                filler.insert(conn, table, &[(column, people[2].into())], "id")?;
            }
            Ok(people)
        }).await.unwrap();
        let before = read(&store, rows).await.unwrap();
        let of_other = read(&store, move |conn| pointing(conn, other)).await.unwrap();
        let of_user = read(&store, move |conn| pointing(conn, user)).await.unwrap();
        let expected: i64 = of_user.values().sum();
        let counted = read(&store, move |conn| count(conn, user)).await.unwrap();
        let same: Vec<i64> = FATES.iter().map(|(table, column, _)| of_user[&(*table, *column)]).collect();
        assert_eq!(counted, same);
        assert_eq!(expected, 5 * 16);

        let (mut store, mut steps) = (store, 0);
        loop {
            let left = write(&store, move |conn| settle(conn, user, ghost, 7)).await.unwrap();
            steps += 1;
            let rest: i64 = read(&store, move |conn| pointing(conn, user)).await.unwrap().values().sum();
            assert_eq!(rest, (expected - 7 * steps).max(0), "a step moves as many rows as it may");
            if left > 0 {
                break;
            }
            if steps == 3 {
                // The server stops in the middle and goes on.
                drop(store);
                store = db.open();
            }
        }
        assert_eq!(steps, expected / 7 + 1);
        assert_eq!(write(&store, move |conn| settle(conn, user, ghost, 7)).await.unwrap(), 7, "nothing is left");

        let after = read(&store, rows).await.unwrap();
        for (table, count) in &before {
            let goes = |(of, _, fate): &&(&str, &str, Fate)| of == table && *fate == Fate::Delete;
            let deleted: i64 = FATES.iter().filter(goes).map(|_| 5).sum();
            assert_eq!(after[table], count - deleted, "rows of {table}");
        }
        let of_ghost = read(&store, move |conn| pointing(conn, ghost)).await.unwrap();
        for (table, column, fate) in FATES {
            let expected = if *fate == Fate::Ghost { 5 } else { 0 };
            assert_eq!(of_ghost[&(*table, *column)], expected, "{table}.{column} of the Ghost User");
        }
        assert_eq!(read(&store, move |conn| pointing(conn, other)).await.unwrap(), of_other);
        write(&store, move |conn| users::delete(conn, user)).await.expect("nothing holds the user any more");
    }

    async fn a_user_whose_namespace_stands_cannot_go(db: Database) {
        let postgres = db.is_postgres();
        let store = db.open();
        let user = write(&store, move |conn| {
            let user = users::insert(conn, &new_user("leaver", UserKind::Human), NOW)?;
            Filler::new(conn, postgres)?.insert(conn, "namespaces", &[("owner_id", Value::Int(user))], "id")?;
            settle(conn, user, user, 100)?;
            Ok(user)
        }).await.unwrap();
        let answer = write(&store, move |conn| users::delete(conn, user)).await;
        assert!(matches!(answer, Err(DbError::Failed(_))), "{answer:?}");
    }
}
