//! The profiles inside the binary: their source texts, comments and all, as `profiles show` prints
//! them. To ship another one is to add its file and its line here.

/// Name and text of every shipped profile, sorted by name.
pub(super) const SHIPPED: &[(&str, &str)] = &[
    ("activitypub", include_str!("profiles/activitypub.yaml")),
    ("aws-sigv4", include_str!("profiles/aws-sigv4.yaml")),
    ("berlin-group", include_str!("profiles/berlin-group.yaml")),
    ("fapi2", include_str!("profiles/fapi2.yaml")),
    ("ing", include_str!("profiles/ing.yaml")),
    ("ing-jws", include_str!("profiles/ing-jws.yaml")),
    ("ing-psd2", include_str!("profiles/ing-psd2.yaml")),
    ("mastercard", include_str!("profiles/mastercard.yaml")),
    ("nordea", include_str!("profiles/nordea.yaml")),
    ("openbanking-uk", include_str!("profiles/openbanking-uk.yaml")),
    ("rabobank", include_str!("profiles/rabobank.yaml")),
    ("redsys", include_str!("profiles/redsys.yaml")),
    ("starling", include_str!("profiles/starling.yaml")),
    ("stet", include_str!("profiles/stet.yaml")),
    ("truelayer", include_str!("profiles/truelayer.yaml")),
];
