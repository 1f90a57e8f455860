//! The stage `plan`.
