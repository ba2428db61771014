//! The faults.
//!
//! To add one: a variant here, and what it does in [`Fault::strike`].

use anyhow::{Result, ensure};
use holdfast_devstack::Stack;

/// What is done to a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Fault {
    /// Server and PostgreSQL (all of its processes) are killed while a flush is under way, and started again.
    #[value(name = "window")]
    KillBoth,
    /// PostgreSQL alone is killed while a flush is under way, and started again. The server must stay.
    #[value(name = "postgres")]
    KillPostgres,
}

impl Fault {
    /// Does it, and waits until everything runs again.
    pub(super) async fn strike(self, stack: &mut Stack) -> Result<()> {
        match self {
            Self::KillBoth => {
                stack.server.kill9();
                stack.postgres.kill_group();
                stack.postgres.start_again().await?;
                stack.server.restart().await
            }
            Self::KillPostgres => {
                let before = stack.server.pid();
                stack.postgres.kill_group();
                // Players are told after 250 ms of standstill; so long at least it stays away.
                tokio::time::sleep(std::time::Duration::from_millis(600)).await;
                stack.postgres.start_again().await?;
                let status = stack.server.exit_status();
                ensure!(
                    status.is_none() && stack.server.pid() == before,
                    "the server did not outlive PostgreSQL ({status:?}):\n{}",
                    stack.server.log_tail()
                );
                Ok(())
            }
        }
    }
}
