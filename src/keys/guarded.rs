//! Memory for what is secret for as long as the process lives (security.md, M-7).

use memmap2::MmapMut;
use std::io;
use std::ops::Deref;
use std::sync::Once;
use zeroize::{Zeroize as _, Zeroizing};

/// A secret's bytes, in pages of their own: never swapped out, left out of every core dump, wiped before
/// they are given back. It cannot be printed, cloned or grown.
pub struct Guarded(Memory);

enum Memory {
    Pages(MmapMut),
    /// Where the system gives no pages.
    Heap(Zeroizing<Vec<u8>>),
}

impl Guarded {
    /// Takes a copy; whose it was wipes the original. Where the system refuses part of it, the rest is
    /// done and one line of the log says so.
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        Self(match MmapMut::map_anon(secret.len()) {
            Ok(mut pages) => {
                for done in [pages.lock(), undumped(&pages)] {
                    done.unwrap_or_else(|error| tell(&error));
                }
                pages.copy_from_slice(secret);
                Memory::Pages(pages)
            }
            Err(error) => {
                tell(&error);
                Memory::Heap(Zeroizing::new(secret.to_vec()))
            }
        })
    }
}

impl Deref for Guarded {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Memory::Pages(pages) => pages,
            Memory::Heap(bytes) => bytes,
        }
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        if let Memory::Pages(pages) = &mut self.0 {
            pages.as_mut().zeroize();
        }
    }
}

#[cfg(target_os = "linux")]
fn undumped(pages: &MmapMut) -> io::Result<()> {
    pages.advise(memmap2::Advice::DontDump)
}

/// Other systems have no such advice: no core is written of the process at all.
#[cfg(not(target_os = "linux"))]
fn undumped(_: &MmapMut) -> io::Result<()> {
    Ok(())
}

/// Said once: each key would say the same.
fn tell(error: &io::Error) {
    static SAID: Once = Once::new();
    SAID.call_once(|| {
        let advice = "raise the limit of locked memory: LimitMEMLOCK of the unit, ulimit -l";
        tracing::warn!(event = "keys_not_locked", reason = %error.kind(), advice);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m_7_what_is_kept_is_what_was_given() {
        for length in [1, 32, 4096, 5000] {
            let secret: Vec<u8> = (1_u8..=251).cycle().take(length).collect();
            let kept = Guarded::new(&secret);
            assert!(matches!(kept.0, Memory::Pages(_)), "in pages of its own");
            assert_eq!(&*kept, secret);
        }
    }
}
