"""Sides and rules against the package tclf, which others published, on the simulated market's tape."""

from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest

from contracts.market import market
from overshort.engine.quoted import quoted
from overshort.metrics.tape.sides import ruled, signed

pd = pytest.importorskip("pandas")
tclf = pytest.importorskip("tclf.classical_classifier")

CONTRACT = ["vendor", "session", "contract"]
UNSIGNED = ("cancelled", "late")


@cache
def tape() -> pl.DataFrame:
    """Give the trades that have a side, with the last other price of their contract in the session, found naively."""
    both = (market().tables[n].lazy() for n in ("option_trades", "option_quotes"))
    rows = ruled(signed(quoted(*both))).collect()
    rows = rows.sort(*CONTRACT, "ts_ns", "sequence", "row")
    seen: dict[tuple[object, ...], list[float]] = {}
    lags: list[float | None] = []
    for row in rows.iter_rows(named=True):
        earlier = seen.setdefault(tuple(row[c] for c in CONTRACT), [])
        lags.append(next((p for p in reversed(earlier) if p != row["price"]), None))
        if row["leg"] not in UNSIGNED:
            earlier.append(row["price"])
    return rows.with_columns(pl.Series("lag", lags, dtype=pl.Float64)).filter(pl.col("side") != "none")


class Classifier(tclf.ClassicalClassifier):
    """With the method that it takes from scikit-learn and newer ones no longer have: nothing of X is checked here."""

    def _validate_data(self, values: Any, **_: Any) -> Any:
        return np.asarray(values, dtype=np.float64)


def theirs(rule: str) -> list[int | None]:
    """Give what tclf says of prices in hundredths of a cent, as its middles are rounded; null where it is silent."""
    names = {"price": "trade_price", "bid": "bid_ex", "ask": "ask_ex", "lag": "price_ex_lag"}
    frame = pd.DataFrame({new: np.rint(10_000 * tape()[old].to_numpy()) for old, new in names.items()})
    classifier = Classifier(layers=[(rule, "ex")], strategy="const")
    said = classifier.fit(frame, np.zeros(len(frame))).predict(frame)
    return [int(v) if v in (1, -1) else None for v in said]


def test_the_quote_rule_is_tclfs() -> None:
    side = pl.when(pl.col("side") == "mid").then("near").otherwise(pl.col("side").str.head(1))
    ours = tape().select(side.replace_strict({"a": 1, "b": -1, "mid": None}, return_dtype=pl.Int8)).to_series()
    assert ours.to_list() == theirs("quote")
    assert set(ours) == {1, -1, None}


@pytest.mark.parametrize(("column", "rule"), [("lee_ready", "lr"), ("emo", "emo")])
def test_the_other_rules_are_tclfs(column: str, rule: str) -> None:
    ours = tape()[column].to_list()
    assert ours == theirs(rule)
    assert {1, -1, None} == set(ours), "every answer occurs"
    assert tape().filter(pl.col("side") == "aa", pl.col("emo").is_not_null()).height > 5
