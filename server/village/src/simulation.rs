//! What happens by itself. Each behaviour has a file.

pub mod fade;
