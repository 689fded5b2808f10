"""The server: every offer as a read-only tool, every mistake as the sentence that the command line would print."""

from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import ValidationError

from overshort.edition import __version__
from overshort.errors import OvershortError
from overshort.surfaces.mcp.offers import OFFERS
from overshort.surfaces.words import ADVICE

__all__ = ["server"]

READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
ABOUT = (
    "Measurements of how crowded the short side of U.S. equities is, from a local store of publishers' files. Every "
    "figure says as of when it is, from when it was known, and of how many members; say so when you quote one. Figures "
    f"marked simulated are of an invented market and say nothing about the world. {ADVICE}"
)


class _Server(MCPServer[Any]):
    async def call_tool(self, name: str, arguments: dict[str, Any], context: Any = None) -> Any:
        """Call a tool; what a user can foresee becomes one sentence, anything else stays the library's own."""
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            match error.__cause__:
                case OvershortError() | OSError() as cause:
                    raise ToolError(str(cause)) from cause
                case ValidationError() as cause:
                    raise ToolError(_sentence(name, cause)) from cause
                case _:
                    raise


def _sentence(name: str, cause: ValidationError) -> str:
    found = (f"{'.'.join(map(str, e['loc']))} = {e['input']!r}: {e['msg']}" for e in cause.errors())
    return f"tool {name} cannot read {'; '.join(found)}; give arguments that fit its schema"


def server() -> MCPServer[Any]:
    """Make the server; the caller runs it."""
    made = _Server(name="overshort", version=__version__, instructions=ABOUT, log_level="WARNING")
    for offer in OFFERS:
        made.add_tool(offer, description=" ".join((offer.__doc__ or "").split()), annotations=READS)
    return made
