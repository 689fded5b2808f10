"""A thesis: claims over figures, combined, read from TOML.

::

    title = "Crowded shorts into strength"
    text = "…"
    need = "all"                 # or the number of claims that must hold
    horizon = "3m"               # how far ahead it means to say something
    falsifier = "…"              # what would make it false
    counter = "…"                # what speaks against it

    [[claims]]
    text = "short interest stands in the upper fifth of five years"
    subject = "index"            # "proxy": the index's traded fund; or a name: VIX, NASDAQ, NVDA
    metric = "crowding.rank_5y"
    comparison = ">="            # = ~ > >= < <= between is
    value = 80                   # in the metric's unit; or stated = "+45 %", which sets the tolerance too
    window = "3m"                # of the change that is compared instead of the level; may be left out

A file may be one claim, too: its keys at the top, ``horizon`` and ``counter`` among them, and no ``[[claims]]``.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, get_args

from overshort.errors import UsageError
from overshort.metrics import Metric, registry
from overshort.metrics.prices import PROXIES
from overshort.thesis.judge import Stated, precision
from overshort.thesis.statement import Comparison, Value
from overshort.thesis.windows import STEPS, since

__all__ = ["Claim", "Thesis", "parse"]

_THESIS = {"title": str, "text": str, "need": (str, int), "horizon": str, "falsifier": str, "counter": str}
_CLAIM = {
    "text": str,
    "subject": str,
    "metric": str,
    "comparison": str,
    "value": (int, float, bool, str, list),
    "stated": str,
    "tolerance": (int, float),
    "window": str,
    "horizon": str,
    "falsifier": str,
    "counter": str,
}
_NEEDED = {"text", "subject", "metric", "comparison", "falsifier"}
_HORIZONS = ("1m", "3m", "6m", "12m")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One condition over one figure.

    Attributes
    ----------
    subject
        ``index`` and ``proxy`` stand for the index that is asked for and its traded fund.
    window
        Of the change that is compared; nothing where the level itself is.
    horizon
        How far ahead it means to say something; the thesis's own where left out.
    """

    text: str
    subject: str
    metric: str
    stated: Stated
    window: str | None
    horizon: str | None
    falsifier: str
    counter: str | None

    def of(self, subject: str) -> str:
        """Give the subject of the figure when a thesis is asked of an index or a stock."""
        return {"index": subject, "proxy": PROXIES.get(subject, subject)}.get(self.subject, self.subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thesis:
    """Claims and how many of them must hold."""

    name: str
    title: str
    text: str
    need: int
    horizon: str
    falsifier: str
    counter: str
    claims: tuple[Claim, ...]

    def subjects(self, subject: str) -> list[str]:
        """Give every subject that its figures are of, each once."""
        return list(dict.fromkeys(c.of(subject) for c in self.claims))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in a file something stands: the thesis itself, or its claim of a number from 0."""

    file: str
    text: str
    claim: int | None = None

    def error(self, key: str, what: str) -> UsageError:
        return UsageError(f"{self.file}, line {self._line(key)}, key {key!r}: {what}")

    def _line(self, key: str) -> int:
        """Give the line of a key, or that of its table's head where the key is not there."""
        own = list(self._own())
        named = (n for n, line in own if line.partition("=")[0].strip().strip("\"'") == key)
        return next(named, own[0][0] if own else 1)

    def _own(self) -> Iterator[tuple[int, str]]:
        """Give the numbered lines of the table, its head included."""
        count = -1
        for number, line in enumerate(self.text.splitlines(), 1):
            count += line.replace(" ", "").startswith("[[claims]]")
            if count == (-1 if self.claim is None else self.claim):
                yield number, line


def parse(text: str, *, name: str, file: str) -> Thesis:
    """Read a thesis.

    Parameters
    ----------
    name
        What it is called.
    file
        What its text was read from, for errors.

    Raises
    ------
    UsageError
        If it is no TOML, or a key is unknown, missing or holds what it must not: with file, line and key.
    """
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{file} is no TOML: {error}; mend it") from None
    place = _Place(file, text)
    given = found.pop("claims", None)
    if given is None and "metric" in found:
        return _alone(found, name, place)
    if not isinstance(given, list) or not given or not all(isinstance(g, dict) for g in given):
        raise place.error("claims", "a thesis needs at least one [[claims]] table; add one")
    _check(found, _THESIS, set(_THESIS) - {"need"}, place)
    claims = tuple(_claim(g, _Place(file, text, k)) for k, g in enumerate(given))
    return Thesis(
        name=name,
        title=found["title"],
        text=found["text"],
        need=_need(found.get("need", "all"), len(claims), place),
        horizon=_horizon(found["horizon"], place),
        falsifier=found["falsifier"],
        counter=found["counter"],
        claims=claims,
    )


def _alone(found: Mapping[str, Any], name: str, place: _Place) -> Thesis:
    """Read a file that is one claim: the thesis that it alone makes."""
    for key in ("counter", "horizon"):
        if key not in found:
            raise place.error(key, "it is missing, and no thesis around the claim gives it; add it")
    claim = _claim(found, place)
    return Thesis(
        name=name,
        title=claim.text,
        text=claim.text,
        need=1,
        horizon=found["horizon"],
        falsifier=claim.falsifier,
        counter=found["counter"],
        claims=(claim,),
    )


def _check(found: Mapping[str, Any], known: Mapping[str, Any], needed: set[str], place: _Place) -> None:
    for key, value in found.items():
        if key not in known:
            raise place.error(key, f"no such key; known are {', '.join(known)}")
        if not isinstance(value, known[key]) or (isinstance(value, bool) and key != "value"):
            raise place.error(key, f"{value!r} is of the wrong type; see `overshort thesis --help` for the form")
    for key in sorted(needed - set(found)):
        raise place.error(key, "it is missing; add it")


def _need(need: str | int, count: int, place: _Place) -> int:
    if need == "all":
        return count
    if isinstance(need, int) and 1 <= need <= count:
        return need
    raise place.error(
        "need", f'{need!r} is neither "all" nor a number from 1 to {count}, which is how many claims stand'
    )


def _horizon(horizon: str, place: _Place) -> str:
    if horizon not in _HORIZONS:
        raise place.error("horizon", f"{horizon!r} is none of {', '.join(_HORIZONS)}; give one of them")
    return horizon


def _claim(found: Mapping[str, Any], place: _Place) -> Claim:
    _check(found, _CLAIM, _NEEDED, place)
    declared = registry().get(found["metric"])
    if declared is None:
        near = get_close_matches(found["metric"], registry(), 1)
        hint = f"; did you mean {near[0]}?" if near else "; `overshort explain` lists the ids"
        raise place.error("metric", f"no metric is called {found['metric']!r}{hint}")
    window = found.get("window")
    if window is not None and (declared.kind not in ("number", "count") or not _is_window(window)):
        raise place.error(
            "window", f"{window!r} is no window of {declared.id}; known are {', '.join(STEPS)}, since:2022"
        )
    return Claim(
        text=found["text"],
        subject=found["subject"],
        metric=declared.id,
        stated=_stated(found, declared, place),
        window=window,
        horizon=_horizon(found["horizon"], place) if "horizon" in found else None,
        falsifier=found["falsifier"],
        counter=found.get("counter"),
    )


def _is_window(window: str) -> bool:
    return window in STEPS or since(window) is not None


def _stated(found: Mapping[str, Any], declared: Metric, place: _Place) -> Stated:
    comparison: Comparison = found["comparison"]
    if comparison not in get_args(Comparison):
        raise place.error("comparison", f"{comparison!r} is none of {' '.join(get_args(Comparison))}")
    if ("value" in found) == ("stated" in found):
        raise place.error("value", 'give either value = 0.45 or stated = "+45 %"')
    if "stated" in found:
        return _written(found["stated"], comparison, place)
    value = _value(found["value"], comparison, declared, place)
    return Stated(comparison, value, float(found.get("tolerance", 0.0)))


def _written(text: str, comparison: Comparison, place: _Place) -> Stated:
    try:
        return Stated(comparison, *precision(text))
    except ValueError as error:
        raise place.error("stated", f"{error}; write one, such as +45 %") from None


def _value(value: Any, comparison: Comparison, declared: Metric, place: _Place) -> Value:
    """Give a value that the metric can have."""
    match declared.kind:
        case "flag":
            fits, rule = isinstance(value, bool) and comparison == "is", "true or false, with comparison is"
        case "state":
            fits = value in declared.states and comparison == "is"
            rule = f"one of {', '.join(declared.states)}, with comparison is"
        case _ if comparison == "between":
            fits, rule = _is_pair(value), "[low, high], two numbers in order"
        case _:
            fits = isinstance(value, int | float) and not isinstance(value, bool) and comparison != "is"
            rule = f"a number ({declared.unit}), with a comparison other than is"
    if not fits:
        raise place.error("value", f"{value!r} with {comparison!r} cannot hold of {declared.id}; give {rule}")
    return (float(value[0]), float(value[1])) if isinstance(value, list) else value


def _is_pair(value: Any) -> bool:
    numbers = isinstance(value, list) and len(value) == 2 and all(type(v) in (int, float) for v in value)
    return numbers and value[0] <= value[1]
