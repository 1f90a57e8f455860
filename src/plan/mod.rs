//! plan

mod graph;
