"""A brief before it is shown: what it says, in which order."""

from overshort.surfaces.page.blocks import Block, Cell, Grid, Page, Picture, Section, Words
from overshort.surfaces.page.contents import contents

__all__ = ["Block", "Cell", "Grid", "Page", "Picture", "Section", "Words", "contents"]
