//! The stage `sandbox`.
