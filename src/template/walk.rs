//! Walks a parsed template and notes what it uses: names from its surroundings, functions,
//! filters, tests, and whether it calculates.
//!
//! The engine's own list of undeclared variables is not enough: it counts functions, loses
//! `requests["a-b"]` and has no places.

use std::collections::BTreeMap;
use std::ops::Range;

use minijinja::machinery::{Span, ast};
use minijinja::value::ValueKind;

use super::called;
use super::secret::Origin;

/// One thing that a template uses, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Use {
    pub what: What,
    /// Bytes in the source.
    pub range: Range<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// `name.path…`, taken from the surroundings.
    Name {
        name: String,
        path: Vec<String>,
        optional: bool,
    },
    /// `name(…)`, where `name` is not the template's own: so many arguments by place, and these by
    /// name.
    Function {
        name: String,
        places: usize,
        named: Vec<String>,
    },
    Filter(String),
    Test(String),
    /// An operator that reads numbers: arithmetic, a comparison.
    Calculation,
    /// Something that has to look at the names in its range, beyond inserting them.
    Work,
    /// A constant list that is repeated or put together. The engine folds what is constant before
    /// it counts steps, so a comparison of such lists would never end.
    FoldedList,
    /// `*list` or `**map` among arguments.
    Spread,
    /// `env("NAME")` that is surely called, and has no default.
    Variable(String),
    /// `secret(…)` that is surely called, has no default and is written out.
    Secret(Origin),
}

/// Everything that `template` uses, in the order it stands there.
pub(super) fn uses(template: &ast::Stmt<'_>) -> Vec<Use> {
    let mut walk = Walk { uses: Vec::new(), scopes: vec![Locals::new()], branches: 0 };
    walk.statement(template);
    walk.forgive_what_is_asked_for();
    walk.uses
}

/// Names that the template sets itself; `false` where only some branch does.
type Locals<'a> = BTreeMap<&'a str, bool>;

struct Walk<'a> {
    uses: Vec<Use>,
    scopes: Vec<Locals<'a>>,
    /// How many branches and loops the walk is in.
    branches: usize,
}

impl<'a> Walk<'a> {
    fn note(&mut self, what: What, span: Span) {
        self.uses.push(Use { what, range: bytes(span) });
    }

    /// A template that asks whether `x` is defined may mention `x` everywhere.
    fn forgive_what_is_asked_for(&mut self) {
        let asked: Vec<String> = self.uses.iter().filter_map(Use::optional_name).map(str::to_owned).collect();
        for used in &mut self.uses {
            if let What::Name { name, optional, .. } = &mut used.what {
                *optional |= asked.contains(name);
            }
        }
    }

    fn assign(&mut self, target: &ast::Expr<'a>) {
        match target {
            ast::Expr::Var(var) => self.set(var.id),
            ast::Expr::List(list) => self.assign_all(&list.items),
            ast::Expr::Tuple(tuple) => self.assign_all(&tuple.items),
            other => self.expression(other),
        }
    }

    fn assign_all(&mut self, targets: &[ast::Expr<'a>]) {
        for target in targets {
            self.assign(target);
        }
    }

    fn set(&mut self, name: &'a str) {
        self.scopes.last_mut().expect("the outermost scope is never left").insert(name, true);
    }

    /// Whether the template itself sets `name`: surely, perhaps, or never.
    fn local(&self, name: &str) -> Option<bool> {
        self.scopes.iter().rev().find_map(|locals| locals.get(name).copied())
    }

    fn inside(&mut self, walk: impl FnOnce(&mut Self)) -> Locals<'a> {
        self.scopes.push(Locals::new());
        self.branch(walk);
        self.scopes.pop().expect("pushed above")
    }

    /// Walks what may not be reached.
    fn branch(&mut self, walk: impl FnOnce(&mut Self)) {
        self.branches += 1;
        walk(self);
        self.branches -= 1;
    }

