"""Mistakes of the kinds that people make, put into a module's syntax tree one at a time."""

from __future__ import annotations

import ast
import copy
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

COMPARISONS = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
OPERATIONS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.Mod: ast.FloorDiv, ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
TWINS = (
    ("min", "max"), ("any", "all"), ("mean", "sum"), ("low", "high"), ("start", "end"),
    ("starts", "ends"), ("minimum", "maximum"), ("floor", "ceil"), ("terminals", "timeouts"),
    ("first", "last"), ("zeros", "ones"), ("zeros_like", "ones_like"), ("argmin", "argmax"),
    ("idxmin", "idxmax"), ("evaluation_seeds", "tuning_seeds"), ("append", "extend"),
)  # fmt: skip
TWIN = {one: other for pair in TWINS for one, other in (pair, pair[::-1])}
# Calls that can be left out, so that what they are given is used as it is.
WRAPPERS = {
    *("abs", "clamp", "clip", "clamp_min", "cumsum", "detach", "exp", "flip", "log", "normalise"),
    *("one_line", "reversed", "round", "sigmoid", "softmax", "sort", "sorted", "sqrt", "tanh"),
    *("copy", "deepcopy", "rescaled", "scale", "lower", "strip", "unique", "dropna", "resolve"),
}


# Arguments that guard against mistakes, say how fast something goes, or only word a message.
IGNORED = {
    *("strict", "frozen", "batch", "encoding", "parents", "exist_ok", "help", "num_workers"),
    *("indent", "device"),  # The tests run on one device.
}
# Parts of a syntax tree that hold types and texts of errors.
NO_CODE = {"annotation", "returns", "decorator_list", "exc", "msg", "bases"}
# Functions of two arguments of which it makes no difference which comes first.
SYMMETRIC = {
    *("max", "min", "maximum", "minimum", "transpose", "logical_or", "logical_and", "mse_loss"),
}


@dataclass(frozen=True)
class Mutant:
    """One mistake of a module: in which function or class, and what stands there instead."""

    path: str
    number: int
    line: int
    scope: str
    before: str
    after: str

    @property
    def name(self) -> str:
        """What `mutants_left.txt` calls it; without the line, which changes."""
        return f"{self.path}: {self.scope}: {self.before} -> {self.after}"

    def tree(self) -> ast.Module:
        """The syntax tree of the module with the mistake in it."""
        tree = _parsed(self.path)
        mistake = next(itertools.islice(_mistakes(tree), self.number, None))
        mistake.put(mistake.after)
        return ast.fix_missing_locations(tree)


@dataclass(frozen=True)
class _Mistake:
    """A node of a syntax tree, and what could stand in its place."""

    scope: str
    parent: ast.AST
    field: str
    place: int | None  # In a list of nodes.
    before: ast.AST
    after: ast.AST

    def put(self, node: ast.AST) -> None:
        if self.place is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.place] = node


def alternatives(node: ast.AST) -> Iterator[ast.AST]:
    """What somebody could have written in the place of a node by mistake."""
    match node:
        case ast.Compare(ops=[op]) if type(op) in COMPARISONS:
            yield _with(node, ops=[COMPARISONS[type(op)]()])
        case ast.BinOp(op=op) if type(op) in OPERATIONS and not _is_text(node):
            yield _with(node, op=OPERATIONS[type(op)]())
        case ast.AugAssign(op=op) if type(op) in OPERATIONS:
            yield _with(node, op=OPERATIONS[type(op)]())
            yield ast.Assign([node.target], node.value)
        case ast.BoolOp(op=op):
            yield _with(node, op=ast.Or() if isinstance(op, ast.And) else ast.And())
        case ast.UnaryOp(op=ast.Not() | ast.USub() | ast.Invert()):
            yield node.operand
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield ast.Constant(value + 1)
        case ast.Constant(value=float(value)):
            yield ast.Constant(value * 2 if value else 1.0)
        case ast.Name(id=name) if name in TWIN:
            yield _with(node, id=TWIN[name])
        case ast.Attribute(attr=name) if name in TWIN:
            yield _with(node, attr=TWIN[name])
        case ast.IfExp() | ast.If() | ast.While() if isinstance(node.test, (ast.Name, ast.Call)):
            yield _with(node, test=ast.UnaryOp(ast.Not(), node.test))
        case ast.Expr(value=ast.Call() | ast.Await() | ast.Yield()):
            yield ast.Pass()
        case ast.Call():
            yield from _other_calls(node)


def _other_calls(node: ast.Call) -> Iterator[ast.AST]:
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    if name in WRAPPERS:
        is_function = isinstance(node.func, ast.Name) or _is_module(node.func)
        if node.args and is_function:
            yield node.args[0]
        elif isinstance(node.func, ast.Attribute) and not is_function:
            yield node.func.value
    two = [] if name in SYMMETRIC else node.args[:2]
    if len({ast.dump(each) for each in two}) > 1 and not _has_star(two):
        yield _with(node, args=[node.args[1], node.args[0], *node.args[2:]])
    for place, keyword in enumerate(node.keywords):
        if keyword.arg is not None and keyword.arg not in IGNORED:
            yield _with(node, keywords=node.keywords[:place] + node.keywords[place + 1 :])


def _has_star(arguments: list[ast.expr]) -> bool:
    return any(isinstance(each, ast.Starred) for each in arguments)


def _is_module(function: ast.AST) -> bool:
    value = getattr(function, "value", None)
    return isinstance(value, ast.Name) and value.id in ("np", "torch", "F", "copy", "math", "nn")


def _is_text(node: ast.BinOp) -> bool:
    return any(isinstance(each, ast.JoinedStr) for each in (node.left, node.right))


def _with(node: ast.AST, **changes: object) -> ast.AST:
    other = copy.copy(node)
    for name, value in changes.items():
        setattr(other, name, value)
    return other


def mutants_of(path: str) -> list[Mutant]:
    """Every mutant of a module, in the order of its lines."""
    return [
        Mutant(path, number, _line(each.before), each.scope, *map(_text, (each.before, each.after)))
        for number, each in enumerate(_mistakes(_parsed(path)))
    ]


def _parsed(path: str) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def _line(node: ast.AST) -> int:
    return getattr(node, "lineno", 0)


def _text(node: ast.AST) -> str:
    return " ".join(ast.unparse(ast.fix_missing_locations(node)).split())


def _mistakes(node: ast.AST, scope: str = "module") -> Iterator[_Mistake]:
    for field, children in ast.iter_fields(node):
        if field in NO_CODE or (isinstance(node, ast.AnnAssign) and field == "target"):
            continue
        many = isinstance(children, list)
        for place, child in enumerate(children if many else [children]):
            if not isinstance(child, ast.AST) or _is_ignored(child):
                continue
            for other in alternatives(child):
                ast.copy_location(other, child)
                yield _Mistake(scope, node, field, place if many else None, child, other)
            yield from _mistakes(child, getattr(child, "name", scope))


def _is_ignored(node: ast.AST) -> bool:
    match node:
        case ast.keyword(arg=name):
            return name in IGNORED
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case ast.If(test=ast.Compare(left=ast.Name(id="__name__"))):
            return True
    return False
