"""A sentence as tokens: words, numbers, signs, and the names, windows and amounts that are made of them.

Characters are folded one for one, so that a token's place is its place in the sentence as written.  Each token has a
``key``; the keys, each followed by a blank, are the string on which patterns (see ``pattern``) are matched.  Keys of
words are in lower case, keys of what was put together (``SUB…``, ``WIN…``, ``NUM…``) start in upper case.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

__all__ = ["Token", "Tokens", "fold", "tokenise"]

_FOLDED = str.maketrans(
    {
        **dict.fromkeys("−﹣－‒", "-"),
        **dict.fromkeys("–‑‐", "-"),
        **dict.fromkeys("’‘ʼ`´", "'"),
        **dict.fromkeys("“”„«»", '"'),
        **dict.fromkeys("\u00a0\u2007\u2009\u202f\t\n", " "),
        "％": "%",
        "﹪": "%",
        "＄": "$",
        "＋": "+",
        "≈": "~",
        "∼": "~",
        "―": "—",
    }
)
_TOKEN = re.compile(
    r"(?P<noise>https?://\S+|www\.\S+|(?<!\w)@\w+|(?<![\w:])\d{1,2}:\d{2}(?::\d{2})?(?![\w:]))"
    r"|(?P<quote>\$(?=[a-z])[^$\n()]{0,60}\(\.?(?P<ticker>[a-z][a-z.]{0,7})\)\$?|\(\.?(?P<bare>[a-z]{1,6})\)\$"
    r"|\(?(?:nyse|nasdaq|amex|otc|nysearca|cboe)\s?:\s?\$?(?P<listed>[a-z]{1,5})(?![\w])\)?)"
    r"|(?P<cash>(?<!\w)\$\^?\.?[a-z][a-z]{0,6}(?:[.&][a-z]{1,2})?(?![\w&])\$?|(?<![\w.])[.^][a-z]{2,5}(?!\w))"
    r"|(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?|(?<!\d)\.\d+)"
    r"|(?P<word>[^\W\d_](?:[^\W_]|[&'](?=[^\W\d_]))*)"
    r"|(?P<mark>\+|--|[-—%$~<>=≥≤,;:()/|&…×?!\"])"
)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a sentence: its key, its place, and for what was put together what it stands for."""

    key: str
    start: int
    end: int
    data: object = None


def fold(text: str) -> str:
    """Lower case and plain signs, one character for one."""
    plain = text.translate(_FOLDED)
    low = plain.lower()
    return low if len(low) == len(plain) else "".join(c.lower() if len(c.lower()) == 1 else c for c in plain)


def _signed(text: str, at: int) -> bool:
    """Whether the sign at ``at`` belongs to the number after it, and does not join two words or two numbers."""
    after = text[at + 1 : at + 3].lstrip("$")
    before = text[at - 1] if at else " "
    return bool(after) and (after[0].isdigit() or after[0] == ".") and not (before.isalnum() or before in "%)")


def _mark(text: str, start: int, end: int) -> str | None:
    sign = text[start:end]
    if sign == "+":
        return "+"
    if sign == "-":
        if _signed(text, start):
            return "neg"
        loose = text[start - 1 : start] == " " and text[end : end + 1] == " "
        joins = text[start - 1 : start].isalpha() and text[end : end + 1].isalnum()
        return "—" if loose else None if joins or text[end : end + 1].isalpha() else "-"
    return "—" if sign == "--" else sign


def _word(word: str) -> str:
    return word[:-2] if word.endswith("'s") else word[:-1] if word.endswith("'") else word


def tokenise(text: str) -> Iterator[Token]:
    """Cut a folded sentence into tokens; what is no word, number or known sign is left out."""
    for m in _TOKEN.finditer(text):
        kind, start, end = m.lastgroup, m.start(), m.end()
        if symbol := m["ticker"] or m["bare"] or m["listed"]:
            yield Token(symbol, start, end, "symbol")
        elif kind == "cash":
            yield Token(m["cash"].strip("$^."), start, end, "symbol" if m["cash"][0] == "$" else None)
        elif kind == "number":
            yield Token(m["number"].replace(",", ""), start, end)
        elif kind == "word":
            yield Token(_word(m["word"]), start, end)
        elif kind == "mark" and (key := _mark(text, start, end)):
            yield Token(key, start, end)


class Tokens:
    """Tokens of one sentence with the string of their keys.

    Parameters
    ----------
    items
        The tokens in their order.
    """

    def __init__(self, items: Sequence[Token]) -> None:
        self.items = tuple(items)

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, i: int) -> Token:
        return self.items[i]

    @cached_property
    def keys(self) -> str:
        """The keys, each followed by a blank."""
        return "".join(f"{t.key} " for t in self.items)

    @cached_property
    def _offsets(self) -> list[int]:
        offsets, at = [], 0
        for token in self.items:
            offsets.append(at)
            at += len(token.key) + 1
        return offsets

    def found(self, pattern: re.Pattern[str]) -> Iterator[tuple[int, int, re.Match[str]]]:
        """Every match as first token, last token (exclusive) and the match."""
        for m in pattern.finditer(self.keys):
            if m.end() > m.start():
                first, last = self.places(m.start(), m.end())
                yield first, last, m

    def places(self, start: int, end: int) -> tuple[int, int]:
        """The tokens of a part of ``keys``: first, and last (exclusive)."""
        return bisect_right(self._offsets, start) - 1, bisect_left(self._offsets, end)

    def before(self, i: int) -> str:
        """The keys before token ``i``."""
        return self.keys[: self._offsets[i]] if i < len(self.items) else self.keys

    def after(self, i: int) -> str:
        """The keys from token ``i`` on."""
        return self.keys[self._offsets[i] :] if i < len(self.items) else ""

    def span(self, first: int, last: int) -> tuple[int, int]:
        """The characters of tokens ``first`` to ``last`` (exclusive)."""
        return self.items[first].start, self.items[last - 1].end

    def replaced(self, parts: Sequence[tuple[int, int, Token]]) -> "Tokens":
        """The tokens with each range (first, last exclusive; ascending, apart) put together to one."""
        items: list[Token] = []
        at = 0
        for first, last, token in parts:
            items += [*self.items[at:first], token]
            at = last
        return Tokens([*items, *self.items[at:]])
