"""``overshort demo``."""

from overshort.engine.simulate import ensure_demo
from overshort.surfaces.cli.options import Home, home_of
from overshort.surfaces.words import SIMULATED

__all__ = ["run"]


def run(*, home: Home = None) -> int:
    """Make a store of a simulated market beside the real one, and say where it is."""
    lake = ensure_demo(home_of(home))
    print(f"{SIMULATED}.\nThe store is {lake.home}; look at it with:\n  overshort brief --home {lake.home}")
    return 0
