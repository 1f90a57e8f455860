//! Finds the cause in a chain of errors.
//!
//! An `io::Error` hides the error it was made from: `source()` skips it and goes on with that
//! error's own source. Both ways are walked here.

use std::error::Error;
use std::io;

/// The first error of this type in the chain.
pub(super) fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    chain(error).find_map(|link| link.downcast_ref::<T>())
}

/// The innermost `io::Error` that says more than that something else went wrong.
pub(super) fn io_kind(error: &(dyn Error + 'static)) -> Option<io::ErrorKind> {
    chain(error)
        .filter_map(|link| link.downcast_ref::<io::Error>())
        .map(io::Error::kind)
        .filter(|kind| *kind != io::ErrorKind::Other)
        .last()
}

/// Whether something took longer than it may.
pub(super) fn is_slow(error: &(dyn Error + 'static)) -> bool {
    find::<super::connect::Slow>(error).is_some()
        || find::<reqwest::Error>(error).is_some_and(reqwest::Error::is_timeout)
        || io_kind(error) == Some(io::ErrorKind::TimedOut)
}

/// The error and everything that led to it, outermost first.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |link| {
        let link: &'a (dyn Error + 'static) = *link;
        match link.downcast_ref::<io::Error>() {
            Some(wrapper) => wrapper.get_ref().map(|inner| inner as &(dyn Error + 'static)),
            None => link.source(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_is_found_inside_of_an_io_error_inside_of_an_io_error() {
        let alert = rustls::Error::AlertReceived(rustls::AlertDescription::CertificateExpired);
        let wrapped = io::Error::other(io::Error::new(io::ErrorKind::InvalidData, alert.clone()));
        assert_eq!(find::<rustls::Error>(&wrapped), Some(&alert));
        assert_eq!(io_kind(&wrapped), Some(io::ErrorKind::InvalidData));
    }
}
