"""The one as-of join, against a brute-force twin on data in any order."""

from collections.abc import Iterable
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overshort.store import asof

Pair = tuple[str, date]
DATE = date(2024, 1, 1)
LEFT = {"symbol": pl.String, "at": pl.Date, "row": pl.Int64}
RIGHT = {"symbol": pl.String, "seen": pl.Date, "value": pl.Int64}
pairs = st.tuples(st.sampled_from(["A", "B", "C"]), st.integers(0, 6).map(lambda k: DATE + timedelta(days=k)))


def frame(rows: Iterable[Pair], schema: dict[str, type[pl.DataType]]) -> pl.DataFrame:
    """Give pairs as a frame with a third column that numbers them in the given order."""
    return pl.DataFrame([(*pair, k) for k, pair in enumerate(rows)], schema=schema, orient="row")


def twin(left: list[Pair], right: list[Pair], *, strict: bool) -> list[tuple[int, int | None]]:
    """Pair each left row with the number of its right row."""
    out = []
    for row, (symbol, at) in enumerate(left):
        fits = [
            (seen, k) for k, (s, seen) in enumerate(right) if s == symbol and (seen < at or (seen == at and not strict))
        ]
        out.append((row, max(fits)[1] if fits else None))
    return out


def joined(left: pl.DataFrame, right: pl.DataFrame, *, strict: bool) -> pl.DataFrame:
    found = asof.join_newest(left.lazy(), right.lazy(), by="symbol", left_on="at", right_on="seen", strict=strict)
    return found.collect()


@pytest.mark.parametrize("strict", [False, True])
@given(left=st.lists(pairs, max_size=25), right=st.lists(pairs, max_size=25))
def test_any_order_gives_what_brute_force_gives(left: list[Pair], right: list[Pair], strict: bool) -> None:
    found = joined(frame(left, LEFT), frame(right, RIGHT), strict=strict)
    assert found.select("row", "value").sort("row").rows() == twin(left, right, strict=strict)
    assert found.select(pl.struct("symbol", "at").is_sorted()).item() if found.height else True


@pytest.mark.parametrize("strict", [False, True])
def test_many_rows_in_random_order(strict: bool) -> None:
    days = [DATE + timedelta(days=k) for k in range(60)]
    whole = pl.DataFrame([(s, d) for s in "ABCDEFGH" for d in days], schema=["symbol", "at"], orient="row")
    left = whole.sample(fraction=0.6, shuffle=True, seed=1)
    right = whole.sample(n=300, with_replacement=True, shuffle=True, seed=2)
    found = joined(frame(left.iter_rows(), LEFT), frame(right.iter_rows(), RIGHT), strict=strict)
    assert found.select("row", "value").sort("row").rows() == twin(left.rows(), right.rows(), strict=strict)


def test_of_rows_at_the_same_instant_the_last_given_counts() -> None:
    right = frame([("A", DATE), ("B", DATE), ("A", DATE), ("B", DATE)], RIGHT)
    found = joined(frame([("B", DATE), ("A", DATE)], LEFT), right, strict=False)
    assert found.sort("symbol")["value"].to_list() == [2, 3]
    assert joined(frame([("A", DATE)], LEFT), right, strict=True)["value"].to_list() == [None]


def test_nothing_on_either_side() -> None:
    one = frame([("A", DATE)], LEFT)
    none = joined(one, frame([], RIGHT), strict=False)
    assert none.select("symbol", "at", "row", "value").rows() == [("A", DATE, 0, None)]
    assert joined(one.clear(), frame([("A", DATE)], RIGHT), strict=False).is_empty()
