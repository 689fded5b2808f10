"""Numbers: figures and words, signs, units, magnitudes, ranges, and how precisely they are stated."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from overshort.thesis.grammar.atoms import Token, Tokens
from overshort.thesis.grammar.figures import FACTORS, Raw, figure, part_of

__all__ = ["Amount", "amounts"]

_SCALES = {
    "k": 3,
    "thousand": 3,
    "m": 6,
    "mn": 6,
    "mm": 6,
    "mln": 6,
    "mio": 6,
    "million": 6,
    "b": 9,
    "bn": 9,
    "bln": 9,
    "billion": 9,
    "t": 12,
    "tn": 12,
    "trn": 12,
    "trillion": 12,
}


_RANK = frozenset(
    ("percentile", "percentiles", "pctile", "pctiles", "pctl", "ptile", "%tile", "ile", "centile", "tile")
)
_SIGNS = {"+": "+", "plus": "+", "neg": "-", "minus": "-", "negative": "-", "$": None, "$sign": None, "usd": None}


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of a text.

    Attributes
    ----------
    kind
        ``pct``, ``bp``, ``usd``, ``cnt``, ``ord``, ``rank``, ``x`` or ``year``.
    value
        In its own unit: a fraction for ``pct`` and ``bp``.
    high
        The upper end of a range.
    step
        One unit of the last stated digit, in the same unit.
    signed
        The sign as written; nothing where none is.
    """

    kind: str
    value: float
    high: float | None
    step: float
    signed: str | None


def _signs(tokens: Tokens, i: int) -> tuple[int, str | None, bool]:
    """Signs before a number, from token ``i``: where they end, plus or minus, whether it is money."""
    sign, money = None, False
    while i < len(tokens) and tokens[i].key in _SIGNS:
        money = money or tokens[i].key in ("$", "usd")
        sign = _SIGNS[tokens[i].key] or sign
        i += 1
    return i, sign, money


def _scale(tokens: Tokens, i: int, money: bool) -> tuple[int, int]:
    """A magnitude at token ``i``: where it ends, its exponent."""
    key = tokens[i].key if i < len(tokens) else ""
    touches = 0 < i < len(tokens) and tokens[i].start == tokens[i - 1].end
    if key not in _SCALES or (len(key) == 1 and not (touches or money)):
        return i, 0
    if key in ("m", "t") and not money and not _counted(tokens, i + 1):
        return i, 0
    return i + 1, _SCALES[key]


def _counted(tokens: Tokens, i: int) -> bool:
    """Whether what follows is counted in millions: ``3m shares``, not three months."""
    return i < len(tokens) and tokens[i].key in (
        "shares",
        "contracts",
        "share",
        "fails",
        "ftds",
        "sold",
        "short",
        "of",
        "units",
    )


def _unit(tokens: Tokens, i: int) -> tuple[int, str | None]:
    """A unit at token ``i``: where it ends, its kind."""
    keys = [tokens[j].key for j in range(i, min(i + 3, len(tokens)))]
    if keys[:1] == ["%"]:
        return (i + 2, "rank") if keys[1:2] and keys[1] in _RANK else (i + 1, "pct")
    if keys[:1] and keys[0] in ("percent", "pct", "pp", "ppt", "ppts", "per"):
        if keys[0] == "per" and keys[1:2] != ["cent"]:
            return i, None
        return i + (2 if keys[0] == "per" else 1), "pct"
    if keys[:2] in (["percentage", "point"], ["percentage", "points"]):
        return i + 2, "pct"
    if keys[:1] and keys[0] in ("bp", "bps"):
        return i + 1, "bp"
    if keys[:2] in (["basis", "point"], ["basis", "points"]):
        return i + 2, "bp"
    if keys[:1] and keys[0] in ("x", "times", "fold", "×") and keys[0] != "times":
        return i + 1, "x"
    if keys[:1] and keys[0] in ("st", "nd", "rd", "th") and tokens[i].start == tokens[i - 1].end:
        if len(keys) > 2 and keys[1] == "+" and keys[2] in _RANK:
            return i + 3, "rank"
        return _rank_after(tokens, i + 1) or (i + 1, "ord")
    return (i + 1, "rank") if keys[:1] and keys[0] in _RANK else (i, None)


def _rank_after(tokens: Tokens, i: int) -> tuple[int, str] | None:
    """Whether what follows an ordinal makes it a rank: ``97th percentile``, ``97th %ile``, ``97th pct``."""
    keys = [tokens[j].key for j in range(i, min(i + 2, len(tokens)))]
    if keys[:1] == ["%"] and keys[1:2] and keys[1] in _RANK:
        return i + 2, "rank"
    return (i + 1, "rank") if keys[:1] and (keys[0] in _RANK or keys[0] in ("pct", "pc", "p")) else None


def _raw(tokens: Tokens, i: int) -> Raw | None:
    part = part_of(tokens, i)
    if part:
        return part
    at, sign, money = _signs(tokens, i)
    found = figure(tokens, at) if at < len(tokens) else None
    if not found:
        return None
    end, number, digits, ordinal = found
    end, scale = _scale(tokens, end, money)
    end, unit = _unit(tokens, end)
    if ordinal and (ranked := _rank_after(tokens, end)):
        end, unit = ranked
    money = money or (end < len(tokens) and scale > 0 and tokens[end].key in ("dollars", "usd"))
    kind = "usd" if money and unit is None else unit or ordinal
    return Raw(i, end, number.scaleb(scale), digits + scale, kind, sign, scale > 0)


