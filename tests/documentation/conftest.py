"""The simulated store that the pages and the notebook speak of, made once for all that run them."""

from pathlib import Path

import pytest

from overshort.engine.simulate import demo_home, ensure_demo


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder beside which the simulated store lies; :func:`demo_home` gives the store itself."""
    home = tmp_path_factory.mktemp("documentation") / "market"
    ensure_demo(home)
    assert demo_home(home).is_dir()
    return home
