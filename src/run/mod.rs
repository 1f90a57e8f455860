//! run

mod schedule;
