"""Numbers: figures and words, signs, units, magnitudes, ranges, and how precisely they are stated."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from overshort.thesis.grammar.atoms import Token, Tokens

__all__ = ["Amount", "amounts"]

_UNITS = dict(
    zip(
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen".split(),
        range(1, 20),
        strict=True,
    )
)
_TENS = dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True))
_ORDINALS = dict(
    zip(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
        "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split(),
        range(1, 21),
        strict=True,
    )
)
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
_PARTS = {
    "half": "0.5",
    "third": "0.3333",
    "thirds": "0.3333",
    "quarter": "0.25",
    "quarters": "0.25",
    "fifth": "0.2",
    "fifths": "0.2",
    "tenth": "0.1",
    "tenths": "0.1",
}
"""Parts of a whole in words; a third counts to four digits."""
_FACTORS = {
    "doubled": 1.0,
    "doubling": 1.0,
    "tripled": 2.0,
    "tripling": 2.0,
    "trebled": 2.0,
    "quadrupled": 3.0,
    "halved": -0.5,
}
_RANK = frozenset(("percentile", "percentiles", "pctile", "pctl", "ile", "percentile's"))
_FIGURE = re.compile(r"\d*\.?\d+")


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


@dataclass(frozen=True, slots=True)
class _Raw:
    """A number before its unit is settled: figures, the exponents of its last digit and its scale."""

    first: int
    last: int
    figure: Decimal
    digits: int
    kind: str | None
    signed: str | None
    scaled: bool


def _word_number(tokens: Tokens, i: int) -> tuple[int, Decimal, str | None] | None:
    """A number in words: where it ends, its value, ``ord`` for an ordinal."""
    key = tokens[i].key
    if key in _TENS:
        after = tokens[i + 1].key if i + 1 < len(tokens) else ""
        if after in _UNITS and _UNITS[after] < 10:
            return i + 2, Decimal(_TENS[key] + _UNITS[after]), None
        if after in _ORDINALS and _ORDINALS[after] < 10:
            return i + 2, Decimal(_TENS[key] + _ORDINALS[after]), "ord"
        return i + 1, Decimal(_TENS[key]), None
    if key in _UNITS:
        return i + 1, Decimal(_UNITS[key]), None
    if key in _ORDINALS:
        return i + 1, Decimal(_ORDINALS[key]), "ord"
    return (i + 1, Decimal(12), None) if key == "dozen" else None


def _part(tokens: Tokens, i: int) -> _Raw | None:
    """A part in words (``a third of``, ``two thirds``, ``one in five``), or a factor (``doubled``)."""
    key = tokens[i].key
    words = [tokens[j].key for j in range(i, min(i + 5, len(tokens)))]
    if key in _FACTORS:
        return _Raw(i, i + 1, Decimal(str(_FACTORS[key])), 0, "pct", None, True)
    if key in ("half", "halves") and words[1:2] in (["of"], ["the"]):
        return _Raw(i, i + 1, Decimal("0.5"), -2, "pct", None, True)
    top = 1 if key in ("a", "one") else _UNITS.get(key)
    if top and len(words) > 2 and words[1] in _PARTS and words[2] in ("of", "the") and (key != "a" or words[2] == "of"):
        return _Raw(
            i,
            i + 2,
            top * Decimal(_PARTS[words[1]]) if words[1] != "thirds" or top != 2 else Decimal("0.6667"),
            -2,
            "pct",
            None,
            True,
        )
    return _out_of(tokens, i, words)


def _count(word: str) -> int | None:
    return int(word) if word.isdigit() and len(word) < 5 else _UNITS.get(word)


def _out_of(tokens: Tokens, i: int, words: list[str]) -> _Raw | None:
    """``four out of five``, ``7 in 10``, ``nine of ten``: of a whole of five, ten or a hundred at most."""
    joint = 3 if words[1:3] == ["out", "of"] else 2 if words[1:2] in (["in"], ["of"]) else 0
    if not joint or len(words) <= joint:
        return None
    top, bottom = _count(words[0]), _count(words[joint])
    if top is None or bottom not in (2, 3, 4, 5, 10, 100) or top > bottom or tokens[i].key == "in":
        return None
    return _Raw(i, i + joint + 1, Decimal(top) / Decimal(bottom), -2, "pct", None, True)


def _figure(tokens: Tokens, i: int) -> tuple[int, Decimal, int, str | None] | None:
    """Figures or words: where they end, the number, the exponent of its last digit, ``ord``."""
    key = tokens[i].key
    if _FIGURE.fullmatch(key):
        if len(key) > 18:
            return None
        return i + 1, Decimal(key), -len(key.partition(".")[2]), None
    found = _word_number(tokens, i)
    return (found[0], found[1], 0, found[2]) if found else None


def _signs(tokens: Tokens, i: int) -> tuple[int, str | None, bool]:
    """Signs before a number, from token ``i``: where they end, plus or minus, whether it is money."""
    sign, money = None, False
    while i < len(tokens) and tokens[i].key in ("+", "neg", "$", "$sign", "usd"):
        money = money or tokens[i].key in ("$", "usd")
        sign = {"+": "+", "neg": "-"}.get(tokens[i].key, sign)
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
        rank = keys[1:2] and keys[1] in _RANK
        return (i + 2, "rank") if rank else (i + 1, "ord")
    return (i + 1, "rank") if keys[:1] and keys[0] in _RANK else (i, None)


def _raw(tokens: Tokens, i: int) -> _Raw | None:
    part = _part(tokens, i)
    if part:
        return part
    at, sign, money = _signs(tokens, i)
    found = _figure(tokens, at) if at < len(tokens) else None
    if not found:
        return None
    end, figure, digits, ordinal = found
    end, scale = _scale(tokens, end, money)
    end, unit = _unit(tokens, end)
    if ordinal and end < len(tokens) and tokens[end].key in _RANK:
        end, unit = end + 1, "rank"
    money = money or (end < len(tokens) and scale > 0 and tokens[end].key in ("dollars", "usd"))
    kind = "usd" if money and unit is None else unit or ordinal
    return _Raw(i, end, figure.scaleb(scale), digits + scale, kind, sign, scale > 0)


def _year(raw: _Raw, tokens: Tokens) -> bool:
    return (
        raw.kind is None
        and raw.last == raw.first + 1
        and re.fullmatch(r"(?:19|20)\d\d", tokens[raw.first].key) is not None
    )


def _made(raw: _Raw, kind: str, high: _Raw | None) -> Amount:
    per = {"pct": -2, "bp": -4}.get(kind, 0)
    part = raw.kind == "pct" and raw.scaled and raw.digits in (0, -2)
    per = 0 if part else per
    sign = -1 if raw.signed == "-" else 1
    low = float(raw.figure.scaleb(per)) * sign
    top = None if high is None else float(high.figure.scaleb(per)) * (-1 if high.signed == "-" else 1)
    return Amount(kind, low, top, float(Decimal(1).scaleb(raw.digits + per)), raw.signed)


def _range_end(tokens: Tokens, raw: _Raw) -> _Raw | None:
    """The upper end of a range that starts with ``raw``: ``3-4 %``, ``3% to 4%``, ``between 3 and 4 percent``."""
    if raw.last + 1 >= len(tokens):
        return None
    joint = tokens[raw.last].key
    between = raw.first > 0 and tokens[raw.first - 1].key == "between" and joint == "and"
    spread = joint == "-" or (joint == "to" and not (raw.first > 0 and tokens[raw.first - 1].key in ("from", "by")))
    if not (between or spread):
        return None
    end = _raw(tokens, raw.last + 1)
    if end is None or end.kind in ("ord", None) and raw.kind not in (None, "usd") or end.figure <= raw.figure:
        return None
    if raw.kind is None and end.kind is None and not between and joint != "-":
        return None
    return end if raw.kind in (None, end.kind) or (raw.kind == "usd" and end.kind is None) else None


def _scaled_like(raw: _Raw, end: _Raw) -> _Raw:
    """A range's lower end takes the magnitude that only its upper end shows: ``3-4 billion``."""
    if raw.scaled or not end.scaled or end.kind == "pct":
        return raw
    shift = end.digits + len(str(end.figure).partition(".")[2].rstrip("0")) if end.digits > 0 else 0
    shift = max(s for s in (0, 3, 6, 9, 12) if s <= max(shift, end.digits))
    return _Raw(raw.first, raw.last, raw.figure.scaleb(shift), raw.digits + shift, raw.kind, raw.signed, True)


def _percentiled(tokens: Tokens, raw: _Raw) -> bool:
    """Whether a plain number is a rank by the word before it: ``percentile is 12``, ``percentile: 97``."""
    if raw.kind not in (None, "ord"):
        return False
    before = [tokens[j].key for j in range(max(0, raw.first - 4), raw.first)]
    if before and before[-1] in ("and", ",", "/") and raw.kind == "ord":
        return False
    ranked = raw.kind == "ord" and any(w.startswith("rank") for w in before)
    return (ranked or any(w in _RANK for w in before)) and not any(w in (",", ";") for w in before)


def amounts(tokens: Tokens) -> Iterator[tuple[int, int, Token]]:
    """Find the numbers: first token, last token (exclusive), and the token that takes their place."""
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
