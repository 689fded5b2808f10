"""A text as numbered sentences, each knowing its paragraph and the heading it stands under.

1. Line ends become ``\\n``; control characters become blanks; nothing else changes, so that every sentence is a part of
   the text as written.
2. Lines that only an editor wrapped are joined: a line of no closing sign before one that starts in lower case, or
   within a block of long lines.
3. A short line without a closing sign is a heading: it opens a section, and what it names serves the paragraphs below.
4. Other lines are cut after ``.``, ``!``, ``?`` and ``…``, save after abbreviations and within numbers.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

__all__ = ["Sentence", "sentences"]

LONGEST = 800
"""A sentence longer than this is cut at a blank, so that no text makes the work grow faster than its length."""
_CONTROL = re.compile(r"[^\S\n]|[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\u200b-\u200f]")
_BULLET = re.compile(r"[^\S\n]*(?:[-*•·–—>▪►‣◦✅➡→]+|\(?\d{1,2}[.)/])[^\S\n]+|[^\S\n]*[•▪►‣◦✅➡]")
_CLOSED = re.compile(r"[.!?…][\"'”’)\]]*[^\S\n]*$")
_ENDING = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s)|\s•(?=\s)")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"'])(?:[a-z]\.)*(?:[a-z]|vs|etc|inc|corp|ltd|co|mr|mrs|ms|dr|st|approx|avg|est|no|nos|fig|jan|feb|mar|apr|"
    r"jun|jul|aug|sep|sept|oct|nov|dec|mon|tue|wed|thu|fri|pct|cf|resp|incl|excl|max|min|u\.s|e\.g|i\.e)\.$",
    re.IGNORECASE,
)
_REFUSAL = re.compile(r"(?:^|[.?!:…]\s+)No\.$")
"""A denial that is a sentence of its own, and not short for a number."""
_STARTERS = re.compile(r"(?:the|it|its|this|that|these|but|and|yet|short|shorts|price|meanwhile|we|they|in|on)\b", re.I)
_SENTENCE = re.compile(r"(?:(?:and|but|so|still|yet)\b|.*\b(?:is|are|was|were|has|have|had|i|we|you|they|it)\b)", re.I)
"""What only a sentence holds, and no heading: a joint before all, a verb of being, somebody who speaks."""
_SMALL = frozenset(
    (
        "a",
        "an",
        "and",
        "as",
        "at",
        "but",
        "by",
        "for",
        "from",
        "if",
        "in",
        "into",
        "is",
        "its",
        "nor",
        "not",
        "of",
        "off",
        "on",
        "or",
        "over",
        "per",
        "the",
        "than",
        "to",
        "up",
        "vs",
        "via",
        "with",
    )
)
_SAYS = re.compile(r"[A-Za-z0-9]|[^\W_]{2}")
"""What makes a line more than decoration: one plain letter or digit, or two of any script."""
_WORD = re.compile(r"[^\W\d_][\w&'’-]*")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: its number from 1, its words, the section (a heading and what follows) and paragraph it is in."""

    number: int
    text: str
    section: int
    paragraph: int
    heading: bool


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    bullet: bool
    opens: bool
    """Whether an empty line stands before it."""


def _lines(text: str) -> Iterator[_Line]:
    opens = True
    for raw in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        line = _CONTROL.sub(" ", raw)
        mark = _BULLET.match(line)
        body = (line[mark.end() :] if mark else line).strip()
        if _SAYS.search(body):
            yield _Line(body, mark is not None, opens)
            opens = False
        else:
            opens = opens or not body


def _titled(line: str) -> bool:
    words = [w for w in _WORD.findall(line) if w.lower() not in _SMALL and (w[0].isascii() or len(w) > 2)]
    return bool(words) and sum(not w[0].islower() for w in words) >= 0.8 * len(words)


def _heading(line: _Line, alone: bool) -> bool:
    if (
        line.bullet
        or "|" in line.text
        or "%" in line.text
        or _CLOSED.search(line.text)
        or line.text.endswith((",", ";"))
    ):
        return False
    if _SENTENCE.match(line.text) and not _titled(line.text) and not line.text.startswith("#"):
        return False
    words = len(_WORD.findall(line.text))
    return words <= 14 and (
        line.text.endswith(":") or line.text.startswith("#") or _titled(line.text) or words <= 4 or alone
    )


def _hard_wrapped(block: list[_Line]) -> bool:
    """Whether an editor broke the lines: long lines of like length, one of which goes on in lower case."""
    body = [line.text for line in block[:-1]]
    if not body or any(line.bullet for line in block) or not all(50 <= len(t) <= 130 for t in body):
        return False
    return any(not _CLOSED.search(a.text) and b.text[0].islower() for a, b in pairwise(block))


def _joined(block: list[_Line]) -> Iterator[_Line]:
    wrapped = _hard_wrapped(block)
    held: list[_Line] = []
    for line in block:
        goes_on = held and not line.bullet and (wrapped or line.text[0].islower())
        if goes_on and (wrapped or not _CLOSED.search(held[-1].text)):
            held.append(line)
            continue
        yield from _merged(held)
        held = [line]
    yield from _merged(held)


def _merged(held: list[_Line]) -> Iterator[_Line]:
    if held:
        yield _Line(" ".join(line.text for line in held), held[0].bullet, held[0].opens)


def _blocks(text: str) -> Iterator[list[_Line]]:
    block: list[_Line] = []
    for line in _lines(text):
        if line.opens and block:
            yield block
            block = []
        block.append(line)
    if block:
        yield block


def _ends(line: str, end: int) -> bool:
    """Whether a closing sign that ends at ``end`` closes a sentence, and not only an abbreviation."""
    rest = line[end:].lstrip()
    if not line[:end].rstrip("\"'”’)]").endswith("."):
        return True
    if _REFUSAL.search(line[:end]) and not rest[:1].isdigit():
        return True
    if _ABBREVIATION.search(line[max(0, end - 12) : end]):
        return rest[:1].isupper() and _STARTERS.match(rest) is not None
    casual = line[:1].islower()
    return casual or not (rest[:1].islower() and rest[:1].isascii())


def _cut(line: str) -> Iterator[str]:
    start = 0
    for mark in _ENDING.finditer(line):
        if _ends(line, mark.end()):
            yield line[start : mark.end()]
            start = mark.end()
    yield line[start:]


def _bounded(part: str) -> Iterator[str]:
    while len(part) > LONGEST:
        at = part.rfind(" ", 0, LONGEST) + 1 or LONGEST
        yield part[:at]
        part = part[at:]
    yield part


def sentences(text: str) -> list[Sentence]:
    """Cut a text into sentences.

    Parameters
    ----------
    text
        Plain text; any characters, headings without a full stop, bullets, wrapped lines.

    Returns
    -------
    list of Sentence
        In their order; a line without a letter or digit is none.
    """
    found: list[Sentence] = []
    section = paragraph = 0
    for block in _blocks(text):
        paragraph += 1
        lines = list(_joined(block))
        for line in lines:
            heading = _heading(line, len(lines) == 1)
            section += heading
            paragraph += heading
            for part in (p.strip() for cut in _cut(line.text) for p in _bounded(cut)):
                if _SAYS.search(part):
                    found.append(Sentence(len(found) + 1, part, section, paragraph, heading))
    return found
