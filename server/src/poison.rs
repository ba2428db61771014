//! What is done about a failure that trying again would only repeat: a tick that panics, a batch that the store can
//! never take.
//!
//! The world is speculation until it is durable, so the remedy is always the same: forget the speculation, take a new
//! epoch, load the world, let clients come back (a reload). Only what caused the failure must not come back with them,
//! and clients do send again what was never answered. So whoever runs the world hands each [`Failure`] to the
//! [`PoisonGuard`], which outlives the reloads of a process. It says whether the world is to be reloaded at all, and
//! keeps the [`Watchlist`] for the world that is loaded next:
//!
//! - Where one action is named, it is **condemned**: the next world answers it with [`Code::INTERNAL`], durably and
//!   without deciding it.
//! - Where several are, they are **suspects**: the next world decides each in a flush of its own, so that the next
//!   failure names one.
//! - Where a batch holds no action at all, nobody can be kept from asking for it again, and a person must look.
//!
//! The world's side of it is `action/evidence`. Nothing here waits, reads a clock or draws lots: a simulator steps it.
//!
//! [`Code::INTERNAL`]: holdfast_protocol::Code::INTERNAL

mod failure;
mod guard;
mod watchlist;

pub use self::failure::{Failure, HaltReason, Judgement, MESSAGE_BYTES_MAX};
pub use self::guard::{CONDEMNED_MAX, PoisonGuard, RELOADS_MAX, RELOADS_WITHIN};
pub use self::watchlist::Watchlist;
