"""What a text claims, in a form that tests compare."""

from datetime import date

from overshort.thesis.grammar import Lexicon, statements
from overshort.thesis.statement import Statement, Value

WRITTEN = date(2025, 12, 5)
Key = tuple[str, str, str, Value | None]


def key(s: Statement) -> Key:
    """Subject, metric, window and value of the first reading; nothing is empty text."""
    first = s.readings[0]
    value = round(s.value, 12) if isinstance(s.value, float) else s.value
    return first.subject or "", first.metric or "", first.window or "", value


def keys(text: str, written: date = WRITTEN, lexicon: Lexicon | None = None) -> list[Key]:
    """The keys of all statements of a text."""
    return [key(s) for s in statements(text, written, lexicon)]


def only(text: str, written: date = WRITTEN, lexicon: Lexicon | None = None) -> Statement:
    """The one statement of a text."""
    (found,) = statements(text, written, lexicon)
    return found
