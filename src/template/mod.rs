//! Templates: compiled once, filled often, strict, bounded.
