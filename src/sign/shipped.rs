//! The profiles inside the binary: their source texts, comments and all, as `profiles show` prints
//! them. To ship another one is to add its file and its line here.

/// Name and text of every shipped profile, sorted by name.
pub(super) const SHIPPED: &[(&str, &str)] = &[
    ("aws-sigv4", include_str!("profiles/aws-sigv4.yaml")),
    ("fapi2", include_str!("profiles/fapi2.yaml")),
    ("ing", include_str!("profiles/ing.yaml")),
    ("ing-jws", include_str!("profiles/ing-jws.yaml")),
    ("ing-psd2", include_str!("profiles/ing-psd2.yaml")),
    ("mastercard", include_str!("profiles/mastercard.yaml")),
    ("openbanking-uk", include_str!("profiles/openbanking-uk.yaml")),
    ("truelayer", include_str!("profiles/truelayer.yaml")),
];
