"""Symbols of stocks by their form, and the companies that a text introduces with one: ``Upstart (UPST)``."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from overshort.thesis.grammar.atoms import Tokens
from overshort.thesis.grammar.lexicon import Lexicon

__all__ = ["NOBODY", "Introduced", "bare_symbol", "introduced"]

_TAGGED = re.compile(r"(?<![\w$])\$([A-Za-z]{1,5})(?![\w.]\w)|\((?:[A-Za-z ]{2,8}:\s?)?\$?([A-Z]{2,5})\)")
_COMPANY = re.compile(
    r"((?:[A-Z][\w&'’-]*[a-z][\w&'’-]*\s){1,4})(?:(?:Inc|Corp|Co|Ltd|plc|Holdings|Group)\.?,?\s)?"
    r"\((?:[A-Za-z ]{2,8}:\s?)?\$?([A-Z]{1,5})\)"
)
_NO_NAME = frozenset(("the", "a", "in", "on", "of", "for", "and", "but", "while", "meanwhile", "short", "shares", "at"))


@dataclass(frozen=True, slots=True)
class Introduced:
    """What a text itself says of stocks: symbols it writes as such, and names it gives one."""

    symbols: frozenset[str] = frozenset()
    companies: Mapping[str, str] = field(default_factory=dict)

    def found(self, tokens: Tokens) -> Iterator[tuple[int, str]]:
        """Where a company's first name stands, and its symbol."""
        for i, t in enumerate(tokens.items):
            if code := self.companies.get(t.key):
                yield i, code


NOBODY = Introduced()
"""What a text that introduces no stock says."""


def introduced(text: str, no_symbols: frozenset[str]) -> Introduced:
    """The symbols and companies that a text introduces."""
    tags = {(m[1] or m[2]).lower() for m in _TAGGED.finditer(text)}
    companies: dict[str, str] = {}
    for m in _COMPANY.finditer(text):
        words = [w for w in m[1].lower().split() if w not in _NO_NAME]
        if words and m[2].lower() not in no_symbols and len(words[0]) > 2:
            companies[words[0].removesuffix("'s").removesuffix("’s")] = m[2].lower()
    return Introduced(frozenset(s for s in tags if s not in no_symbols), companies)


_EVIDENCE = re.compile(
    r"(?<![^ ])(?:shorts?|borrow|float|cover|calls?|puts?|ask|squeeze|%|percent|percentile|average|fails?|ftds?|premium"
    r") "
)


def bare_symbol(tokens: Tokens, i: int, text: str, lexicon: Lexicon, known: Introduced) -> bool:
    """Whether capitals are a stock's symbol: the text writes them as one, or their neighbours say so."""
    token = tokens[i]
    word = text[token.start : token.start + len(token.key)]
    if token.key in lexicon.words("no_symbols") or not (word.isalpha() and word.isupper()):
        return False
    if token.key in known.symbols:
        return len(word) > 1
    if not 2 <= len(word) <= 5 or _shouting(text, word):
        return False
    before = tokens[i - 1].key if i else ""
    after = tokens[i + 1].key if i + 1 < len(tokens) else ""
    owner = token.end - token.start > len(token.key)
    placed = owner or after in lexicon.words("after_symbol") or (i > 0 and before in lexicon.words("before_symbol"))
    return placed and _EVIDENCE.search(tokens.keys) is not None


def _shouting(text: str, word: str) -> bool:
    """Whether other words of a sentence are in capitals too, so that these say nothing."""
    others = [w for w in re.findall(r"[A-Za-z]{4,}", text) if w != word]
    return bool(others) and sum(w.isupper() for w in others) > len(others) / 3
