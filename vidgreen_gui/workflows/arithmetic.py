"""Evaluates the arithmetic of math nodes, and nothing else that Python can say."""

import ast
import math
import operator
from collections.abc import Callable, Mapping

Number = float | int

MAX_EXPRESSION = 1000
_MAX_EXPONENT = 64
_MAX_NUMBER = 2**128
_BINARY: dict[type[ast.operator], Callable[[Number, Number], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_BITWISE: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
}
_COMPARE: dict[type[ast.cmpop], Callable[[Number, Number], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


def calculate(expression: str, names: Mapping[str, Number]) -> Number | None:
    """Return the value of `expression`, None where it cannot be computed.

    Knows + - * / // % **, bits, comparisons, `x if y else z` and a few functions over `names`.
    """
    if len(expression) > MAX_EXPRESSION:
        return None
    try:
        value = _Calculator(names).visit(ast.parse(expression.strip(), mode="eval").body)
    except (ValueError, TypeError, ArithmeticError, SyntaxError, RecursionError, MemoryError):
        return None
    return value if math.isfinite(value) else None


class _Calculator(ast.NodeVisitor):
    """Returns the number a node stands for; raises ValueError for all it does not know."""

    def __init__(self, names: Mapping[str, Number]) -> None:
        self._names = names

    def visit(self, node: ast.AST) -> Number:
        visitor = getattr(self, f"visit_{type(node).__name__}", None)
        if visitor is None:
            raise ValueError(type(node).__name__)
        return _bounded(visitor(node))

    def visit_Constant(self, node: ast.Constant) -> Number:
        if not isinstance(node.value, int | float):
            raise TypeError("no number")
        return node.value

    def visit_Name(self, node: ast.Name) -> Number:
        if node.id not in self._names:
            raise ValueError(node.id)
        return self._names[node.id]

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Number:
        value = self.visit(node.operand)
        if isinstance(node.op, ast.Not):
            return not value
        if isinstance(node.op, ast.Invert):
            return ~_whole(value)
        return -value if isinstance(node.op, ast.USub) else value

    def visit_BinOp(self, node: ast.BinOp) -> Number:
        left, right, kind = self.visit(node.left), self.visit(node.right), type(node.op)
        if kind in _BINARY:
            return _BINARY[kind](left, right)
        if kind in _BITWISE:
            return _BITWISE[kind](_whole(left), _whole(right))
        if kind is ast.Pow and abs(right) <= _MAX_EXPONENT:
            return left**right
        raise ValueError(kind.__name__)

    def visit_Compare(self, node: ast.Compare) -> Number:
        kind = type(node.ops[0])
        if len(node.ops) > 1 or kind not in _COMPARE:
            raise ValueError("comparison")
        return _COMPARE[kind](self.visit(node.left), self.visit(node.comparators[0]))

    def visit_BoolOp(self, node: ast.BoolOp) -> Number:
        holds = all if isinstance(node.op, ast.And) else any
        return holds(self.visit(value) for value in node.values)

    def visit_IfExp(self, node: ast.IfExp) -> Number:
        return self.visit(node.body if self.visit(node.test) else node.orelse)

    def visit_Call(self, node: ast.Call) -> Number:
        if not isinstance(node.func, ast.Name) or node.keywords or node.func.id not in _FUNCTIONS:
            raise ValueError("call")
        return _FUNCTIONS[node.func.id](*map(self.visit, node.args))


def _bounded(value: Number) -> Number:
    """Keep numbers small enough that no chain of products can eat the machine."""
    if not isinstance(value, int | float) or abs(value) > _MAX_NUMBER:
        raise ValueError("no number, or too big")
    return value


def _rounded(value: Number, digits: Number = 0) -> Number:
    return round(value, max(-20, min(20, int(digits)))) if digits else round(value)


def _whole(value: Number) -> int:
    if value != int(value):
        raise ValueError("not whole")
    return int(value)


_FUNCTIONS: dict[str, Callable[..., Number]] = {
    "abs": abs, "ceil": math.ceil, "cos": math.cos, "float": float, "floor": math.floor,
    "int": int, "log": math.log, "log10": math.log10, "log2": math.log2, "max": max, "min": min,
    "round": _rounded, "sin": math.sin, "sqrt": math.sqrt, "tan": math.tan,
}  # fmt: skip
