"""A server of the Model Context Protocol: a language model asks, the store answers, nothing is written.

To offer another answer, write a function in :mod:`~overshort.surfaces.mcp.offers` and name it in ``OFFERS``.
Importing this loads the ``mcp`` package (the extra of that name): only ``overshort mcp`` imports it.
"""

from overshort.surfaces.mcp.server import server

__all__ = ["server"]
