//! The thread on which issuers, proxies and links run.
//!
//! A test's own async runtime ends with the test and stands still while the test computes; what several tests share,
//! and what must keep time under a fault, cannot run there.

use std::sync::OnceLock;

use anyhow::{Context as _, Result};
use tokio::runtime::{Builder, Handle, Runtime};

/// The process-wide runtime. It has one thread and never ends.
///
/// # Errors
/// Where the thread cannot be started.
pub(crate) fn handle() -> Result<&'static Handle> {
    static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        Builder::new_multi_thread().worker_threads(1).thread_name("devstack").enable_all().build().ok()
    });
    Ok(runtime.as_ref().context("start the thread of issuers, proxies and links")?.handle())
}
