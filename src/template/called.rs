//! What can be told of a call before it is made: how many arguments it has, and which secret or
//! variable it asks for, where that is written out.

use minijinja::machinery::ast;

use super::secret::Origin;
use super::walk::What;

/// A function with how it is called.
pub(super) fn function(name: &str, arguments: &[ast::CallArg<'_>]) -> What {
    let places = arguments.iter().filter(|argument| matches!(argument, ast::CallArg::Pos(_))).count();
    let named = arguments.iter().filter_map(|argument| match argument {
        ast::CallArg::Kwarg(name, _) => Some((*name).to_owned()),
        _ => None,
    });
    What::Function { name: name.to_owned(), places, named: named.collect() }
}

/// What a call of `env` or `secret` asks for, where its only argument is written out.
pub(super) fn setting(name: &str, arguments: &[ast::CallArg<'_>]) -> Option<What> {
    let [argument] = arguments else { return None };
    let (parameter, value) = match argument {
        ast::CallArg::Pos(value) => ("name", value),
        ast::CallArg::Kwarg(parameter, value) => (*parameter, value),
        ast::CallArg::PosSplat(_) | ast::CallArg::KwargSplat(_) => return None,
    };
    match (name, parameter) {
        ("env", "name") => constant(value).map(What::Variable),
        ("secret", "name") => constant(value).map(Origin::Variable).map(What::Secret),
        ("secret", "file") => constant(value).map(Origin::File).map(What::Secret),
        ("secret", "command") => {
            let ast::Expr::List(words) = value else { return None };
            let words = words.items.iter().map(text).collect::<Option<Vec<_>>>();
            words.filter(|words| !words.is_empty()).map(Origin::Command).map(What::Secret)
        }
        _ => None,
    }
}

fn text(expression: &ast::Expr<'_>) -> Option<String> {
    match expression {
        ast::Expr::Const(constant) => constant.value.as_str().map(str::to_owned),
        _ => None,
    }
}

pub(super) fn constant(subscript: &ast::Expr<'_>) -> Option<String> {
    match subscript {
        ast::Expr::Const(constant) => Some(constant.value.to_string()),
        _ => None,
    }
}
