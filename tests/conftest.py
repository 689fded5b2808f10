"""Fixtures that every test may use."""

import os
from pathlib import Path

import pytest

DATA = Path(__file__).parents[1].parent / "shared" / "data"


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real files; a test that asks for it is skipped, or fails where data are required, without it."""
    if not DATA.is_dir():
        reason = "needs the real files in ../shared/data, which are not here"
        if os.environ.get("OVERSHORT_REQUIRE_DATA") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return DATA
