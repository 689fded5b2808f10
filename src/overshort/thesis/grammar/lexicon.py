"""The lexicon: the words that the reader of commentaries knows, read from TOML and checked.

Two files of the package hold the words; a file of one's own is laid over them: tables are merged, lists are added to,
other values replace.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, get_args

from overshort.errors import ConfigError
from overshort.thesis.grammar.pattern import compiled, one
from overshort.thesis.statement import Comparison

__all__ = ["Lexicon", "Phrase", "State", "Subject", "Topic", "Unmeasured", "extended", "standard"]

KINDS = ("held", "index", "price", "vix", "tape")
"""What a metric asks of its subject: whose shorts, whose members, what trades, the VIX, an option's underlying."""
_LISTS = ("windows", "classes", "mute", "comparisons", "after", "groups", "companies", "verbs")
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "subjects": ("names", "held", "index", "price"),
    "topics": ("words", "kind", "change", "rank", "record", "pct", "plain", "usd"),
    "states": (
        *("says", "metric", "topic", "rank", "comparison", "value", "kind", "order", "window"),
        *("meaning", "future", "own_negation", "daily"),
    ),
    "unmeasured": ("words", "subject", "reason"),
}
Phrase = re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Subject:
    """Who or what a name stands for, as each kind of metric names it; the first code is preferred."""

    name: str
    held: tuple[str, ...]
    index: tuple[str, ...]
    price: tuple[str, ...]

    def codes(self, kind: str) -> tuple[str, ...]:
        """The codes for a kind of metric."""
        return self.held if kind == "held" else self.index if kind == "index" else self.price


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What a number may be about, and the metric of a number of each kind."""

    name: str
    words: tuple[str, ...]
    kind: str
    change: Mapping[str, str]
    rank: Mapping[str, str]
    record: str | None
    pct: str | None
    plain: str | None
    usd: str | None

    def takes(self, kind: str) -> bool:
        """Whether a number of this kind says something of the topic."""
        if kind in ("pct", "bp"):
            return bool(self.pct or self.change)
        return bool({"rank": self.rank, "usd": self.usd}.get(kind, self.plain if kind == "cnt" else None))


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """What carries numbers that nothing here measures, and why."""

    words: tuple[str, ...]
    subject: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Phrases that say that a metric has a value."""

    name: str
    says: tuple[str, ...]
    metric: str | None
    topic: str | None
    rank: float | str | None
    comparison: Comparison | None
    value: float | bool | str | None
    kind: str
    order: int
    window: str | None
    meaning: str
    future: bool
    own_negation: bool
    daily: str | None


class Lexicon:
    """Everything that the reader knows, from checked TOML.

    Parameters
    ----------
    raw
        The merged tables.
    """

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.raw = raw
        self.classes: Mapping[str, Iterable[str]] = raw.get("classes", {})

    def patterns(self, words: Iterable[str]) -> list[Phrase]:
        """Patterns made ready."""
        return compiled(words, self.classes)

    def phrase(self, words: Iterable[str], *, last: bool = False) -> Phrase:
        """Any of the patterns, as one; with ``last`` only where it ends the keys."""
        made = [one(w, self.classes, 1) for w in words]
        return re.compile(rf"(?<![^ ])(?:{'|'.join(made)}){'$' if last else ''}")

    @cached_property
    def subjects(self) -> Mapping[str, Subject]:
        """Names of the lexicon to subjects; companies are there by their symbol."""
        known = {n: Subject(n, *(tuple(s[k]) for k in KINDS[:3])) for n, s in self.raw["subjects"].items()}
        return known | {c: Subject(c, (c,), (c,), (c,)) for c in self.raw.get("companies", {})}

    @cached_property
    def names(self) -> list[tuple[str, Phrase]]:
        """Every subject's phrases; of groups and companies too."""
        named = {n: s["names"] for n, s in self.raw["subjects"].items()}
        named |= {**self.raw.get("companies", {}), **self.raw.get("groups", {})}
        return [(name, self.phrase(words)) for name, words in named.items() if words]

    @cached_property
    def windows(self) -> list[tuple[str, Phrase]]:
        """Phrases of every window."""
        return [(name, self.phrase(words)) for name, words in self.raw["windows"].items() if words]

    @cached_property
    def topics(self) -> Mapping[str, Topic]:
        """The topics by name."""
        return {name: _topic(name, t) for name, t in self.raw["topics"].items()}

    @cached_property
    def topic_phrases(self) -> list[tuple[Topic | Unmeasured, Phrase]]:
        """Phrases of every topic, and of what nothing measures."""
        known: list[Topic | Unmeasured] = [*self.topics.values(), *self.unmeasured]
        return [(t, self.phrase(t.words)) for t in known if t.words]

    @cached_property
    def unmeasured(self) -> tuple[Unmeasured, ...]:
        """What nothing measures."""
        return tuple(Unmeasured(tuple(u["words"]), u["subject"], u["reason"]) for u in self.raw["unmeasured"])

    @cached_property
    def states(self) -> tuple[tuple[State, tuple[Phrase, ...]], ...]:
        """The states with their patterns."""
        return tuple((s, tuple(self.patterns(s.says))) for s in (_state(n, t) for n, t in self.raw["states"].items()))

    @cached_property
    def speech(self) -> Mapping[str, Phrase]:
        """Phrases of speech: promotion, condition, negation, future, past, carry; and the directions."""
        wanted = {
            **self.raw["mute"],
            **self.raw["verbs"],
            **{k: self.classes[k] for k in ("up", "down", "rising", "falling")},
        }
        return {name: self.phrase(words) for name, words in wanted.items()}

    @cached_property
    def hedges(self) -> list[tuple[str, Phrase]]:
        """Comparisons with the phrases that end right before a number."""
        return [(c, self.phrase(words, last=True)) for c, words in self.raw["comparisons"].items()]

    @cached_property
    def afters(self) -> list[tuple[str, Phrase]]:
        """Comparisons with the phrases that follow a number."""
        return [(c, self.phrase(words)) for c, words in self.raw["after"].items()]

    @cached_property
    def metrics(self) -> frozenset[str]:
        """Every metric id that a statement can name."""
        found = {m for s, _ in self.states if (m := s.metric)}
        for t in self.topics.values():
            found |= {*t.change.values(), *t.rank.values(), *(m for m in (t.pct, t.plain, t.usd, t.record) if m)}
        return frozenset(found)


