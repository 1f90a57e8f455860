//! The names that a template may take from its surroundings, and what lies behind them.
//!
//! A value is converted for the engine when a template first asks for it, part by part: an answer
//! of megabytes costs nothing where only its status is used.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use minijinja::Value as Inner;
use minijinja::value::{Enumerator, Object};
use serde_json::Value;

use super::unknown::Unknown;
use super::value::{Numbers, to_engine};
use super::{Mention, TemplateError};

/// The names that a template may take from its surroundings. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Variables(BTreeMap<String, Node>);

/// What lies behind a name. Cheap to clone.
#[derive(Clone)]
pub struct Node(Arc<Shared>);

struct Shared {
    kind: Kind,
    exact: OnceLock<Inner>,
    calculable: OnceLock<Inner>,
}

enum Kind {
    Value(Value),
    Map(BTreeMap<String, Node>),
    Caseless(BTreeMap<String, Node>),
    Unknown(Unknown),
}

impl Node {
    /// A value.
    pub fn value(value: Value) -> Self {
        Self::new(Kind::Value(value))
    }

    /// A map of nodes.
    pub fn map(members: impl IntoIterator<Item = (String, Self)>) -> Self {
        Self::new(Kind::Map(members.into_iter().collect()))
    }

    /// A map whose keys are found in whatever case they are asked for, as header fields are.
    pub fn caseless(members: impl IntoIterator<Item = (String, Self)>) -> Self {
        let lower = |(name, node): (String, Self)| (name.to_ascii_lowercase(), node);
        Self::new(Kind::Caseless(members.into_iter().map(lower).collect()))
    }

    /// A value that is not known yet. `written` says how its name stands where it is inserted;
    /// whatever part of it a template mentions is called `name.part`.
    pub fn unknown(name: impl Into<String>, written: fn(&str) -> String) -> Self {
        Self::new(Kind::Unknown(Unknown { name: name.into(), written }))
    }

    /// The value, if it is one and not a map of nodes; of one that is not known, its name.
    pub fn to_value(&self) -> Option<Value> {
        match &self.0.kind {
            Kind::Value(value) => Some(value.clone()),
            Kind::Unknown(unknown) => Some(Value::String(unknown.to_string())),
            Kind::Map(_) | Kind::Caseless(_) => None,
        }
    }

    /// The member of this name, of a map of nodes.
    pub fn member(&self, name: &str) -> Option<&Self> {
        match &self.0.kind {
            Kind::Value(_) | Kind::Unknown(_) => None,
            Kind::Map(members) => members.get(name),
            Kind::Caseless(members) => members.get(&name.to_ascii_lowercase()),
        }
    }

    fn has_unknown(&self) -> bool {
        match &self.0.kind {
            Kind::Unknown(_) => true,
            Kind::Value(_) => false,
            Kind::Map(members) | Kind::Caseless(members) => members.values().any(Self::has_unknown),
        }
    }

    fn new(kind: Kind) -> Self {
        Self(Arc::new(Shared { kind, exact: OnceLock::new(), calculable: OnceLock::new() }))
    }

    fn to_engine(&self, numbers: Numbers) -> Inner {
        let kept = match numbers {
            Numbers::Exact => &self.0.exact,
            Numbers::Calculable => &self.0.calculable,
        };
        let convert = || match &self.0.kind {
            Kind::Value(value) => to_engine(value, numbers),
            Kind::Unknown(unknown) => Inner::from_object(unknown.clone()),
            Kind::Map(_) | Kind::Caseless(_) => Inner::from_object(Branch { node: self.clone(), numbers }),
        };
        kept.get_or_init(convert).clone()
    }
}

/// Values may be secret.
impl fmt::Debug for Node {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("…")
    }
}

impl Variables {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// Defines a name, or defines it anew.
    pub fn set(&mut self, name: impl Into<String>, node: Node) {
        self.0.insert(name.into(), node);
    }

    /// What lies behind a name.
    pub fn get(&self, name: &str) -> Option<&Node> {
        self.0.get(name)
    }

    /// Every name.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Why a mention leads nowhere; `None` when it leads somewhere.
    pub fn explain(&self, mention: &Mention) -> Option<TemplateError> {
        let Some(mut node) = self.get(&mention.name) else {
            return Some(TemplateError::undefined(mention, self.names()));
        };
        for (step, part) in mention.path.iter().enumerate() {
            node = match &node.0.kind {
                Kind::Value(value) => return missing(value, mention, step),
                Kind::Unknown(_) => return None,
                Kind::Map(members) | Kind::Caseless(members) => match node.member(part) {
                    Some(member) => member,
                    None => return Some(TemplateError::no_such_part(mention, step, members.keys())),
                },
            };
        }
        None
    }

    /// Whether a mention leads to something that is not known yet.
    pub(super) fn is_unknown(&self, mention: &Mention) -> bool {
        let Some(mut node) = self.get(&mention.name) else { return false };
        for part in &mention.path {
            match node.member(part) {
                Some(member) => node = member,
                None => break,
            }
        }
        node.has_unknown()
    }

    /// The names as the engine sees them.
    pub(super) fn context(&self, numbers: Numbers) -> Inner {
        Inner::from_object(Context { variables: self.clone(), numbers })
    }
}

/// Where a mention leaves `value`. The keys inside a value are data, and are not shown.
fn missing(value: &Value, mention: &Mention, from: usize) -> Option<TemplateError> {
    let mut value = value;
    for (step, part) in mention.path.iter().enumerate().skip(from) {
        let next = match value {
            Value::Object(map) => map.get(part),
            Value::Array(list) => part.parse::<i64>().ok().and_then(|index| at(list, index)),
            _ => None,
        };
        match next {
            Some(next) => value = next,
            None => return Some(TemplateError::no_such_part(mention, step, [])),
        }
    }
    None
}

fn at(list: &[Value], index: i64) -> Option<&Value> {
    let place = if index < 0 { index + i64::try_from(list.len()).ok()? } else { index };
    list.get(usize::try_from(place).ok()?)
}

#[derive(Debug)]
struct Context {
    variables: Variables,
    numbers: Numbers,
}

impl Object for Context {
    fn get_value(self: &Arc<Self>, key: &Inner) -> Option<Inner> {
        Some(self.variables.get(key.as_str()?)?.to_engine(self.numbers))
    }
}

/// A map of nodes.
#[derive(Debug)]
struct Branch {
    node: Node,
    numbers: Numbers,
}

impl Object for Branch {
    fn get_value(self: &Arc<Self>, key: &Inner) -> Option<Inner> {
        Some(self.node.member(key.as_str()?)?.to_engine(self.numbers))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        match &self.node.0.kind {
            Kind::Value(_) | Kind::Unknown(_) => Enumerator::Empty,
            Kind::Map(members) | Kind::Caseless(members) => {
                Enumerator::Values(members.keys().map(|name| Inner::from(name.as_str())).collect())
            }
        }
    }
}
