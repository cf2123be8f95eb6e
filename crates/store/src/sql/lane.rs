//! A queue between many askers and a few database threads, made for batches: a thread takes everything
//! that waits under one lock, and sleeps instead of spinning, since on a small machine the spinning
//! would be taken from those who ask.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::work::Work;

/// What takes work to a database thread. `false`: nobody is there any more.
pub(crate) trait Submit: Send + Sync {
    fn submit(&self, work: Box<dyn Work>) -> bool;
}

impl Submit for crossbeam_channel::Sender<Box<dyn Work>> {
    fn submit(&self, work: Box<dyn Work>) -> bool {
        self.send(work).is_ok()
    }
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    bell: Condvar,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Box<dyn Work>>,
    /// Threads that sleep and were not called yet.
    idle: usize,
    closed: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The askers' end. When it is dropped the threads end, after what waits.
pub(crate) struct Sender(Arc<Shared>);

/// A thread's end; clones take turns.
#[derive(Clone)]
pub(crate) struct Receiver(Arc<Shared>);

/// Makes a queue.
pub(crate) fn lane() -> (Sender, Receiver) {
    let shared = Arc::new(Shared::default());
    (Sender(Arc::clone(&shared)), Receiver(shared))
}

impl Submit for Sender {
    fn submit(&self, work: Box<dyn Work>) -> bool {
        let mut queue = self.0.lock();
        queue.waiting.push_back(work);
        if queue.idle > 0 {
            queue.idle -= 1;
            drop(queue);
            self.0.bell.notify_one();
        }
        true
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.0.lock().closed = true;
        self.0.bell.notify_all();
    }
}

impl Receiver {
    /// Waits for work and takes at most `most` pieces; nothing is left when the queue is closed.
    pub(crate) fn take(&self, most: usize) -> Option<Vec<Box<dyn Work>>> {
        let mut queue = self.0.lock();
        loop {
            if !queue.waiting.is_empty() {
                let count = queue.waiting.len().min(most);
                return Some(queue.waiting.drain(..count).collect());
            }
            if queue.closed {
                return None;
            }
            queue.idle += 1;
            queue = self.0.bell.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::DbError;
    use crate::sql::work::package;

    #[test]
    fn what_waits_is_taken_together_and_nothing_is_left_behind() {
        let (sender, receiver) = lane();
        for _ in 0..5 {
            let (work, _) = package(|_| Ok::<(), DbError>(()));
            assert!(sender.submit(work));
        }
        assert_eq!(receiver.take(3).map(|batch| batch.len()), Some(3));
        drop(sender);
        assert_eq!(receiver.take(3).map(|batch| batch.len()), Some(2));
        assert!(receiver.take(3).is_none());
    }

    #[test]
    fn sleeping_threads_are_woken() {
        let (sender, receiver) = lane();
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..3)
                .map(|_| {
                    let receiver = receiver.clone();
                    scope.spawn(move || {
                        let mut taken = 0;
                        while let Some(batch) = receiver.take(2) {
                            taken += batch.len();
                        }
                        taken
                    })
                })
                .collect();
            for _ in 0..1000 {
                let (work, _) = package(|_| Ok::<(), DbError>(()));
                sender.submit(work);
            }
            drop(sender);
            let taken: usize = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
            assert_eq!(taken, 1000);
        });
    }
}