def _topic(name: str, raw: Mapping[str, Any]) -> Topic:
    return Topic(
        name=name,
        words=tuple(raw["words"]),
        kind=raw["kind"],
        change=raw.get("change", {}),
        rank=raw.get("rank", {}),
        record=raw.get("record"),
        pct=raw.get("pct"),
        plain=raw.get("plain"),
        usd=raw.get("usd"),
    )


def _state(name: str, raw: Mapping[str, Any]) -> State:
    return State(
        name=name,
        says=tuple(raw["says"]),
        metric=raw.get("metric"),
        topic=raw.get("topic"),
        rank=raw.get("rank"),
        comparison=raw.get("comparison"),
        value=raw.get("value"),
        kind=raw.get("kind", "held"),
        order=raw.get("order", 5),
        window=raw.get("window"),
        meaning=raw.get("meaning", ""),
        future=raw.get("future", False),
        own_negation=raw.get("own_negation", False),
        daily=raw.get("daily"),
    )


def _merged(base: Any, over: Any) -> Any:
    if isinstance(base, Mapping) and isinstance(over, Mapping):
        return {
            k: _merged(base[k], over[k]) if k in base and k in over else {**over, **base}[k] for k in {**base, **over}
        }
    return [*base, *over] if isinstance(base, list) and isinstance(over, list) else over


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
    for field in ("names", "words", "says", "held", "index", "price"):
        if field in table:
            _strings(file, f"{key}.{field}", table[field])
    if table.get("kind", "held") not in KINDS:
        raise _refuse(file, f"{key}.kind", table["kind"], f"it must be one of {', '.join(KINDS)}")
    if table.get("comparison", "=") not in get_args(Comparison):
        raise _refuse(
            file, f"{key}.comparison", table["comparison"], f"it must be one of {' '.join(get_args(Comparison))}"
        )


_NEEDED = {
    "subjects": ("names", "held", "index", "price"),
    "topics": ("words", "kind"),
    "states": ("says",),
    "unmeasured": ("words", "subject", "reason"),
}


def _check_needed(file: str, raw: Mapping[str, Any]) -> None:
    for group, needed in _NEEDED.items():
        tables = raw.get(group, {})
        named = tables.items() if isinstance(tables, Mapping) else enumerate(tables, 1)
        for name, table in named:
            if missing := [f for f in needed if f not in table]:
                raise _refuse(file, f"{group}.{name}", dict(table), f"it lacks {', '.join(missing)}; add it")


def _check(file: str, raw: Mapping[str, Any]) -> None:
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


def _check_patterns(file: str, raw: Mapping[str, Any], merged: Mapping[str, Any]) -> None:
    """Whether every pattern of the new file can be read with the classes known by then."""
    for group, tables in raw.items():
        for name, table in enumerate(tables, 1) if isinstance(tables, list) else tables.items():
            lists = (
                {"": table}
                if isinstance(table, list)
                else {f".{f}": table.get(f, []) for f in ("names", "words", "says")}
            )
            for field, phrases in lists.items():
                for phrase in phrases:
                    try:
                        one(phrase, merged.get("classes", {}))
                    except ValueError as error:
                        raise _refuse(file, f"{group}.{name}{field}", phrase, f"{error}") from None


def extended(base: Lexicon | None, text: str, file: str) -> Lexicon:
    """Lay a TOML text over a lexicon.

    Parameters
    ----------
    base
        The lexicon below; nothing for a lexicon from nothing.
    text
        The TOML.
    file
        Its name, for errors.

    Raises
    ------
    ConfigError
        If the text is no TOML, or a key or value breaks a rule; it names file, key, value and rule.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file} cannot be read as TOML ({error}); mend it") from None
    _check(file, raw)
    merged = _merged(base.raw if base else {}, raw)
    _check_needed(file, merged)
    _check_patterns(file, raw, merged)
    return Lexicon(merged)


@cache
def standard() -> Lexicon:
    """The lexicon of the package."""
    words, states = (files("overshort.thesis").joinpath(f).read_text("utf-8") for f in ("lexicon.toml", "states.toml"))
    return extended(extended(None, words, "lexicon.toml"), states, "states.toml")
