//! The floor that `cargo xtask bench` measures against: a program that does nothing, built like rolo.

fn main() {}
