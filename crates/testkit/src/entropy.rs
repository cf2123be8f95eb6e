//! Randomness with a seed: the same for each run, different for each instance.

use std::sync::atomic::{AtomicU64, Ordering};

use tessera_model::secret::{Entropy, EntropyError};

static SEEDS: AtomicU64 = AtomicU64::new(1);

/// A stream of bytes that no other instance of this process has. Fit for tests only.
pub struct Seeded(AtomicU64);

impl Seeded {
    /// The next seed of this process.
    pub fn distinct() -> Self {
        Self(AtomicU64::new(SEEDS.fetch_add(1, Ordering::Relaxed) << 40))
    }
}

impl Entropy for Seeded {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
        for chunk in buffer.chunks_mut(8) {
            let counter = self.0.fetch_add(1, Ordering::Relaxed);
            chunk.copy_from_slice(&mixed(counter).to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

/// Spreads a counter over 64 bits, so that neighbours share nothing (the finaliser of `MurmurHash3`).
fn mixed(counter: u64) -> u64 {
    let mut bits = counter.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ bits >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    bits = (bits ^ bits >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    bits ^ bits >> 33
}
