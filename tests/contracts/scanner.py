"""Reading the source text of overshort for what a room may not do."""

import ast
from collections.abc import Iterator
from pathlib import Path

import overshort

__all__ = ["ROOT", "clock_reads", "compares_knowledge", "joins_asof", "leaks", "modules", "trees"]

ROOT = Path(overshort.__file__).parent
ORDERED = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
BOUNDS = frozenset({"lt", "le", "gt", "ge", "is_between", "clip", "search_sorted"})
CLOCKS = {
    "datetime": frozenset({"now", "utcnow", "today"}),
    "date": frozenset({"today"}),
    "time": frozenset({"time", "time_ns", "localtime", "gmtime"}),
    "Timestamp": frozenset({"now", "today"}),
}
WINDOWS = ("rolling_", "cum_", "ewm_")
NEIGHBOURS = frozenset(
    {"shift", "diff", "pct_change", "forward_fill", "backward_fill", "interpolate", "interpolate_by"}
    | {"cumulative_eval", "peak_max", "peak_min", "rle_id", "rolling", "group_by_dynamic"}
)


def modules() -> list[str]:
    """Give every source file, relative to the package."""
    return sorted(p.relative_to(ROOT).as_posix() for p in ROOT.rglob("*.py"))


def trees(room: str = "") -> Iterator[tuple[str, ast.Module]]:
    """Give the parsed files of a room."""
    for name in modules():
        if name.startswith(room):
            yield name, ast.parse((ROOT / name).read_text("utf-8"))


def _said(node: ast.AST) -> str:
    return f"line {getattr(node, 'lineno', '?')}: {ast.unparse(node)}"


def joins_asof(tree: ast.Module) -> list[str]:
    """Find as-of joins."""
    found = (n for n in ast.walk(tree) if isinstance(n, ast.Attribute) and n.attr in ("join_asof", "join_where"))
    return [_said(n) for n in found]


def _is_knowledge(node: ast.AST, names: frozenset[str]) -> bool:
    """Tell whether an expression mentions a column of instants of knowledge, or a name bound to one."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and inner.id in names:
            return True
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr == "col":
            text = ast.unparse(inner)
            if "known_at" in text or "KNOWN" in text:
                return True
        if isinstance(inner, ast.Attribute) and inner.attr.endswith("known_at"):
            return True
    return False


def _bound(tree: ast.Module) -> frozenset[str]:
    """Give the names that stand for an expression over a column of knowledge."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call | ast.Attribute | ast.BinOp):
            text = ast.unparse(node.value)
            if text.startswith("pl.col(") and _is_knowledge(node.value, frozenset()):
                found |= {t.id for t in node.targets if isinstance(t, ast.Name)}
    return frozenset(found)


def _compared(node: ast.AST) -> list[ast.expr]:
    """Give the sides of a comparison, written as an operator or as a method."""
    if isinstance(node, ast.Compare) and any(isinstance(o, ORDERED) for o in node.ops):
        return [node.left, *node.comparators]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in BOUNDS:
        return [node.func.value]
    return []


def compares_knowledge(tree: ast.Module) -> list[str]:
    """Find comparisons of a column of knowledge with anything: what only one door may do."""
    names = _bound(tree)
    return [_said(n) for n in ast.walk(tree) if any(_is_knowledge(side, names) for side in _compared(n))]


def clock_reads(tree: ast.Module) -> list[str]:
    """Find reads of the clock."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in CLOCKS.get(ast.unparse(node.value).rpartition(".")[2], ()):
            found.append(_said(node))
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            found.append(_said(node))
    return found


def _parents(tree: ast.AST) -> dict[ast.AST, ast.AST]:
    return {child: parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)}


def _looks_around(node: ast.AST) -> bool:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    return node.func.attr.startswith(WINDOWS) or node.func.attr in NEIGHBOURS


def _within_a_group(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    """Tell whether an expression is what an ``.over(…)`` is called on, or an argument of a group's ``.agg(…)``."""
    while (parent := parents.get(node)) is not None and not isinstance(parent, ast.stmt):
        if isinstance(parent, ast.Attribute) and parent.attr == "over":
            return True
        if isinstance(parent, ast.Call) and parent.func is not node and ast.unparse(parent.func).endswith(".agg"):
            return ".group_by(" in ast.unparse(parent.func)
        node = parent
    return False


def leaks(tree: ast.Module) -> list[tuple[str, str]]:
    """Find looks at neighbouring rows that may be another subject's, as (function, expression)."""
    parents, found = _parents(tree), []
    for function in (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)):
        calls = (n for n in ast.walk(function) if _looks_around(n))
        found += [(function.name, ast.unparse(n)) for n in calls if not _within_a_group(n, parents)]
    inside = {id(n) for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) for n in ast.walk(f)}
    outside = (n for n in ast.walk(tree) if _looks_around(n) and id(n) not in inside)
    return found + [("", ast.unparse(n)) for n in outside if not _within_a_group(n, parents)]
