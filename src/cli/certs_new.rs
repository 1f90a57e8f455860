//! `countersign certs new` and `certs csr`: what openssl does in three commands and a
//! configuration file.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use countersign::certs::{
    self, AlternativeName, CertsError, Issuer, Order, OrganizationIdentifier, Provider, Shape, Subject,
};
use countersign::clock::Clock;
use countersign::diag::Code;
use countersign::files::{self, Existing, FileError, Mode};
use countersign::keys::{self, Certificate, PrivateKey};
use countersign::limits;

use super::certs_args::{self, Csr, New, Use};
use super::context::Context;
use super::exit::Exit;

pub(super) fn new(context: &Context<'_>, arguments: &New) -> Result<Exit, Exit> {
    let orders = arguments.names.iter().map(|name| order(context, arguments, name));
    let orders: Vec<Order> = orders.collect::<Result<_, _>>()?;
    let refuse = |error: CertsError| refused(context, &error);
    arguments.names.iter().try_for_each(|name| certs::check_name(name)).map_err(refuse)?;
    let mut seen = BTreeSet::new();
    if let Some(twice) = arguments.names.iter().find(|name| !seen.insert(name.as_str())) {
        context.output.fail(&format!("`{twice}` is given twice"), Some("name each pair once"));
        return Err(Exit::Usage);
    }
    if let Some(own) = arguments.issuer.as_ref().filter(|issuer| arguments.names.contains(issuer)) {
        let help = "give the certificate a name of its own: what the CA has issued needs its key";
        context.output.fail(&format!("`{own}` can't issue over itself"), Some(help));
        return Err(Exit::Usage);
    }
    let existing = if arguments.force { Existing::Replace } else { Existing::Keep };
    let folder = if arguments.dir.is_absolute() {
        arguments.dir.clone()
    } else {
        context.settings.suite.join(&arguments.dir)
    };
    if !arguments.force {
        refuse_to_overwrite(context, &folder, &arguments.names)?;
    }
    let issuer = arguments.issuer.as_ref().map(|name| issuer(context, &folder, name)).transpose()?;
    for (name, order) in arguments.names.iter().zip(&orders) {
        let made = certs::new(order, issuer.as_ref(), Clock::System.now()).map_err(refuse)?;
        for file in made.files(name).map_err(refuse)? {
            let path = folder.join(&file.name);
            files::write(&path, file.contents, file.mode, existing)
                .map_err(|error| unwritable(context, &error))?;
            context.output.print(&format!("{}\n", without_dot(&path).display()));
        }
    }
    Ok(Exit::Ok)
}

pub(super) fn csr(context: &Context<'_>, arguments: &Csr) -> Result<Exit, Exit> {
    let path = &arguments.key;
    let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let order = Order {
        subject: subject(context, &arguments.usage, &name)?,
        days: None,
        kind: keys::KeyKind::P256,
        shape: shape(context, &arguments.usage, Shape::Plain)?,
        names: names(context, &arguments.usage)?,
    };
    let key = private_key(context, path)?;
    let request = certs::request(&order, &key).map_err(|error| refused(context, &error))?;
    let Some(output) = &arguments.output else {
        context.output.print(&request);
        return Ok(Exit::Ok);
    };
    let existing = if arguments.force { Existing::Replace } else { Existing::Keep };
    files::write(output, request.as_bytes(), Mode::Shared, existing)
        .map_err(|error| unwritable(context, &error))?;
    context.output.print(&format!("{}\n", output.display()));
    Ok(Exit::Ok)
}

fn order(context: &Context<'_>, arguments: &New, name: &str) -> Result<Order, Exit> {
    let usual = if arguments.issuer.is_some() { Shape::Client } else { Shape::Plain };
    let names = names(context, &arguments.usage)?;
    let shape = if arguments.ca { Shape::Authority } else { shape(context, &arguments.usage, usual)? };
    let names = match shape {
        Shape::Server | Shape::Authority if names.is_empty() => this_machine(context)?,
        _ => names,
    };
    Ok(Order {
        subject: subject(context, &arguments.usage, name)?,
        days: arguments.days,
        kind: arguments.kind.into(),
        shape,
        names,
    })
}

fn subject(context: &Context<'_>, usage: &Use, name: &str) -> Result<Subject, Exit> {
    let subject = match &usage.subject {
        Some(subject) => Subject::parse(subject),
        None => Subject::common_name(name),
    };
    subject.map_err(|error| refused(context, &error))
}

fn names(context: &Context<'_>, usage: &Use) -> Result<Vec<AlternativeName>, Exit> {
    let names = usage.alternative_names.iter().map(|name| AlternativeName::parse(name));
    names.collect::<Result<_, _>>().map_err(|error| refused(context, &error))
}

/// What a server or an authority for tests is for, unless it is told.
fn this_machine(context: &Context<'_>) -> Result<Vec<AlternativeName>, Exit> {
    let names = ["localhost", "127.0.0.1", "::1"].map(AlternativeName::parse);
    names.into_iter().collect::<Result<_, _>>().map_err(|error| refused(context, &error))
}

