"""Pages written from what the program declares: metrics, commands, settings, sources, tables; and pictures.

Each function gives Markdown, so that a test can read what the build will say; the directives at the end only parse it.
"""

import inspect
import tomllib
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from docstring_parser import parse

from overshort import config, engine, schema
from overshort.metrics import Metric, nodes, registry
from overshort.sources import SOURCES
from overshort.surfaces import cli

__all__ = [
    "arguments",
    "command",
    "formula",
    "groups",
    "metric_text",
    "metrics",
    "settings",
    "sources",
    "tables",
    "unused",
]

DOCS = Path(__file__).parents[1]
assert engine.evidence  # importing it is what makes every room's metrics known


@cache
def _book() -> dict[str, Any]:
    return tomllib.loads((DOCS / "formulas.toml").read_text("utf-8"))


def formula(id: str) -> tuple[str, str]:
    """Give a metric's formula and reference.

    Raises
    ------
    LookupError
        If no pattern of ``formulas.toml`` matches its id: write one.
    """
    for pattern, (text, reference) in _book()["formulas"].items():
        if fnmatchcase(id, pattern):
            return text, _book()["references"][reference]
    raise LookupError(f"{id} has no formula; write one into docs/formulas.toml")


def unused() -> set[str]:
    """Give the patterns that no metric uses."""
    patterns: Mapping[str, object] = _book()["formulas"]
    taken = {next((p for p in patterns if fnmatchcase(id, p)), "") for id in registry()}
    return set(patterns) - taken


def groups() -> list[str]:
    """Give the groups of metrics: what stands before the first dot of an id."""
    return sorted({id.partition(".")[0] for id in registry()})


def metrics(group: str) -> str:
    """Write every metric of a group."""
    return "\n\n".join(metric_text(m) for id, m in registry().items() if id.partition(".")[0] == group)


def metric_text(metric: Metric) -> str:
    """Write one metric with its anchor."""
    text, reference = formula(metric.id)
    reads = next(n.reads for n in nodes() if metric in n.declares)
    lookback = "all history" if metric.lookback is None else f"{metric.lookback} steps of the grid"
    facts = {
        "Formula": f"`{text}`",
        "Unit": metric.unit,
        "Kind": f"{metric.kind}{': ' + ', '.join(metric.states) if metric.states else ''}",
        "Grid": f"once a {metric.grid}; rests on {lookback}",
        "Subjects": ", ".join(sorted(metric.subjects)),
        "Null rule": metric.null_rule,
        "Reads": ", ".join(f"`{r}`" for r in sorted(reads)),
        "Reference": reference,
    }
    lines = "\n".join(f"- {label}: {value}" for label, value in facts.items())
    return f"({metric.id})=\n### `{metric.id}`\n\n{_plain(metric.definition)}\n\n{lines}"


def command(name: str) -> str:
    """Write one command: what it does, its arguments and options."""
    found = cli.app[name]
    rows = [f"| {_called(a)} | {_cell(helps)} |" for a, helps in arguments(name)]
    table = ["", "| argument | what it is |", "|---|---|", *rows] if rows else []
    return "\n".join([_plain(_line(found.help)), *table])


def arguments(name: str) -> list[tuple[Any, str]]:
    """Give the arguments of a command and what each is, from its annotation or else from the documentation."""
    found = cli.app[name]
    told = {p.arg_name: p.description or "" for p in parse(inspect.getdoc(found.default_command) or "").params}
    shown = [a for a in found.assemble_argument_collection() if a.show]
    return [(a, a.parameter.help or told.get(a.field_info.name, "")) for a in shown]


def _called(argument: Any) -> str:
    if argument.index is not None:
        return f"`{argument.field_info.name.upper()}`"
    return ", ".join(f"`{n}`" for n in argument.names if not n.startswith("--empty-"))


def settings() -> str:
    """Write every setting with its environment variable."""
    rows = (f"| `{s.name}` | `{s.variable}` | {_cell(s.about)} |" for s in config.SETTINGS.values())
    return "\n".join(["| setting | environment variable | what it is |", "|---|---|---|", *rows])


def sources() -> str:
    """Write every kind of file with the tables that it feeds."""
    fed = {s.name: ", ".join(f"[{t}](#table-{t})" for t in sorted(s.tables)) for s in SOURCES}
    rows = (f"| `{s.name}` | {_cell(s.about)} | {fed[s.name]} |" for s in SOURCES)
    return "\n".join(["| kind | what it is | tables |", "|---|---|---|", *rows])


def tables() -> str:
    """Write every table with its columns; the key's are bold."""
    return "\n\n".join(_table(name, table) for name, table in schema.TABLES.items())


def _table(name: str, table: Any) -> str:
    keys = set(table.key)
    columns = ", ".join(f"**{c}**" if c in keys else c for c in table.columns)
    return f"(table-{name})=\n## `{name}`\n\n{_plain(_line(table.schema.__doc__ or ''))}\n\nColumns: {columns}."


def _line(text: str) -> str:
    return " ".join(text.split())


def _plain(text: str) -> str:
    """Leave nothing in a text that Markdown would read as a mark."""
    return text.replace("\\", "\\\\").replace("*", "\\*").replace("<", "&lt;").replace("[", "\\[")


def _cell(text: str) -> str:
    return _plain(_line(text)).replace("|", "\\|")
