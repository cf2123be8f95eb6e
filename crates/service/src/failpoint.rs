//! Places where a test has the process die: between any two steps of a job, in the middle of a step, before and after
//! a mail is handed over. The shipped binary has none: they are compiled in with the feature `failpoints`, which only
//! tests turn on, and do nothing until `TESSERA_FAILPOINT=N` asks for the end of the process at the N-th place reached, or
//! `TESSERA_FAILPOINT=PLACE:N` for the N-th time that one place is.

/// A place is reached.
#[cfg(feature = "failpoints")]
pub fn reach(place: &str) {
    use std::io::Write;
    use std::sync::atomic::{AtomicU32, Ordering};

    static REACHED: AtomicU32 = AtomicU32::new(0);
    let Ok(wanted) = std::env::var("TESSERA_FAILPOINT") else { return };
    let (only, number) =
        wanted.rsplit_once(':').map_or((None, &*wanted), |(place, number)| (Some(place), number));
    let Ok(fatal) = number.parse::<u32>() else { return };
    if only.is_some_and(|only| only != place) {
        return;
    }
    if REACHED.fetch_add(1, Ordering::SeqCst) + 1 == fatal {
        let _ = writeln!(std::io::stderr(), "failpoint {wanted}: {place}");
        std::process::abort();
    }
}

/// A place is reached.
#[cfg(not(feature = "failpoints"))]
pub fn reach(_place: &str) {}
