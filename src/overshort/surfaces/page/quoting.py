"""Words and numbers of somebody else's text, shown as they are."""

import unicodedata

__all__ = ["exact", "visible"]

_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def visible(text: str) -> str:
    """Write control characters and those that turn the direction of text as escapes: what is read is what is there."""
    return "".join(
        f"\\u{ord(c):04x}" if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") or c in _BIDI else c for c in text
    )


def exact(value: float, *, signed: bool = True) -> str:
    """Write a fraction as percent with two decimals."""
    return f"{round(100 * value, 2) + 0.0:{'+' if signed else ''}.2f} %".replace("-", "−")
