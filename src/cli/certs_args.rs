//! What a certificate is made for, as typed: the options that `certs new` and `certs csr` share.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// What the certificate is for.
#[derive(Debug, Args)]
pub(crate) struct Use {
    /// The distinguished name [default: CN=NAME]
    #[arg(long, value_name = "DN")]
    pub(crate) subject: Option<String>,
    /// What the certificate says it is for [default: nothing; with --issuer, client]
    #[arg(long, value_name = "SHAPE")]
    pub(crate) shape: Option<Shape>,
    /// A DNS name or address that it is for; of a CA, that it may sign for
    #[arg(long = "san", value_name = "NAME")]
    pub(crate) alternative_names: Vec<String>,
    /// Of a QWAC or QSealC: the provider's identifier, such as `PSDES-BDE-3DFD21`
    #[arg(long, value_name = "ID")]
    pub(crate) organization_identifier: Option<String>,
    /// Of a QWAC or QSealC: what the provider may do at a bank
    #[arg(long = "role", value_name = "ROLE")]
    pub(crate) roles: Vec<Role>,
    /// Of a QWAC or QSealC: the authority that lets the provider, such as `Bank of Spain`
    #[arg(long, value_name = "AUTHORITY")]
    pub(crate) nca_name: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Csr {
    /// The private key
    #[arg(value_name = "KEY")]
    pub(crate) key: PathBuf,
    /// Where the request goes [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) usage: Use,
    /// Replace the file if it is there
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shape {
    /// Identifies a client in TLS
    Client,
    /// Identifies a server in TLS
    Server,
    /// Identifies a payment service provider in TLS, as a QWAC does
    Qwac,
    /// Signs a payment service provider's requests, as a `QSealC` does
    Qsealc,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    /// Keeps accounts
    #[value(name = "PSP_AS", alias = "psp_as")]
    AccountServicing,
    /// Initiates payments
    #[value(name = "PSP_PI", alias = "psp_pi")]
    PaymentInitiation,
    /// Reads accounts
    #[value(name = "PSP_AI", alias = "psp_ai")]
    AccountInformation,
    /// Issues cards
    #[value(name = "PSP_IC", alias = "psp_ic")]
    CardIssuing,
}

impl From<Role> for countersign::keys::Role {
    fn from(role: Role) -> Self {
        match role {
            Role::AccountServicing => Self::AccountServicing,
            Role::PaymentInitiation => Self::PaymentInitiation,
            Role::AccountInformation => Self::AccountInformation,
            Role::CardIssuing => Self::CardIssuing,
        }
    }
}
