"""What the tests of the store and of the engine check in the same way."""

import pytest

from overshort.errors import OvershortError

__all__ = ["sentence"]


def sentence(caught: pytest.ExceptionInfo[OvershortError]) -> str:
    """Give the message of an error, which is one line: what is wrong, then the fix."""
    message = str(caught.value)
    assert "\n" not in message
    assert "Traceback" not in message
    assert ";" in message
    return message
