"""The way out: every request to a publisher's server goes through this room."""

from overshort.sources.wire.request import Answer, Pace, Request, Unchanged, Wire

__all__ = ["Answer", "Pace", "Request", "Unchanged", "Wire"]
