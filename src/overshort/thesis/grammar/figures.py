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
_ORDINALS = {_IRREGULAR.get(word, f"{word}th"): i for word, i in _UNITS.items()}
_ORDINALS |= {f"{word[:-1]}ieth": i for word, i in _TENS.items()}
_HALVES = {("a", "half"): "0.5", ("one", "half"): "0.5", ("a", "quarter"): "0.25", ("a", "third"): "0.3333"}
_HALVES |= {("three", "quarters"): "0.75", ("two", "thirds"): "0.6667"}
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


_DIGITS = {word: str(i) for word, i in _UNITS.items() if i < 10} | {"zero": "0", "oh": "0"}
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


def _word_number(tokens: Tokens, i: int) -> tuple[int, Decimal, int, str | None] | None:
    """A number in words: where it ends, its value, the exponent of its last digit, ``ord`` for an ordinal."""
    found = _hundreds(tokens, i)
    if found is None:
        return None
    end, value, ordinal = found
    if ordinal:
        return end, value, 0, ordinal
    point = _point(tokens, end)
    return (point[0], value + point[1], point[2], None) if point else (end, value, 0, None)


def _point(tokens: Tokens, i: int) -> tuple[int, Decimal, int] | None:
    """What follows a whole number in words: ``and a half``, ``point two five``."""
    words = [tokens[j].key for j in range(i, min(i + 3, len(tokens)))]
    if words[:1] == ["and"] and tuple(words[1:3]) in _HALVES:
        return i + 3, Decimal(_HALVES[words[1], words[2]]), -2 if words[2].startswith("q") else -1
    if words[:1] != ["point"]:
        return None
    digits, at = "", i + 1
    while at < len(tokens) and (tokens[at].key in _DIGITS):
        digits, at = digits + _DIGITS[tokens[at].key], at + 1
    return (at, Decimal(f"0.{digits}"), -len(digits)) if digits else None


def _hundreds(tokens: Tokens, i: int) -> tuple[int, Decimal, str | None] | None:
    """``a hundred and ten``, else what is below a hundred."""
    key, after = tokens[i].key, tokens[i + 1].key if i + 1 < len(tokens) else ""
    if after != "hundred" or (key != "a" and key not in _UNITS):
        return _below_hundred(tokens, i)
    at, value = i + 2, Decimal(100 * _UNITS.get(key, 1))
    at += at + 1 < len(tokens) and tokens[at].key == "and"
    rest = _below_hundred(tokens, at) if at < len(tokens) else None
    return (rest[0], value + rest[1], rest[2]) if rest else (i + 2, value, None)


def _below_hundred(tokens: Tokens, i: int) -> tuple[int, Decimal, str | None] | None:
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
    return _bare_part(tokens, i, words) or _out_of(tokens, i, words)


_BEFORE_PART = frozenset(
    ("by", "nearly", "almost", "about", "roughly", "over", "than", "around", "up", "down", "another", "under", "some")
)
_AFTER_PART = frozenset(
    (*("higher", "lower", "more", "less", "larger", "smaller", "bigger", "above", "below", "since", "from", "in"), ",")
)


def _bare_part(tokens: Tokens, i: int, words: list[str]) -> Raw | None:
    """A part of nothing that is named: ``fell by nearly a third``, ``a fifth higher``; not ``a quarter ago``."""
    top = 1 if words[0] in ("a", "one") else _UNITS.get(words[0])
    if words[0] in ("half", "halves") and i and tokens[i - 1].key in ("by", "nearly", "almost", "about", "roughly"):
        return Raw(i, i + 1, Decimal("0.5"), -2, "pct", None, True)
    if not top or len(words) < 2 or words[1] not in _PARTS:
        return None
    before, after = tokens[i - 1].key if i else "", words[2] if len(words) > 2 else ","
    led = before in _BEFORE_PART and (words[1] != "quarter" or before in ("by", "nearly", "almost", "roughly", "up"))
    followed = after in _AFTER_PART or after.startswith(("WIN", "SUB"))
    if not (led and (followed or words[1] != "quarter")) and after not in ("higher", "lower", "larger", "smaller"):
        return None
    value = "0.6667" if top == 2 and words[1] == "thirds" else str(top * Decimal(_PARTS[words[1]]))
    return Raw(i, i + 2, Decimal(value), -2, "pct", None, True)


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
    return Raw(i, i + joint + 1, round(Decimal(top) / Decimal(bottom), 4), -2, "pct", None, True)


def figure(tokens: Tokens, i: int) -> tuple[int, Decimal, int, str | None] | None:
    """Figures or words: where they end, the number, the exponent of its last digit, ``ord``."""
    key = tokens[i].key
    if _FIGURE.fullmatch(key):
        if len(key) > 18:
            return None
        return i + 1, Decimal(key), -len(key.partition(".")[2]), None
    return _word_number(tokens, i)
