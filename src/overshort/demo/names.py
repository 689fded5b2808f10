"""Invented tickers.

Letter patterns stand here instead of a list of names to avoid: with these pairs of consonants no symbol of the
consolidated files from 2018 to 2025 arises.
"""

import numpy as np

__all__ = ["CAPACITY", "invent"]

VOWELS = "AEIOU"
THREE = {"J": "DKLPRSTVZ", "K": "BKTVZ", "Q": "BFLMNRVZ", "X": "BDFKTZ", "Y": "BDFGKLPRSTVZ", "Z": "BDFKLRSTZ"}
FOUR = {"J": "BFGKZ", "K": "BDGMSTVZ", "Q": "GLNP", "X": "BFKPVZ", "Y": "DFNRSVZ", "Z": "BDFGMPS"}
FIVE = {"J": "FGKZ", "K": "BDGSVZ", "Q": "GLNP", "X": "FKPVZ", "Y": "FNSVZ", "Z": "BDGMPS"}


def _syllables(pattern: dict[str, str]) -> list[str]:
    return [a + v + b for a, seconds in pattern.items() for v in VOWELS for b in seconds]


def _open(pattern: dict[str, str]) -> list[str]:
    return [s + v for s in _syllables(pattern) for v in VOWELS]


LISTED = (*_syllables(THREE), *_open(FOUR))
FOREIGN = tuple(s + "F" for s in _open(FIVE))
CAPACITY = len(LISTED)


def invent(rng: np.random.Generator, listed: int, foreign: int) -> list[str]:
    """Give distinct tickers: three or four letters for listed names, five ending in F for those over the counter."""
    chosen = rng.permutation(len(LISTED))[:listed]
    others = rng.permutation(len(FOREIGN))[:foreign]
    return [*(LISTED[i] for i in chosen), *(FOREIGN[i] for i in others)]
