//! The stage `load`.
