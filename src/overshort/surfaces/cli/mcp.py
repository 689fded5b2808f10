"""``overshort mcp``."""

import os

from overshort.errors import UsageError
from overshort.surfaces.cli.options import Home, home_of

__all__ = ["run"]


def run(*, home: Home = None) -> int:
    """Serve the store to a language model over standard input and output (Model Context Protocol); reads only."""
    try:
        from overshort.surfaces.mcp import server
    except ModuleNotFoundError as error:
        raise UsageError(f"{error.name} is not installed; install overshort[mcp] to serve this protocol") from None
    os.environ["OVERSHORT_HOME"] = str(home_of(home))  # what every tool opens
    server().run("stdio")
    return 0
