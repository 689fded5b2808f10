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
from typing import Any

from overshort.errors import ConfigError
from overshort.thesis.grammar.checking import KINDS, check, check_needed, check_patterns
from overshort.thesis.grammar.pattern import compiled, one
from overshort.thesis.statement import Comparison

__all__ = ["Lexicon", "Phrase", "Raw", "State", "Subject", "Topic", "Unmeasured", "extended", "standard"]

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
    loss: bool = False

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


Raw = float | bool | str | None
"""A value as the lexicon notes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Phrases that say that a metric has a value."""

    name: str
    says: tuple[str, ...]
    metric: str | None
    topic: str | None
    rank: float | str | None
    comparison: Comparison | None
    value: Raw
    kind: str
    order: int
    window: str | None
    meaning: str
    future: bool
    own_negation: bool
    daily: str | None
    beside: tuple[str, ...] = ()


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
    def neighbours(self) -> Mapping[str, Phrase]:
        """What must stand in the sentence of a state, for the states that ask for it."""
        return {s.name: self.phrase(s.beside) for s, _ in self.states if s.beside}

    @cached_property
    def speech(self) -> Mapping[str, Phrase]:
        """Phrases of speech: promotion, condition, negation, future, past, carry; and the directions."""
        wanted = {
            **self.raw["mute"],
            **self.raw["verbs"],
            **{k: self.classes[k] for k in ("up", "down", "rising", "falling")},
        }
        return {name: self.phrase(words) for name, words in wanted.items()}

    def words(self, name: str) -> frozenset[str]:
        """A list of single words."""
        return frozenset(self.raw["words"][name])

    @cached_property
    def hedges(self) -> list[tuple[Comparison, Phrase]]:
        """Comparisons with the phrases that end right before a number."""
        return [(c, self.phrase(words, last=True)) for c, words in self.raw["comparisons"].items()]

    @cached_property
    def afters(self) -> list[tuple[Comparison, Phrase]]:
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
        loss=raw.get("loss", False),
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
        beside=tuple(raw.get("beside", ())),
    )


def _merged(base: Any, over: Any) -> Any:
    if isinstance(base, Mapping) and isinstance(over, Mapping):
        return {
            k: _merged(base[k], over[k]) if k in base and k in over else {**over, **base}[k] for k in {**base, **over}
        }
    return [*base, *over] if isinstance(base, list) and isinstance(over, list) else over


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
    check(file, raw)
    merged = _merged(base.raw if base else {}, raw)
    check_needed(file, merged)
    check_patterns(file, raw, merged)
    return Lexicon(merged)


@cache
def standard() -> Lexicon:
    """The lexicon of the package."""
    words, states = (files("overshort.thesis").joinpath(f).read_text("utf-8") for f in ("lexicon.toml", "states.toml"))
    return extended(extended(None, words, "lexicon.toml"), states, "states.toml")
