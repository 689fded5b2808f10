"""The colours of pictures and pages, each with its twin on a dark ground.

A figure carries the light colour; a page that is dark swaps every string that is one of them.  So no two inks may
share a light colour.  The five states use the Okabe–Ito hues, which readers with any colour vision tell apart.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

__all__ = ["INKS", "Ink", "ink", "swaps"]


class Ink(NamedTuple):
    """One colour on a light and on a dark ground."""

    light: str
    dark: str


INKS: Mapping[str, Ink] = MappingProxyType(
    {
        "page": Ink("#f7f7f4", "#0e1116"),
        "card": Ink("#ffffff", "#161b22"),
        "text": Ink("#1a1f26", "#e6e9ee"),
        "muted": Ink("#59636f", "#9aa5b1"),
        "rule": Ink("#d8dce1", "#2d343d"),
        "grid": Ink("#e9ecef", "#252c35"),
        "wash": Ink("#eef1f5", "#1c232c"),
        "link": Ink("#0a58a8", "#79b4f2"),
        "warn": Ink("#9a3412", "#ffb366"),
        "warn_wash": Ink("#fff1e0", "#3a2412"),
        "main": Ink("#0b5cad", "#6cb0f5"),
        "second": Ink("#8a5a00", "#e0b050"),
        "price": Ink("#4b5560", "#b3bcc6"),
        "near_range": Ink("rgba(11,92,173,0.22)", "rgba(108,176,245,0.28)"),
        "far_range": Ink("rgba(11,92,173,0.09)", "rgba(108,176,245,0.11)"),
        "backcast": Ink("rgba(138,90,0,0.09)", "rgba(224,176,80,0.12)"),
        "limit": Ink("#7b8591", "#7f8b98"),
        "more": Ink("#b35806", "#f0a04b"),
        "less": Ink("#5e3c99", "#b39ddb"),
        "bar": Ink("#9db9d6", "#3f6487"),
        "mark": Ink("#c0392b", "#ff8a75"),
        "REFUSE": Ink("#d55e00", "#f08a4b"),
        "CONFIRM": Ink("#0072b2", "#4aa8e0"),
        "COVER": Ink("#009e73", "#3cc79f"),
        "EXIT": Ink("#cc79a7", "#e3a3c6"),
        "FLAT": Ink("#cfd4da", "#424c57"),
    }
)


def ink(name: str) -> str:
    """Give a colour as figures carry it: the light one."""
    return INKS[name].light


def swaps() -> dict[str, str]:
    """Give the dark colour of every light one."""
    return {i.light: i.dark for i in INKS.values()}
