"""The market under test: a small one and a large one."""

import pytest

from demo.markets import large, small
from overshort.demo import Market


@pytest.fixture(params=["small", "large"])
def market(request: pytest.FixtureRequest) -> Market:
    return {"small": small, "large": large}[request.param]()
