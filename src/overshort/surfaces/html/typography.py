"""The care of type: what must not be broken over two lines."""

import re

from markupsafe import Markup, escape

__all__ = ["kept_together"]

_DATE = re.compile(r"(?<![\w-])\d{4}-\d\d-\d\d(?![\w-])")
_UNIT = re.compile(r"(?<=\d) (?=(?:%|bn|tn|m|bp)(?![\w]))")


def kept_together(text: str) -> Markup:
    """Escape text for HTML so that neither a date nor a number and its unit is broken over two lines."""
    joined = _UNIT.sub("\u00a0", str(escape(text)))
    return Markup(_DATE.sub(r'<span class="date">\g<0></span>', joined))
