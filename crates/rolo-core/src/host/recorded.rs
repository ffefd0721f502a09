//! A host that notes what was read through it.
