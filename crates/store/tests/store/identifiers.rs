//! No number is ever used twice (D32).

use tessera_store::{DbError, Value};

use crate::harness::{read, write};
use crate::schema::Filler;

both! {
    async fn no_id_is_used_twice(db: Database) {
        let postgres = db.is_postgres();
        let store = db.open();
        let tables = read(&store, move |conn| Ok(Filler::new(conn, postgres)?.numbered())).await.unwrap();
        assert!(tables.len() >= 14, "{tables:?}");
        let mut highest = Vec::new();
        for table in tables.clone() {
            let last = write(&store, move |conn| {
                let filler = Filler::new(conn, postgres)?;
                filler.insert(conn, &table, &[], "id")?;
                let last = filler.insert(conn, &table, &[], "id")?;
                conn.exec(&format!("DELETE FROM {table} WHERE id = ?1"), std::slice::from_ref(&last))?;
                Ok((table.clone(), last))
            });
            highest.push(last.await.unwrap());
        }
        // Not even after a restart, when nobody remembers the highest one.
        drop(store);
        let store = db.open();
        for (table, last) in highest {
            let next = write(&store, move |conn| {
                let next = Filler::new(conn, postgres)?.insert(conn, &table, &[], "id")?;
                let (Value::Int(next), Value::Int(last)) = (next, last.clone()) else {
                    return Err(DbError::Failed("a number is no number".to_owned()));
                };
                Ok((table.clone(), last, next))
            });
            let (table, last, next) = next.await.unwrap();
            assert!(next > last, "{table}: {next} after {last}");
        }
    }
}