fn shape(context: &Context<'_>, usage: &Use, usual: Shape) -> Result<Shape, Exit> {
    let of_provider =
        usage.organization_identifier.is_some() || !usage.roles.is_empty() || usage.nca_name.is_some();
    match usage.shape {
        Some(certs_args::Shape::Qwac) => provider(context, usage).map(Shape::Qwac),
        Some(certs_args::Shape::Qsealc) => provider(context, usage).map(Shape::Qsealc),
        _ if of_provider => {
            let message = "`--organization-identifier`, `--role` and `--nca-name` are for a QWAC or QSealC";
            context.output.fail(message, Some("say `--shape qwac` or `--shape qsealc`"));
            Err(Exit::Usage)
        }
        Some(certs_args::Shape::Client) => Ok(Shape::Client),
        Some(certs_args::Shape::Server) => Ok(Shape::Server),
        None => Ok(usual),
    }
}

fn provider(context: &Context<'_>, usage: &Use) -> Result<Provider, Exit> {
    let (Some(id), Some(authority), false) =
        (&usage.organization_identifier, &usage.nca_name, usage.roles.is_empty())
    else {
        context.output.fail(
            "a QWAC or QSealC says who the provider is, what it may do, and who lets it",
            Some(
                "add, for example, `--organization-identifier PSDES-BDE-3DFD21 --role PSP_PI --role PSP_AI \
                 --nca-name 'Bank of Spain'`",
            ),
        );
        return Err(Exit::Usage);
    };
    let id = OrganizationIdentifier::parse(id).map_err(|error| refused(context, &error))?;
    let roles = usage.roles.iter().map(|role| keys::Role::from(*role));
    Provider::new(id, roles, authority).map_err(|error| refused(context, &error))
}

/// The CA of this name among the certificates.
fn issuer(context: &Context<'_>, folder: &Path, name: &str) -> Result<Issuer, Exit> {
    certs::check_name(name).map_err(|error| refused(context, &error))?;
    let path = folder.join(format!("{name}.crt"));
    let unusable = |message: String, help: Option<String>| {
        context.output.refuse(Code::Certificate, message, help);
        Exit::Credentials
    };
    let made_by = || Some(format!("`countersign certs new {name} --ca` makes one"));
    let bytes =
        files::read(&path, limits::KEY_FILE).map_err(|error| unusable(error.to_string(), made_by()))?;
    let shown = without_dot(&path).display();
    let mut chain = Certificate::read_all(&bytes)
        .map_err(|error| unusable(format!("`{shown}` {error}"), error.help()))?;
    let key = private_key(context, &folder.join(format!("{name}.key")))?;
    Issuer::new(chain.remove(0), &key, Clock::System.now())
        .map_err(|error| unusable(format!("`{shown}`: {error}"), None))
}

fn private_key(context: &Context<'_>, path: &Path) -> Result<PrivateKey, Exit> {
    let unusable = |message: String, help: Option<String>| {
        context.output.refuse(Code::Key, message, help);
        Exit::Credentials
    };
    let file =
        files::read_private(path, limits::KEY_FILE).map_err(|error| unusable(error.to_string(), None))?;
    let shown = without_dot(path).display();
    PrivateKey::read(&file.bytes).map_err(|error| unusable(format!("`{shown}` {error}"), error.help()))
}

fn refused(context: &Context<'_>, error: &CertsError) -> Exit {
    context.output.fail(&error.to_string(), None);
    Exit::Usage
}

/// Nothing is made when one file of several is in the way: half a set of keys is worse than none.
fn refuse_to_overwrite(context: &Context<'_>, folder: &Path, names: &[String]) -> Result<(), Exit> {
    let files =
        names.iter().flat_map(|name| ["key", "csr", "crt"].map(|kind| folder.join(format!("{name}.{kind}"))));
    let there: Vec<PathBuf> = files.filter(|path| path.symlink_metadata().is_ok()).collect();
    let Some(first) = there.first() else { return Ok(()) };
    let first = without_dot(first).display();
    let message = match there.len() {
        1 => format!("`{first}` is there already; nothing was made"),
        2 => format!("`{first}` and 1 more file are there already; nothing was made"),
        many => format!("`{first}` and {} more files are there already; nothing was made", many - 1),
    };
    let help = "choose another name, or `--force` to replace them; a bank that knows the old pair has to be given the new one";
    context.output.refuse(Code::CertificateIo, message, Some(help.into()));
    Err(Exit::Io)
}

/// A path as the user would write it: the suite is mostly `.`.
fn without_dot(path: &Path) -> &Path {
    path.strip_prefix("./").unwrap_or(path)
}

fn unwritable(context: &Context<'_>, error: &FileError) -> Exit {
    context.output.refuse(Code::CertificateIo, error.to_string(), None);
    Exit::Io
}
