//! What people read.

use std::io::{Write as _, stdout};

/// A line for people, at once. Where nobody reads it any more the world goes on.
pub(super) fn say(line: &str) {
    let mut output = stdout().lock();
    let _ = writeln!(output, "{line}").and_then(|()| output.flush());
}
