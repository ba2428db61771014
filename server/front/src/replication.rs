//! Replication: the public copy, and what each session is missing of it.

pub mod interest;
