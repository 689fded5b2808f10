"""Fixtures that every test may use, and how tests are dealt out to workers."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# Property tests without a deadline: first use loads calendars, and the machine may be busy.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
DATA = Path(__file__).parents[1].parent / "shared" / "data"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object | None:
    """Give every worker one stretch of the suite instead of chunks from all over it, unless told otherwise.

    What a module or a room makes once is then made once: with chunks, both workers make nearly everything.  A worker
    that is done takes over half of what another has left.
    """
    if config.getoption("dist") != "load":
        return None
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log)


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real files; a test that asks for it is skipped, or fails where data are required, without it."""
    if not DATA.is_dir():
        reason = "needs the real files in ../shared/data, which are not here"
        if os.environ.get("OVERSHORT_REQUIRE_DATA") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return DATA
