"""Whether a lexicon's TOML can be used: its tables, fields, phrases and patterns."""

from collections.abc import Mapping
from typing import Any, get_args

from overshort.errors import ConfigError
from overshort.thesis.grammar.pattern import one
from overshort.thesis.statement import Comparison

__all__ = ["KINDS", "check", "check_needed", "check_patterns"]

KINDS = ("held", "index", "price", "vix", "tape")


_LISTS = ("windows", "classes", "mute", "comparisons", "after", "groups", "companies", "verbs", "words")


_FIELDS: Mapping[str, tuple[str, ...]] = {
    "subjects": ("names", "held", "index", "price"),
    "topics": ("words", "kind", "change", "rank", "record", "pct", "plain", "usd", "loss"),
    "states": (
        *("says", "metric", "topic", "rank", "comparison", "value", "kind", "order", "window"),
        *("meaning", "future", "own_negation", "daily", "beside"),
    ),
    "unmeasured": ("words", "subject", "reason"),
}


_NEEDED = {
    "subjects": ("names", "held", "index", "price"),
    "topics": ("words", "kind"),
    "states": ("says",),
    "unmeasured": ("words", "subject", "reason"),
}


def _refuse(file: str, key: str, value: object, rule: str) -> ConfigError:
    return ConfigError(f"{file}: {key} = {value!r} cannot be used: {rule}")


def _strings(file: str, key: str, value: object) -> None:
    if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
        raise _refuse(file, key, value, "it must be a list of phrases, each text that is not empty")


def _check_table(file: str, group: str, name: str, table: object) -> None:
    key = f"{group}.{name}"
    if not isinstance(table, Mapping):
        raise _refuse(file, key, table, f"it must be a table of {', '.join(_FIELDS[group])}")
    if unknown := sorted(set(table) - set(_FIELDS[group])):
        raise _refuse(file, f"{key}.{unknown[0]}", table[unknown[0]], f"known here: {', '.join(_FIELDS[group])}")
    for field in ("names", "words", "says", "beside", "held", "index", "price"):
        if field in table:
            _strings(file, f"{key}.{field}", table[field])
    if table.get("kind", "held") not in KINDS:
        raise _refuse(file, f"{key}.kind", table["kind"], f"it must be one of {', '.join(KINDS)}")
    if table.get("comparison", "=") not in get_args(Comparison):
        raise _refuse(
            file, f"{key}.comparison", table["comparison"], f"it must be one of {' '.join(get_args(Comparison))}"
        )


def check_needed(file: str, raw: Mapping[str, Any]) -> None:
    for group, needed in _NEEDED.items():
        tables = raw.get(group, {})
        named = tables.items() if isinstance(tables, Mapping) else enumerate(tables, 1)
        for name, table in named:
            if missing := [f for f in needed if f not in table]:
                raise _refuse(file, f"{group}.{name}", dict(table), f"it lacks {', '.join(missing)}; add it")


def check(file: str, raw: Mapping[str, Any]) -> None:
    known = (*_FIELDS, *_LISTS)
    for group, tables in raw.items():
        if group not in known:
            raise _refuse(file, group, tables, f"no table of a lexicon is called so; known: {', '.join(known)}")
        if not isinstance(tables, list if group == "unmeasured" else Mapping):
            raise _refuse(
                file, group, tables, "it must be " + ("[[unmeasured]]" if group == "unmeasured" else "a table")
            )
        for name, table in enumerate(tables, 1) if isinstance(tables, list) else tables.items():
            if group in _LISTS:
                _strings(file, f"{group}.{name}", table)
            else:
                _check_table(file, group, str(name), table)


def check_patterns(file: str, raw: Mapping[str, Any], merged: Mapping[str, Any]) -> None:
    """Whether every pattern of the new file can be read with the classes known by then."""
    for group, tables in raw.items():
        for name, table in enumerate(tables, 1) if isinstance(tables, list) else tables.items():
            lists = (
                {"": table}
                if isinstance(table, list)
                else {f".{f}": table.get(f, []) for f in ("names", "words", "says", "beside")}
            )
            for field, phrases in lists.items():
                for phrase in phrases:
                    try:
                        one(phrase, merged.get("classes", {}))
                    except ValueError as error:
                        raise _refuse(file, f"{group}.{name}{field}", phrase, f"{error}") from None
