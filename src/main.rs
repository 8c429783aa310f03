//! The door: arguments and the exit code.

fn main() {}
