//! A closure on its way to a database thread, and its answer on the way back.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::oneshot;

use super::{Conn, DbError, Row, Value};

/// What a run of a closure came to.
#[derive(Debug)]
pub(crate) enum Ran {
    /// Its changes are to be kept.
    Done,
    /// It said no, or panicked: its changes are to be undone.
    Refused,
    /// The database failed it, for this reason first: its changes are to be undone, whatever it
    /// returned.
    Failed(DbError),
}

/// A unit of work. It runs once, or again when its transaction met another one, and answers only
/// when it is told how the commit went.
pub(crate) trait Work: Send {
    /// Runs the closure.
    fn run(&mut self, conn: &mut dyn Conn) -> Ran;

    /// Whether nobody waits for the answer any more.
    fn abandoned(&self) -> bool;

    /// Sends the answer. After a failed commit nothing that the closure returned is true.
    fn finish(self: Box<Self>, commit: Result<(), DbError>);
}

/// What comes back: what the closure answered, and how many statements it ran for that.
pub(crate) type Answer<T, E> = (Result<T, E>, u64);

struct Closure<F, T, E> {
    action: F,
    outcome: Option<Answer<T, E>>,
    reply: oneshot::Sender<Answer<T, E>>,
}

impl<F, T, E> Work for Closure<F, T, E>
where
    F: Fn(&mut dyn Conn) -> Result<T, E> + Send,
    T: Send,
    E: From<DbError> + Send,
{
    fn run(&mut self, conn: &mut dyn Conn) -> Ran {
        let (answer, ran) = attempt(conn, &self.action);
        self.outcome = Some(answer);
        ran
    }

    fn abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn finish(self: Box<Self>, commit: Result<(), DbError>) {
        let answer = match (commit, self.outcome) {
            (Err(why), Some((Ok(_), statements))) => (Err(E::from(why)), statements),
            (Err(why), None) => (Err(E::from(why)), 0),
            (_, Some(answer)) => answer,
            (Ok(()), None) => (Err(E::from(DbError::Unavailable("the work did not run".to_owned()))), 0),
        };
        // Nobody waits any more when the client went away; the work stays done.
        let _ = self.reply.send(answer);
    }
}

/// Runs a closure once and says what it answers and what that means for its transaction.
pub(crate) fn attempt<F, T, E>(conn: &mut dyn Conn, action: &F) -> (Answer<T, E>, Ran)
where
    F: Fn(&mut dyn Conn) -> Result<T, E>,
    E: From<DbError>,
{
    let mut conn = Guarded { conn, fault: None, statements: 0 };
    let outcome = catch_unwind(AssertUnwindSafe(|| action(&mut conn)));
    let (answer, ran) = match (outcome, conn.fault) {
        (Err(_), _) => (Err(E::from(DbError::Panicked)), Ran::Refused),
        (Ok(Err(error)), Some(fault)) => (Err(error), Ran::Failed(fault)),
        (Ok(Ok(_)), Some(fault)) => (Err(E::from(fault.clone())), Ran::Failed(fault)),
        (Ok(Err(error)), None) => (Err(error), Ran::Refused),
        (Ok(Ok(answer)), None) => (Ok(answer), Ran::Done),
    };
    ((answer, conn.statements), ran)
}

/// Wraps a closure for a database thread.
pub(crate) fn package<'a, F, T, E>(action: F) -> (Box<dyn Work + 'a>, oneshot::Receiver<Answer<T, E>>)
where
    F: Fn(&mut dyn Conn) -> Result<T, E> + Send + 'a,
    T: Send + 'a,
    E: From<DbError> + Send + 'a,
{
    let (reply, answer) = oneshot::channel();
    (Box::new(Closure { action, outcome: None, reply }), answer)
}

/// Ends the transaction with its first fault. PostgreSQL does so by itself (and then answers COMMIT
/// with a silent rollback); SQLite would go on, and code that leans on that would work on one only.
struct Guarded<'c> {
    conn: &'c mut dyn Conn,
    fault: Option<DbError>,
    /// How many statements it was asked to run.
    statements: u64,
}

