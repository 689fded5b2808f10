"""Decode time-ordered Parquet files piece by piece for compiled passes."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

__all__ = ["GROUP", "MINUTES", "MINUTE_NS", "OPEN_NS", "SEED", "groups", "numbers"]

SEED = 20261124
MINUTES = 405
"""Minutes of a session of options on indices."""
OPEN_NS = 1_773_408_600_000_000_000
MINUTE_NS = 60_000_000_000
GROUP = 1 << 20
"""Rows of a piece."""
AHEAD = 2
"""Pieces that are decoded at once: within a piece the decoder keeps only one core busy."""


def groups(path: Path, columns: tuple[str, ...], rows: int | None = None) -> Iterator[pl.DataFrame]:
    """Decode a file piece by piece, the next ones while the last is worked on."""
    whole = pl.scan_parquet(path).select(pl.len()).collect().item()
    rows = whole if rows is None else min(rows, whole)
    with ThreadPoolExecutor(AHEAD) as pool:

        def piece(first: int) -> Any:
            return pool.submit(lambda: pl.scan_parquet(path).slice(first, GROUP).select(columns).collect())

        firsts = iter(range(0, rows, GROUP))
        ahead = deque(piece(first) for first in islice(firsts, AHEAD))
        while ahead:
            found = ahead.popleft().result()
            ahead.extend(piece(first) for first in islice(firsts, 1))
            yield found


def numbers(frame: pl.DataFrame) -> list[np.ndarray]:
    """Give columns as arrays: names as their codes, missing prices as not a number."""
    return [(s.to_physical() if s.dtype == pl.Enum else s).rechunk().to_numpy() for s in frame.get_columns()]
