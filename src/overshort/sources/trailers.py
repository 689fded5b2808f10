"""Last lines of delimited files that count the rows above them: without one, a file that was cut off looks whole."""

import re

from overshort.errors import RefusedFile
from overshort.sources.declare import AGAIN

__all__ = ["check", "parted"]


def parted(content: str, form: str) -> tuple[str, int | None]:
    """Part a text from the number in its last line.

    Parameters
    ----------
    form
        Pattern of the whole line, with the number as its one group.

    Returns
    -------
    tuple
        The text before, and the number; the whole text and ``None`` where the last line is another.
    """
    whole = content.rstrip()
    start = whole.rfind("\n") + 1
    found = re.fullmatch(form, whole[start:])
    return (content[:start], int(found[1])) if found else (content, None)


def check(name: str, what: str, said: int | None, have: int, line: int) -> None:
    """Refuse a file that does not say how much it holds, or holds something else.

    Raises
    ------
    RefusedFile
        Naming ``what`` is counted, and both numbers.
    """
    if said is None:
        raise RefusedFile(name, f"its last line does not say its {what}: it is cut off", line=line, fix=AGAIN)
    if said != have:
        cause = f"its last line says {said:,} {what} and it has {have:,}: it is cut off or damaged"
        raise RefusedFile(name, cause, line=line, fix=AGAIN)
