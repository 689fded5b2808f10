"""Figures and words that stand for a number: ``3.9``, ``twenty-two``, ``two thirds of``, ``7 in 10``, ``doubled``."""

import re
from dataclasses import dataclass
from decimal import Decimal

from overshort.thesis.grammar.atoms import Tokens

__all__ = ["FACTORS", "Raw", "figure", "part_of"]

_ONES = (
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
)
_UNITS = {word: i for i, word in enumerate(_ONES, 1)}
_TENS = {
    word: i * 10
    for i, word in enumerate(("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), 2)
}
_IRREGULAR = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_ORDINALS = {_IRREGULAR.get(word, f"{word}th"): i for word, i in _UNITS.items()} | {"twentieth": 20}
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


FACTORS = {
    "doubled": 1.0,
    "doubling": 1.0,
    "tripled": 2.0,
    "tripling": 2.0,
    "trebled": 2.0,
    "quadrupled": 3.0,
    "halved": -0.5,
}


_FIGURE = re.compile(r"\d*\.?\d+")


@dataclass(frozen=True, slots=True)
class Raw:
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


def part_of(tokens: Tokens, i: int) -> Raw | None:
    """A part in words (``a third of``, ``two thirds``, ``one in five``), or a factor (``doubled``)."""
    key = tokens[i].key
    words = [tokens[j].key for j in range(i, min(i + 5, len(tokens)))]
    if key in FACTORS:
        return Raw(i, i + 1, Decimal(str(FACTORS[key])), 0, "pct", None, True)
    if key in ("half", "halves") and words[1:2] in (["of"], ["the"]):
        return Raw(i, i + 1, Decimal("0.5"), -2, "pct", None, True)
    top = 1 if key in ("a", "one") else _UNITS.get(key)
    if top and len(words) > 2 and words[1] in _PARTS and words[2] in ("of", "the") and (key != "a" or words[2] == "of"):
        return Raw(
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


def _out_of(tokens: Tokens, i: int, words: list[str]) -> Raw | None:
    """``four out of five``, ``7 in 10``, ``nine of ten``: of a whole of five, ten or a hundred at most."""
    joint = 3 if words[1:3] == ["out", "of"] else 2 if words[1:2] in (["in"], ["of"]) else 0
    if not joint or len(words) <= joint:
        return None
    top, bottom = _count(words[0]), _count(words[joint])
    if top is None or bottom not in (2, 3, 4, 5, 10, 100) or top > bottom or tokens[i].key == "in":
        return None
    return Raw(i, i + joint + 1, Decimal(top) / Decimal(bottom), -2, "pct", None, True)


def figure(tokens: Tokens, i: int) -> tuple[int, Decimal, int, str | None] | None:
    """Figures or words: where they end, the number, the exponent of its last digit, ``ord``."""
    key = tokens[i].key
    if _FIGURE.fullmatch(key):
        if len(key) > 18:
            return None
        return i + 1, Decimal(key), -len(key.partition(".")[2]), None
    found = _word_number(tokens, i)
    return (found[0], found[1], 0, found[2]) if found else None
