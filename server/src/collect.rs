//! What a tick changed is collected once, at its end, and moved at once out of the ECS: first component by component
//! ([`collector`]), then what became of each entity ([`fates`]), all into the tick's [`draft`].
//!
//! Games make no marks. A value that was changed and changed back has not changed.

pub(crate) mod collector;
pub(crate) mod draft;
pub(crate) mod fates;

pub(crate) use draft::Draft;
