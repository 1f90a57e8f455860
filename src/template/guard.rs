//! Keeps the values inside a template small.
//!
//! The engine counts the bytes that it makes, but a list can hold another list many times over,
//! and a repeated list takes no room until something walks it: comparing or printing such values
//! costs what was never counted. So every instruction that puts lists together is replaced by a
//! filter that measures what it makes, each part as often as it is held.

use std::sync::LazyLock;

use minijinja::machinery::{CodeGenerator, Instruction, Instructions, ast};
use minijinja::value::{Rest, Tuple, ValueKind};
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value};

use super::error::{Failure, THIS};
use super::value::{measure, too_large};
use crate::limits::TEMPLATE_OUTPUT;

const LIST: &str = "[]";
const TUPLE: &str = "()";
const MAP: &str = "{}";
const PLUS: &str = "+";
const TIMES: &str = "*";

/// Compiles a template into guarded instructions.
pub(super) fn compile<'s>(template: &ast::Stmt<'s>, source: &'s str) -> Instructions<'s> {
    let mut generator = CodeGenerator::new("", source);
    generator.compile_stmt(template);
    let (mut instructions, _) = generator.finish();
    let mut place = 0;
    while let Some(instruction) = instructions.get_mut(place) {
        let guarded = match instruction {
            Instruction::BuildList(Some(items)) => Some((LIST, *items)),
            Instruction::BuildTuple(Some(items)) => Some((TUPLE, *items)),
            Instruction::BuildMap(pairs) => Some((MAP, *pairs * 2)),
            Instruction::Add => Some((PLUS, 2)),
            Instruction::Mul => Some((TIMES, 2)),
            _ => None,
        };
        if let Some((filter, operands)) = guarded.filter(|(_, operands)| *operands > 0) {
            let operands = u16::try_from(operands).expect("an expression has far fewer words than 2^16");
            // The largest id stands for a filter that is looked up each time.
            *instruction = Instruction::ApplyFilter(filter, Some(operands), u8::MAX);
        }
        place += 1;
    }
    instructions
}

/// Gives the engine the filters that guarded instructions apply. No template can name them.
pub(super) fn register(engine: &mut Environment<'static>) {
    engine.add_filter(LIST, |items: Rest<Value>| measured(Value::from(items.0)));
    engine.add_filter(TUPLE, |items: Rest<Value>| measured(Value::from(Tuple::from(items.0))));
    engine.add_filter(MAP, |parts: Rest<Value>| {
        measured(Value::from_pairs(parts.0.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone()))))
    });
    engine.add_filter(PLUS, |left: Value, right: Value| match (items(&left)?, items(&right)?) {
        (Some(left), Some(right)) => measured(Value::from([left, right].concat())),
        _ => calculated("left + right", &left, &right),
    });
    engine.add_filter(TIMES, |left: Value, right: Value| {
        let (repeated, times) = if left.is_number() { (&right, &left) } else { (&left, &right) };
        let count = usize::try_from(times.as_i64().unwrap_or_default()).unwrap_or_default();
        let one = if repeated.is_number() { 0 } else { measure(repeated)? };
        if one.saturating_mul(count) > TEMPLATE_OUTPUT {
            return Err(too_large().into());
        }
        match items(repeated)? {
            Some(items) if times.is_integer() => {
                let length = items.len() * count;
                Ok(items.into_iter().cycle().take(length).collect())
            }
            _ => calculated("left * right", &left, &right),
        }
    });
}

/// The items of a list, counted.
fn items(value: &Value) -> Result<Option<Vec<Value>>, Error> {
    if !matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable) {
        return Ok(None);
    }
    measure(value)?;
    Ok(Some(value.try_iter()?.collect()))
}

fn measured(value: Value) -> Result<Value, Error> {
    measure(&value)?;
    Ok(value)
}

/// What the engine makes of two scalars; it has no other way to ask.
fn calculated(expression: &'static str, left: &Value, right: &Value) -> Result<Value, Error> {
    static CALCULATOR: LazyLock<Environment<'static>> = LazyLock::new(|| {
        let mut engine = Environment::empty();
        engine.set_undefined_behavior(UndefinedBehavior::Strict);
        engine
    });
    if left.is_undefined() || right.is_undefined() {
        return Err(ErrorKind::UndefinedError.into());
    }
    let operands = minijinja::context! { left => left.clone(), right => right.clone() };
    let result = CALCULATOR.compile_expression(expression).and_then(|expression| expression.eval(operands));
    // Made anew: the place of the error is in the user's template.
    result.map_err(|error| match error.detail() {
        Some(detail) => Error::new(error.kind(), detail.to_owned()),
        None => Failure::new(format!("`{THIS}` can't be worked out: its values don't fit")).into(),
    })
}
