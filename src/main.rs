//! The door: arguments and the exit code, and memory that is wiped wherever it is given back.

use std::alloc::System;
use zeroizing_alloc::ZeroAlloc;

/// Wipes every block that is freed or outgrown, whoever held it: our own code, or the libraries for TLS,
/// HTTP and JSON, whose buffers nobody else wipes (security.md, M-1).
#[global_allocator]
static MEMORY: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> std::process::ExitCode {
    almoner::cli::run()
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::hint::black_box;
    use std::os::unix::fs::FileExt as _;

    /// Fills a block of any length, with no part of it equal to what an allocator writes by itself.
    const CANARY: [u8; 8] = *b"\xC5caNarY\xC5";
    /// All below the size from which blocks are mappings of their own, which vanish when they are freed.
    const SIZES: [usize; 4] = [40, 200, 5_000, 60_000];

    fn filled(size: usize, room: usize) -> Vec<u8> {
        let mut block = Vec::with_capacity(room);
        block.extend(CANARY.iter().cycle().take(size));
        black_box(block)
    }

    /// Counts what is left at an address, by the system's own account: a freed block cannot be read in
    /// any other way that is sound. Makes no block of its own, which could come to lie there.
    struct Reader(File, Vec<u8>);

    impl Reader {
        fn new(size: usize) -> Self {
            Self(File::open("/proc/self/mem").unwrap(), vec![0xAA; size])
        }

        fn count(&mut self, address: usize) -> usize {
            self.0.read_exact_at(&mut self.1, u64::try_from(address).unwrap()).unwrap();
            self.1.windows(CANARY.len()).filter(|window| **window == CANARY).count()
        }
    }

    #[test]
    fn m_1_a_freed_block_is_wiped() {
        for size in SIZES {
            let mut reader = Reader::new(size);
            let block = filled(size, size);
            // What is below something that is in use is not given back to the system.
            let above = black_box(vec![1_u8; size]);
            let address = block.as_ptr().addr();
            assert_eq!(reader.count(address), size / CANARY.len(), "the control: it is there");
            drop(block);
            assert_eq!(reader.count(address), 0, "{size} bytes");
            drop(above);
        }
    }

    #[test]
    fn m_1_a_block_that_was_outgrown_or_cut_short_is_wiped() {
        for size in SIZES {
            for (room, length) in [(size, size), (size * 2, size / 2)] {
                let mut reader = Reader::new(size);
                let mut block = filled(size, room);
                let above = black_box(vec![1_u8; size]);
                let address = block.as_ptr().addr();
                assert_eq!(reader.count(address), size / CANARY.len(), "the control: it is there");
                block.truncate(length);
                if room == size {
                    block.reserve_exact(size * 4);
                } else {
                    block.shrink_to_fit();
                }
                assert_ne!(block.as_ptr().addr(), address, "it has moved");
                assert_eq!(reader.count(address), 0, "{size} bytes of {room}");
                drop((black_box(block), above));
            }
        }
    }
}
