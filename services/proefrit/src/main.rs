//! The proefrit binary.
fn main() {}
