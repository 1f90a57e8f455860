//! Certificates: make, inspect, check.