    fn block(&mut self, body: &[ast::Stmt<'a>]) {
        self.inside(|walk| walk.body(body));
    }

    fn body(&mut self, body: &[ast::Stmt<'a>]) {
        for statement in body {
            self.statement(statement);
        }
    }

    fn statement(&mut self, statement: &ast::Stmt<'a>) {
        match statement {
            ast::Stmt::Template(template) => self.body(&template.children),
            ast::Stmt::EmitExpr(emit) => self.expression(&emit.expr),
            ast::Stmt::EmitRaw(_) | ast::Stmt::Continue(_) | ast::Stmt::Break(_) => {}
            ast::Stmt::ForLoop(each) => self.for_loop(each),
            ast::Stmt::IfCond(condition) => self.condition(condition),
            ast::Stmt::WithBlock(with) => {
                self.inside(|walk| {
                    for (target, value) in &with.assignments {
                        walk.expression(value);
                        walk.assign(target);
                    }
                    walk.body(&with.body);
                });
            }
            ast::Stmt::Set(set) => {
                self.expression(&set.expr);
                self.assign(&set.target);
            }
            ast::Stmt::SetBlock(set) => {
                self.block(&set.body);
                self.expressions(&set.filter);
                self.assign(&set.target);
            }
            ast::Stmt::AutoEscape(escape) => {
                self.expression(&escape.enabled);
                self.block(&escape.body);
            }
            ast::Stmt::FilterBlock(filter) => {
                self.expression(&filter.filter);
                self.block(&filter.body);
            }
            ast::Stmt::Macro(declared) => {
                self.set(declared.name);
                self.macro_body(declared);
            }
            ast::Stmt::CallBlock(call) => {
                self.call(&call.call, call.call.span());
                self.macro_body(&call.macro_decl);
            }
            ast::Stmt::Do(statement) => self.call(&statement.call, statement.call.span()),
        }
    }

    fn for_loop(&mut self, each: &ast::ForLoop<'a>) {
        self.expression(&each.iter);
        self.inside(|walk| {
            walk.set("loop");
            walk.assign(&each.target);
            walk.expressions(&each.filter_expr);
            walk.body(&each.body);
        });
        self.block(&each.else_body);
    }

    /// What a branch sets stays set behind it, if the branch was taken.
    fn condition(&mut self, condition: &ast::IfCond<'a>) {
        self.expression(&condition.expr);
        let yes = self.inside(|walk| walk.body(&condition.true_body));
        let no = self.inside(|walk| walk.body(&condition.false_body));
        let after = self.scopes.last_mut().expect("the outermost scope is never left");
        for (name, sure) in &yes {
            let both = *sure && no.get(name) == Some(&true);
            *after.entry(name).or_default() |= both;
        }
        for name in no.keys() {
            after.entry(name).or_default();
        }
    }

    fn macro_body(&mut self, declared: &ast::Macro<'a>) {
        self.inside(|walk| {
            walk.set("caller");
            walk.expressions(&declared.defaults);
            walk.assign_all(&declared.args);
            walk.body(&declared.body);
        });
    }

    fn expressions<'e>(&mut self, expressions: impl IntoIterator<Item = &'e ast::Expr<'a>>)
    where
        'a: 'e,
    {
        for expression in expressions {
            self.expression(expression);
        }
    }

    fn expression(&mut self, expression: &ast::Expr<'a>) {
        let first = self.uses.len();
        self.parts(expression);
        if let Some(range) = super::unknown::work(expression, &self.uses[first..]) {
            self.uses.push(Use { what: What::Work, range });
        }
    }

    fn parts(&mut self, expression: &ast::Expr<'a>) {
        match expression {
            ast::Expr::Const(_) => {}
            ast::Expr::Var(_) | ast::Expr::GetAttr(_) | ast::Expr::GetItem(_) => {
                self.chain(expression, false);
            }
            ast::Expr::Slice(slice) => {
                self.expression(&slice.expr);
                self.expressions([&slice.start, &slice.stop, &slice.step].into_iter().flatten());
            }
            ast::Expr::UnaryOp(operation) => {
                if matches!(operation.op, ast::UnaryOpKind::Neg) {
                    self.note(What::Calculation, operation.span());
                }
                self.expression(&operation.expr);
            }
            ast::Expr::BinOp(operation) => {
                self.expression(&operation.left);
                match operation.op {
                    ast::BinOpKind::ScAnd | ast::BinOpKind::ScOr => {
                        self.branch(|walk| walk.expression(&operation.right));
                    }
                    _ => self.expression(&operation.right),
                }
                self.operation(expression, operation.op);
            }
            ast::Expr::Compare(comparison) => {
                self.note(What::Calculation, comparison.span());
                self.expression(&comparison.expr);
                self.expressions(comparison.ops.iter().map(|operation| &operation.expr));
            }
            ast::Expr::IfExpr(choice) => {
                self.expression(&choice.test_expr);
                self.branch(|walk| {
                    walk.expression(&choice.true_expr);
                    walk.expressions(&choice.false_expr);
                });
            }
            ast::Expr::Filter(filter) => self.filter(filter, filter.span()),
            ast::Expr::Test(test) => {
                self.note(What::Test(plain(test.name)), test.span());
                let asks = matches!(test.name, "defined" | "undefined");
                self.asked(&test.expr, asks);
                self.arguments(&test.args);
            }
            ast::Expr::Call(call) => self.call(call, call.span()),
            ast::Expr::List(list) => self.expressions(&list.items),
            ast::Expr::Tuple(tuple) => self.expressions(&tuple.items),
            ast::Expr::Map(map) => self.expressions(map.keys.iter().chain(&map.values)),
        }
    }

    fn operation(&mut self, expression: &ast::Expr<'a>, operator: ast::BinOpKind) {
        use ast::BinOpKind::{Add, Concat, Mul, ScAnd, ScOr};
        if !matches!(operator, Concat | ScAnd | ScOr) {
            self.note(What::Calculation, expression.span());
        }
        let first = !self.uses.iter().any(|used| used.what == What::FoldedList);
        let folds = || expression.as_const().is_some_and(|value| value.kind() == ValueKind::Iterable);
        if first && matches!(operator, Add | Mul) && folds() {
            self.note(What::FoldedList, expression.span());
        }
    }

    fn filter(&mut self, filter: &ast::Filter<'a>, span: Span) {
        if let Some(filtered) = &filter.expr {
            self.asked(filtered, matches!(filter.name, "default" | "d"));
        }
        self.note(What::Filter(plain(filter.name)), span);
        self.arguments(&filter.args);
    }

    /// An expression that may be undefined where it stands.
    fn asked(&mut self, expression: &ast::Expr<'a>, optional: bool) {
        match expression {
            ast::Expr::Var(_) | ast::Expr::GetAttr(_) | ast::Expr::GetItem(_) => {
                self.chain(expression, optional);
            }
            other => self.expression(other),
        }
    }

    fn call(&mut self, call: &ast::Call<'a>, span: Span) {
        match call.identify_call() {
            ast::CallType::Function(name) if self.local(name).is_none() => {
                self.note(called::function(name, &call.args), span);
                if let Some(setting) = called::setting(name, &call.args).filter(|_| self.branches == 0) {
                    self.note(setting, span);
                }
            }
            ast::CallType::Function(_) => {}
            ast::CallType::Method(object, _) | ast::CallType::Object(object) => self.expression(object),
        }
        self.arguments(&call.args);
    }

    fn arguments(&mut self, arguments: &[ast::CallArg<'a>]) {
        for argument in arguments {
            match argument {
                ast::CallArg::Pos(value) | ast::CallArg::Kwarg(_, value) => self.expression(value),
                ast::CallArg::PosSplat(value) | ast::CallArg::KwargSplat(value) => {
                    self.note(What::Spread, value.span());
                    self.expression(value);
                }
            }
        }
    }

    /// `a.b["c"][0].d`: a name with the path that follows it, as far as the path is constant.
    fn chain(&mut self, expression: &ast::Expr<'a>, optional: bool) {
        let mut steps = Vec::new();
        let mut base = expression;
        loop {
            match base {
                ast::Expr::GetAttr(step) => {
                    steps.push((Some(step.name.to_owned()), base.span()));
                    base = &step.expr;
                }
                ast::Expr::GetItem(step) => {
                    let key = called::constant(&step.subscript_expr);
                    if key.is_none() {
                        self.expression(&step.subscript_expr);
                    }
                    steps.push((key, base.span()));
                    base = &step.expr;
                }
                _ => break,
            }
        }
        let ast::Expr::Var(var) = base else { return self.expression(base) };
        let certain = self.local(var.id);
        if certain == Some(true) {
            return;
        }
        let mut range = bytes(base.span());
        let mut path = Vec::new();
        for (key, span) in steps.into_iter().rev() {
            let Some(key) = key else { break };
            range.end = bytes(span).end;
            path.push(key);
        }
        let optional = optional || certain.is_some();
        self.uses.push(Use { what: What::Name { name: var.id.to_owned(), path, optional }, range });
    }
}

impl Use {
    fn optional_name(&self) -> Option<&str> {
        match &self.what {
            What::Name { name, path, optional: true } if path.is_empty() => Some(name),
            _ => None,
        }
    }
}

/// `divisible by` and `divisibleby` are one test.
fn plain(name: &str) -> String {
    name.split_ascii_whitespace().collect()
}

fn bytes(span: Span) -> Range<usize> {
    span.start_offset as usize..span.end_offset as usize
}