impl Guarded<'_> {
    fn guard<T>(&mut self, call: impl FnOnce(&mut dyn Conn) -> Result<T, DbError>) -> Result<T, DbError> {
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        let answer = call(self.conn);
        self.fault = answer.as_ref().err().cloned();
        answer
    }
}

impl Conn for Guarded<'_> {
    fn rows(&mut self, sql: &str, args: &[Value]) -> Result<Vec<Row>, DbError> {
        self.statements += 1;
        self.guard(|conn| conn.rows(sql, args))
    }

    fn exec(&mut self, sql: &str, args: &[Value]) -> Result<u64, DbError> {
        self.statements += 1;
        self.guard(|conn| conn.exec(sql, args))
    }

    fn insert(&mut self, sql: &str, args: &[Value]) -> Result<i64, DbError> {
        self.statements += 1;
        self.guard(|conn| conn.insert(sql, args))
    }

    fn prepare(&mut self, sql: &str) -> Result<(), DbError> {
        self.guard(|conn| conn.prepare(sql))
    }

    fn batch(&mut self, sql: &str) -> Result<(), DbError> {
        self.guard(|conn| conn.batch(sql))
    }

    fn snapshot_is_enough(&mut self) -> Result<(), DbError> {
        self.guard(|conn| conn.snapshot_is_enough())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails every query that says so.
    struct Fake(Vec<String>);

    impl Conn for Fake {
        fn rows(&mut self, _: &str, _: &[Value]) -> Result<Vec<Row>, DbError> {
            Ok(Vec::new())
        }

        fn exec(&mut self, sql: &str, _: &[Value]) -> Result<u64, DbError> {
            self.0.push(sql.to_owned());
            if sql == "bad" { Err(DbError::Taken("it".to_owned())) } else { Ok(1) }
        }

        fn insert(&mut self, sql: &str, args: &[Value]) -> Result<i64, DbError> {
            self.exec(sql, args).map(|_| 1)
        }

        fn prepare(&mut self, _: &str) -> Result<(), DbError> {
            Ok(())
        }

        fn batch(&mut self, _: &str) -> Result<(), DbError> {
            Ok(())
        }
    }

    #[test]
    fn a_swallowed_fault_fails_the_closure_and_nothing_runs_after_it() {
        let mut fake = Fake(Vec::new());
        let (mut work, mut answer) = package(|conn: &mut dyn Conn| {
            let _ = conn.exec("bad", &[]);
            assert!(matches!(conn.exec("good", &[]), Err(DbError::Taken(_))), "the first fault stays");
            Ok::<_, DbError>("all is well")
        });
        assert!(matches!(work.run(&mut fake), Ran::Failed(DbError::Taken(_))));
        assert_eq!(fake.0, ["bad"]);
        work.finish(Ok(()));
        assert!(matches!(answer.try_recv(), Ok((Err(DbError::Taken(_)), 2))));
    }

    #[test]
    fn a_second_run_replaces_what_the_first_one_said() {
        let runs = std::sync::atomic::AtomicU32::new(0);
        let (mut work, mut answer) = package(|conn: &mut dyn Conn| {
            let first = runs.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0;
            conn.exec(if first { "bad" } else { "good" }, &[])
        });
        assert!(matches!(work.run(&mut Fake(Vec::new())), Ran::Failed(_)));
        assert!(matches!(work.run(&mut Fake(Vec::new())), Ran::Done));
        work.finish(Ok(()));
        assert!(matches!(answer.try_recv(), Ok((Ok(1), 1))), "only the run that counts is counted");
    }

    #[test]
    fn a_failed_commit_makes_success_untrue_and_leaves_a_refusal() {
        for refuse in [false, true] {
            let (mut work, mut answer) =
                package(
                    move |_: &mut dyn Conn| {
                        if refuse { Err(DbError::Failed("no".to_owned())) } else { Ok(()) }
                    },
                );
            let ran = work.run(&mut Fake(Vec::new()));
            assert!(matches!((refuse, ran), (false, Ran::Done) | (true, Ran::Refused)));
            work.finish(Err(DbError::Unavailable("disk full".to_owned())));
            let answer = answer.try_recv().unwrap().0.unwrap_err();
            assert_eq!(matches!(answer, DbError::Failed(_)), refuse, "{answer}");
        }
    }
}
