"""Indicators against TA-Lib, against slow twins where it has none, and compiled against plain."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest
import talib
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from metrics import charting
from overshort.metrics import indicators
from overshort.metrics.indicators import kernels, running

Floats = NDArray[np.float64]
Prices = tuple[Floats, Floats, Floats]
DAY = date(2024, 1, 2)


def each(prices: Prices, change: Callable[[Floats], Floats]) -> Prices:
    """Change highs, lows and closes alike."""
    high, low, close = prices
    return change(high), change(low), change(close)


STARTS = [0, 400, 403, 404, 900]
"""A block of usual length, two shorter than any average, and another."""


def walk(rng: np.random.Generator, bars: int) -> Prices:
    """Give high, low and close of a random walk."""
    close = 100 * np.exp(np.cumsum(0.01 * rng.standard_normal(bars)))
    up, down = np.exp(np.abs(0.006 * rng.standard_normal((2, bars))))
    return close * up, close / down, close


@pytest.fixture(scope="module")
def prices() -> Prices:
    return walk(np.random.default_rng(5), STARTS[-1])


def everything(prices: Prices, starts: Sequence[int]) -> dict[str, Floats]:
    """Give all indicators, one row or several each."""
    high, low, close = prices
    bands = indicators.bollinger(close, starts)
    emas = indicators.ema(close, starts, (8, 21, 55))
    simple = indicators.keltner(high, low, close, starts, ranges=20, width=1.5, average="sma", smoothing="simple")
    return {
        "sma": indicators.sma(close, starts, 20),
        "ema": emas,
        "range": indicators.true_range(high, low, close, starts),
        "atr": indicators.atr(high, low, close, starts, 10),
        "bands": np.array(bands),
        "channel": np.array(indicators.keltner(high, low, close, starts)),
        "simple": np.array(simple),
        "squeeze": indicators.squeeze(high, low, close, starts).astype(float),
        "slope": np.array(indicators.slope(bands.lower, starts, 5)),
        "width_rank": indicators.width_rank(bands, starts),
        "stack": indicators.stack(emas, starts),
    }


def same_bits(one: dict[str, Floats], other: dict[str, Floats]) -> bool:
    return all(np.array_equal(one[n], other[n], equal_nan=True) for n in one)


def close_to(found: Floats, expected: Floats, size: float = 1.0) -> bool:
    return np.array_equal(np.isnan(found), np.isnan(expected)) and np.allclose(
        found, expected, rtol=1e-9, atol=1e-9 * size, equal_nan=True
    )


TALIB: dict[str, tuple[Callable[[Prices], Any], Callable[[Prices, list[int]], Any]]] = {
    "sma": (lambda p: talib.SMA(p[2], 20), lambda p, s: indicators.sma(p[2], s, 20)),
    "ema 8": (lambda p: talib.EMA(p[2], 8), lambda p, s: indicators.ema(p[2], s, (8,))[0]),
    "ema 200": (lambda p: talib.EMA(p[2], 200), lambda p, s: indicators.ema(p[2], s, (20, 200))[1]),
    "true range": (lambda p: talib.TRANGE(*p), lambda p, s: indicators.true_range(*p, s)),
    "atr": (lambda p: talib.ATR(*p, 14), lambda p, s: indicators.atr(*p, s, 14)),
    "upper band": (lambda p: talib.BBANDS(p[2], 20, 2, 2)[0], lambda p, s: indicators.bollinger(p[2], s).upper),
    "middle band": (lambda p: talib.BBANDS(p[2], 20, 2, 2)[1], lambda p, s: indicators.bollinger(p[2], s).mid),
    "lower band": (lambda p: talib.BBANDS(p[2], 20, 2, 2)[2], lambda p, s: indicators.bollinger(p[2], s).lower),
    "channel": (
        lambda p: talib.EMA(p[2], 20) + 2 * talib.ATR(*p, 10),
        lambda p, s: indicators.keltner(*p, s).upper,
    ),
    "slope": (lambda p: talib.LINEARREG_SLOPE(p[2], 20), lambda p, s: indicators.slope(p[2], s, 20).slope),
    "squeeze": (
        lambda p: np.where(
            np.isnan(wide := 1.5 * talib.SMA(talib.TRANGE(*p), 20)), -1, 2 * talib.STDDEV(p[2], 20) < wide
        ).astype(float),
        lambda p, s: indicators.squeeze(*p, s).astype(float),
    ),
}


@pytest.mark.parametrize("name", TALIB)
def test_equals_talib_from_the_first_value_on(prices: Prices, name: str) -> None:
    """No difference of convention is left: its warm-up is ours, and NaN stand in the same places."""
    theirs, ours = TALIB[name]
    assert close_to(ours(prices, [0, STARTS[-1]]), theirs(prices), size=100)


def test_equals_slow_twins_where_talib_has_none(prices: Prices) -> None:
    high, low, close = prices
    for begin, end in pairwise(STARTS):
        bars = [
            charting.Bar(DAY, DAY, c, h, lo, c, 1.0)
            for h, lo, c in zip(high[begin:end], low[begin:end], close[begin:end], strict=True)
        ]
        rows = charting.indicators(bars, (8, 21, 55), 21)
        found = {n: v[..., begin:end] for n, v in everything(prices, STARTS).items()}
        atr = found["atr"]
        with np.errstate(invalid="ignore"):
            mine = {
                "ema_stack": found["stack"],
                "width_rank": found["width_rank"],
                "lower_band_slope": found["slope"][0] / atr,
                "lower_band_t": found["slope"][0] / found["slope"][1],
                "ttm": np.where(found["squeeze"] < 0, np.nan, found["squeeze"]),
            }
        for name, values in mine.items():
            expected = np.array([np.nan if r.get(name) is None else r[name] for r in rows], dtype=float)
            assert close_to(values, expected), name


@pytest.mark.parametrize("starts", [STARTS, [0, 900], [0, 1], [0]], ids=str)
def test_compiled_and_plain_give_the_same_bits(
    prices: Prices, starts: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = each(prices, lambda p: p[: starts[-1]])
    plain = everything(cut, starts)
    monkeypatch.setattr(running, "COMPILED_FROM", 0)
    assert same_bits(plain, everything(cut, starts))


def test_many_bars_are_compiled_and_few_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[int] = []
    monkeypatch.setattr(running, "compiled", lambda: {"means": lambda values, *_: used.append(len(values))})
    for rows in (10, running.COMPILED_FROM - 1, running.COMPILED_FROM):
        indicators.sma(np.ones(rows), [0, rows], 2)
    assert used == [running.COMPILED_FROM]


def test_without_a_folder_for_what_is_compiled_it_compiles_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    made = numba.njit

    def njit(*, cache: bool = False, **options: Any) -> Any:
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return made(**options)

    monkeypatch.setattr(numba, "njit", njit)
    out = np.empty(3)
    running.compiled.__wrapped__()["means"](np.array([1.0, 2.0, 3.0]), 2, out)
    assert out.tolist()[1:] == [1.5, 2.5]


@pytest.mark.parametrize(
    "program",
    [
        "import overshort.metrics",
        "import numpy as np; from overshort.metrics import indicators as i; i.sma(np.ones(50000), [0, 50000], 20)",
        "import overshort.surfaces.cli",
    ],
)
def test_numba_is_not_loaded_for_little(program: str) -> None:
    code = f"{program}; import sys; sys.exit('numba' in sys.modules or 'llvmlite' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=120).returncode == 0


def test_numba_has_one_owner_in_each_room() -> None:
    root = Path(kernels.__file__).parents[2]
    importing = {p.relative_to(root).as_posix() for p in root.rglob("*.py") if "import numba" in p.read_text("utf-8")}
    assert importing == {"metrics/indicators/running.py", "evidence/inference/resampling.py"}


def test_flat_prices_have_no_width_and_no_range() -> None:
    flat = np.full(300, 0.1)
    found = everything((flat, flat, flat), [0, 300])
    assert np.nanmax(found["atr"]) == 0
    assert np.nanmax(np.abs(found["bands"] - 0.1)) < 1e-16


def test_what_is_too_short_is_unknown_throughout() -> None:
    high, low, close = walk(np.random.default_rng(1), 4)
    found = everything((high, low, close), [0, 4])
    assert np.isnan(found.pop("range")[0])
    assert set(found.pop("squeeze")) == {-1}
    assert all(np.isnan(v).all() for v in found.values())


random_walks = st.integers(0, 2**32 - 1).map(lambda seed: walk(np.random.default_rng(seed), 200))
DIMENSIONLESS = ("squeeze", "width_rank", "stack")


@given(random_walks, st.floats(1e-3, 1e3))
def test_the_scale_of_prices_changes_no_dimensionless_value(prices: Prices, scale: float) -> None:
    one, other = everything(prices, [0, 200]), everything(each(prices, lambda p: scale * p), [0, 200])
    for name in DIMENSIONLESS:
        assert close_to(other[name], one[name]), name
    for found in (one, other):
        found["u"] = (prices[2] if found is one else scale * prices[2]) - found["bands"][0]
        found["u"] /= found["bands"][1] - found["bands"][0]
        found["t"] = found["slope"][0] / found["slope"][1]
    assert close_to(other["u"], one["u"])
    assert np.allclose(other["t"], one["t"], rtol=1e-6, equal_nan=True)


@given(random_walks, st.integers(1, 199), st.floats(0.1, 10))
def test_a_future_bar_changes_nothing_earlier(prices: Prices, cut: int, jump: float) -> None:
    later = each(prices, lambda p: np.where(np.arange(200) < cut, p, jump * p))
    one, other = everything(prices, [0, 200]), everything(later, [0, 200])
    shorter = everything(each(prices, lambda p: p[:cut]), [0, cut])
    assert same_bits({n: v[..., :cut] for n, v in one.items()}, {n: v[..., :cut] for n, v in other.items()})
    assert same_bits({n: v[..., :cut] for n, v in one.items()}, shorter)


@given(random_walks, st.integers(0, 200), st.integers(0, 200))
def test_blocks_do_not_leak(prices: Prices, one: int, other: int) -> None:
    starts = sorted({0, one, other, 200})
    whole = everything(prices, starts)
    for begin, end in pairwise(starts):
        own = slice(begin, end)
        alone = everything((prices[0][own], prices[1][own], prices[2][own]), [0, end - begin])
        assert same_bits(alone, {n: v[..., begin:end] for n, v in whole.items()})
