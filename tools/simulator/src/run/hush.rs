//! Panics in a run are part of it: each is caught, and told where it matters. Nobody wants to read thousands of them.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};

thread_local! {
    static IS_RUNNING: Cell<bool> = const { Cell::new(false) };
}

/// From now on this process says nothing of panics within runs. Of all others it says what it said before.
pub fn hush_panics() {
    let loud = take_hook();
    set_hook(Box::new(move |panic| {
        if !IS_RUNNING.get() {
            loud(panic);
        }
    }));
}

/// Does something within a run, and catches what it panics over.
pub(super) fn hushed(run: impl FnOnce()) -> Result<(), Box<dyn Any + Send>> {
    let was_running = IS_RUNNING.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(run));
    IS_RUNNING.set(was_running);
    outcome
}
