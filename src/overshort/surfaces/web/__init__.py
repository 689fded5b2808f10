"""The local server: pages of the brief for every day, and the same as JSON.

Importing this loads fastapi, jinja2 and plotly: only what serves imports it.
"""

from overshort.surfaces.web.application import application

__all__ = ["application"]
