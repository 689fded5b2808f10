"""Settings of the documentation; `make docs` builds it, warnings being errors."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from overshort import __version__

project = "overshort"
author = "the authors of overshort"
release = version = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "numpydoc", "ext.directives"]
exclude_patterns = ["ext"]
html_theme = "alabaster"
html_theme_options = {
    "description": "How crowded the short side of U.S. equities is, point in time",
    "page_width": "1100px",
    "show_powered_by": False,
}
html_copy_source = False
html_show_sphinx = False
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
nitpicky = False
numpydoc_show_class_members = False
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
