"""The care of type: what must not be broken over two lines, and what is to be typed as it stands."""

import re

from markupsafe import Markup, escape

__all__ = ["kept_together"]

_DATE = re.compile(r"(?<![\w-])\d{4}-\d\d-\d\d(?![\w-])")
_UNIT = re.compile(r"(?<=\d) (?=(?:%|bn|tn|m|bp)(?![\w]))")
_TYPED = re.compile(r"`([^`]+)`")


def kept_together(text: str) -> Markup:
    """Escape text for HTML so that neither a date nor a number and its unit is broken over two lines.

    What stands between backticks is a command or a name as it is typed, and becomes code.
    """
    joined = _UNIT.sub("\u00a0", str(escape(text)))
    dated = _DATE.sub(r'<span class="date">\g<0></span>', joined)
    return Markup(_TYPED.sub(r"<code>\1</code>", dated))
