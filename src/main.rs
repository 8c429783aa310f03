//! The door: arguments and the exit code.

fn main() -> std::process::ExitCode {
    almoner::cli::run()
}