def _year(raw: Raw, tokens: Tokens) -> bool:
    return (
        raw.kind is None
        and raw.last == raw.first + 1
        and re.fullmatch(r"(?:19|20)\d\d", tokens[raw.first].key) is not None
    )


def _made(raw: Raw, kind: str, high: Raw | None) -> Amount:
    per = {"pct": -2, "bp": -4}.get(kind, 0)
    part = raw.kind == "pct" and raw.scaled and raw.digits in (0, -2)
    per = 0 if part else per
    sign = -1 if raw.signed == "-" else 1
    low = float(raw.figure.scaleb(per)) * sign
    top = None if high is None else float(high.figure.scaleb(per)) * (-1 if high.signed == "-" else 1)
    return Amount(kind, low, top, float(Decimal(1).scaleb(raw.digits + per)), raw.signed)


def _range_end(tokens: Tokens, raw: Raw) -> Raw | None:
    """The upper end of a range that starts with ``raw``: ``3-4 %``, ``3% to 4%``, ``between 3 and 4 percent``."""
    if raw.last + 1 >= len(tokens) or tokens[raw.first].key in FACTORS:
        return None
    joint = tokens[raw.last].key
    before = [tokens[j].key for j in range(max(0, raw.first - 2), raw.first) if tokens[j].key not in ("its", "the")]
    between = before[-1:] == ["between"] and joint == "and"
    spread = joint == "-" or (joint == "to" and not (raw.first > 0 and tokens[raw.first - 1].key in ("from", "by")))
    if not (between or spread):
        return None
    end = _raw(tokens, raw.last + 1)
    if end is None or (end.kind in ("ord", None) and raw.kind not in (None, "usd")) or end.figure <= raw.figure:
        return None
    if raw.kind is None and end.kind is None and not between and joint != "-":
        return None
    kin = raw.kind in (None, end.kind) or (raw.kind, end.kind) in (("usd", None), ("ord", "rank"))
    return end if kin else None


def _scaled_like(raw: Raw, end: Raw) -> Raw:
    """A range's lower end takes the magnitude that only its upper end shows: ``3-4 billion``."""
    if raw.scaled or not end.scaled or end.kind == "pct":
        return raw
    shift = end.digits + len(str(end.figure).partition(".")[2].rstrip("0")) if end.digits > 0 else 0
    shift = max(s for s in (0, 3, 6, 9, 12) if s <= max(shift, end.digits))
    return Raw(raw.first, raw.last, raw.figure.scaleb(shift), raw.digits + shift, raw.kind, raw.signed, True)


def _percentiled(tokens: Tokens, raw: Raw) -> bool:
    """Whether a plain number is a rank by the word before it: ``percentile is 12``, ``percentile: 97``."""
    if raw.kind not in (None, "ord"):
        return False
    before = [tokens[j].key for j in range(max(0, raw.first - 4), raw.first)]
    if before and before[-1] in ("and", ",", "/") and raw.kind == "ord":
        return False
    if before[-1:] == ["pct"] and before[-2:-1] and before[-2].startswith("WIN"):
        return True
    if {"rank", "ranks", "ranked", "ranking"} & set(
        before[-1:] if before[-1:] not in ([":"], ["is"], ["at"], ["are"], ["of"], ["were"]) else before[-2:]
    ):
        return True
    ranked = raw.kind == "ord" and any(w.startswith("rank") for w in before)
    return (ranked or any(w in _RANK for w in before)) and not any(w in (",", ";") for w in before)


def amounts(tokens: Tokens) -> Iterator[tuple[int, int, Token]]:
    """Find the numbers: first token, last token (exclusive), and the token that takes their place."""
    found: list[tuple[int, int, Token]] = []
    joined = False
    for first, last, token in reversed(list(_singly(tokens))):
        unit = _listed_unit(tokens, last, token, found[-1], joined) if found else None
        found.append((first, last, unit or token))
        joined = unit is not None
    return reversed(found)


_LIST = frozenset((",", "and", "or", "/", "&", "versus", "vs"))


def _listed_unit(tokens: Tokens, last: int, token: Token, after: tuple[int, int, Token], joined: bool) -> Token | None:
    """A plain number of a list whose last member alone shows the unit: ``4.8, 15 and 10.5 percent``."""
    plain, other = token.data, after[2].data
    assert isinstance(plain, Amount)
    assert isinstance(other, Amount)
    gap = {tokens[j].key for j in range(last, after[0])}
    kin = (plain.kind, other.kind) in (("cnt", "pct"), ("ord", "rank"))
    if not kin or not gap or not gap <= _LIST or plain.value > 1000 or not (joined or gap - {","}):
        return None
    per = 0.01 if other.kind == "pct" else 1.0
    same = Amount(other.kind, round(plain.value * per, 12), None, plain.step * per, plain.signed)
    return Token(f"NUM{other.kind}={token.key.partition('=')[2]}", token.start, token.end, same)


def _singly(tokens: Tokens) -> Iterator[tuple[int, int, Token]]:
    i = 0
    while i < len(tokens):
        raw = _raw(tokens, i)
        if raw is None:
            i += 1
            continue
        end = _range_end(tokens, raw)
        last = end.last if end else raw.last
        low = _scaled_like(raw, end) if end else raw
        kind = (end.kind if end else None) or raw.kind or ("year" if _year(raw, tokens) else "cnt")
        kind = "rank" if _percentiled(tokens, raw) else kind
        start, stop = tokens.span(raw.first, last)
        shown = re.sub(r"[^a-z0-9.]", "", tokens[_signs(tokens, raw.first)[0]].key) or "0"
        yield raw.first, last, Token(f"NUM{kind}={shown}", start, stop, _made(low, kind, end))
        i = last
