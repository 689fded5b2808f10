"""Patterns over tokens: the small language in which the lexicon is written, made into regular expressions.

=============  ===========================================================================
``higher``     this word
``rise*``      a word that starts so
``a|b``        either
``the?``       may be there
``_``          any one token
``..``         up to three tokens, ``...`` up to eight, within one clause, over no number where one is asked for
``@up``        any pattern of the class ``up``
``#``          any number; ``#pct #usd #cnt #ord #rank #bp #x`` one of that kind
``$``          any subject; ``$vix $index $stock`` one of that kind
``%``          any window; ``%5y %12m %since`` one of that kind
``>>``         what stands before must be there, and is left to other statements
=============  ===========================================================================

Every gap is bounded, so that matching takes time in proportion to the text.
"""

import re
from collections.abc import Iterable, Mapping

__all__ = ["compiled", "one"]

_GAPS = {"..": 3, "...": 8}
_KINDS = {"#": "NUM", "$": "SUB", "%": "WIN"}
_SIGNS = ("%sign", "$sign")
_STOP = r"(?!(?:;|—|(?<!anything )(?<!all )(?<!nothing )but|while|whereas|(?<!not )yet|although|though|however|STOP) )"
_LED = (
    r"(?:(?:an?|some|about|around|roughly|nearly|almost|approximately|close|to|just|only|over|under|than|more|less|at|"
    r"least|most|up|~|whole|full|further|mere) ){0,3}?"
)
"""Words that may stand before any number of a pattern that is not its first element: how it is hedged or compared."""
_MOST = 3
"""How deep classes may lie within classes."""


def _atom(word: str, classes: Mapping[str, Iterable[str]], depth: int) -> str:
    """One alternative, with its blank."""
    if word[0] == "@":
        return "|".join(one(p, classes, depth + 1) for p in classes[word[1:]])
    if word in _SIGNS:
        return re.escape(word[0]) + " "
    if word[0] in _KINDS:
        rest = re.escape(word[1:]) + ("=" if word[0] == "#" else "") if word[1:] else ""
        return f"{_KINDS[word[0]]}{rest}{'' if rest and word[0] != '#' else '[^ ]*'} "
    if word.isdigit():
        return f"(?:NUM[a-z]*=)?{word} "
    if word == "_":
        return "[^ ]+ "
    return re.escape(word[:-1]) + "[^ A-Z]* " if word.endswith("*") and len(word) > 1 else re.escape(word) + " "


def _element(element: str, classes: Mapping[str, Iterable[str]], depth: int, led: bool = False) -> str:
    if element in _GAPS:
        stop = _STOP if element == ".." else _STOP.replace("(?:;", "(?:;|:")
        return f"(?:{stop}GAP[^ ]+ ){{0,{_GAPS[element]}}}?"
    if element == ">>":
        return "(?P<core>)"
    optional = element.endswith("?") and len(element) > 1
    words = [w for w in element.removesuffix("?").split("|") if w] if optional else element.split("|")
    made = f"(?:{'|'.join(_atom(w, classes, depth) for w in words)})"
    kinds = {w[0] for w in words if w not in _SIGNS}
    name = "number" if "#" in kinds else "window" if "%" in kinds else None
    made = f"(?P<{name}>{made})" if name else made
    made = _LED + made if name == "number" and led else made
    return f"(?:{made})?" if optional else made


def one(pattern: str, classes: Mapping[str, Iterable[str]], depth: int = 0) -> str:
    """One pattern as the text of a regular expression.

    Raises
    ------
    ValueError
        If a class is unknown, or classes lie within classes too deep.
    """
    if depth > _MOST:
        raise ValueError(f"classes lie more than {_MOST} deep in one another")
    words = [w for element in pattern.split() for w in element.removesuffix("?").split("|")]
    if unknown := next((w[1:] for w in words if w[:1] == "@" and w[1:] not in classes), None):
        raise ValueError(f"no class is called {unknown!r}")
    made = "".join(_element(e, classes, depth, i > 0) for i, e in enumerate(pattern.split()))
    if not made:
        raise ValueError("a pattern is empty")
    made = made.replace("GAP", "(?!NUM)" if "(?P<number>" in made and depth == 0 else "")
    return _first_only(made) if depth == 0 else made.replace("?P<number>", "?:").replace("?P<window>", "?:")


def _first_only(made: str) -> str:
    left, core, made = made.rpartition("(?P<core>)")
    left = left.replace("?P<number>", "?:").replace("?P<window>", "?:")
    for name in ("number", "window"):
        head, mark, tail = made.partition(f"(?P<{name}>")
        made = head + mark + tail.replace(f"(?P<{name}>", "(?:")
    return left + core + made


def compiled(patterns: Iterable[str], classes: Mapping[str, Iterable[str]]) -> list[re.Pattern[str]]:
    """Patterns as regular expressions that start at a token."""
    return [re.compile(r"(?<![^ ])" + one(p, classes)) for p in patterns]
