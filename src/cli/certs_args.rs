//! `certs` as typed, and what a certificate is made for, which `certs new` and `certs csr` share.

use std::path::PathBuf;

use clap::{ArgAction, Args, Subcommand, ValueEnum};

use super::passphrase::PassphraseFrom;

const EXAMPLES: &str = "Examples:
  countersign certs new ing_http ing_tls       certificates/ing_http.key, .csr, .crt, and the same for ing_tls
  countersign certs new tls --subject 'CN=My App,O=My Company,C=NL' --days 90
  countersign certs new ca --ca                a CA for tests, for localhost alone and 30 days
  countersign certs new tpp --issuer ca        a client certificate that this CA signs
  countersign certs new seal --shape qsealc --organization-identifier PSDES-BDE-3DFD21 --role PSP_AI --nca-name 'Bank of Spain'";

const CSR_EXAMPLES: &str = "Examples:
  countersign certs csr certificates/tls.key -o certificates/tls.csr
  countersign certs csr seal.key --subject 'CN=My App,O=My Company,C=NL'";

const CHECK_EXAMPLES: &str = "Examples:
  countersign certs check --env sandbox        both pairs of an environment
  countersign certs check tls.key tls.crt      one pair, in either order";

#[derive(Debug, Subcommand)]
pub(crate) enum Certs {
    /// Make a key, a signing request and a certificate for each name
    #[command(after_help = EXAMPLES)]
    New(New),
    /// Make a signing request for a key that is there already
    #[command(after_help = CSR_EXAMPLES)]
    #[command(mut_arg("subject", |it| it.help("The distinguished name [default: CN= and the name of the key's file]")))]
    #[command(mut_arg("shape", |it| it.help("What the certificate is to be for [default: nothing in particular]")))]
    #[command(mut_arg("alternative_names", |it| it.help("A DNS name or address that it is to be for")))]
    Csr(Csr),
    /// Say what files are: kind of key, subject, validity
    Inspect {
        /// Keys, certificates, requests, bundles
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        /// As JSON, one file a line
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        passphrase: PassphraseFrom,
    },
    /// Check that keys fit their certificates, and when those expire
    #[command(after_help = CHECK_EXAMPLES, override_usage = "countersign certs check [OPTIONS] [KEY CERTIFICATE]")]
    Check {
        /// A key and its certificate [default: those of the environment]
        #[arg(value_names = ["KEY", "CERTIFICATE"], num_args = 2)]
        files: Vec<PathBuf>,
        /// The environment
        #[arg(short, long, value_name = "NAME", conflicts_with = "files")]
        env: Option<String>,
        #[command(flatten)]
        passphrase: PassphraseFrom,
    },
}

#[derive(Debug, Args)]
pub(crate) struct New {
    /// What the files are called
    #[arg(value_name = "NAME", required = true)]
    pub(crate) names: Vec<String>,
    /// Where they go
    #[arg(long, value_name = "DIR", default_value = "certificates")]
    pub(crate) dir: PathBuf,
    #[command(flatten)]
    pub(crate) usage: Use,
    /// Make a CA, which signs others with `--issuer`
    #[arg(long, conflicts_with_all = ["issuer", "shape"])]
    pub(crate) ca: bool,
    /// The CA that signs the certificate: the NAME of one made with --ca [default: the key itself]
    #[arg(long, value_name = "NAME")]
    pub(crate) issuer: Option<String>,
    /// How long the certificate is valid [default: 365, of a CA 30, never longer than the issuer]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=825))]
    pub(crate) days: Option<u32>,
    /// The kind of key
    #[arg(long, value_name = "KIND", default_value = "rsa-2048")]
    pub(crate) kind: KeyKind,
    /// Replace files that are there
    #[arg(long, action = ArgAction::SetTrue)]
    pub(crate) force: bool,
}

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
pub(crate) enum KeyKind {
    /// RSA, 2048 bits
    #[value(name = "rsa-2048")]
    Rsa2048,
    /// RSA, 3072 bits
    #[value(name = "rsa-3072")]
    Rsa3072,
    /// RSA, 4096 bits
    #[value(name = "rsa-4096")]
    Rsa4096,
    /// ECDSA on P-256
    #[value(name = "p-256")]
    P256,
    /// ECDSA on P-384
    #[value(name = "p-384")]
    P384,
    /// ECDSA on P-521
    #[value(name = "p-521")]
    P521,
    /// Ed25519
    Ed25519,
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
