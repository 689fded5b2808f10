"""Measure the indicators on a synthetic market: 10,000 symbols over ten years of daily bars, a random walk.

Six EMAs, Bollinger bands, Keltner channel, ATR, TTM squeeze, regression slope, and on one symbol in five the rank among
252 bars; our compiled kernels in one pass over each symbol on two threads, against Polars alone and TA-Lib through
NumPy.  Every contestant is a process of its own on the same data; answers are compared, medians of three printed.

Usage: python bench/kernels.py [--symbols N] [--runs N]
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Answers = dict[str, NDArray[np.generic]]
BARS, SEED = 2520, 20261124
SPANS = (8, 20, 21, 34, 55, 200)
BAND, ATR, RANK, EVERY = 20, 10, 252, 5
THREADS = 2
COLUMNS = ("high", "low", "close")
COMPARED = 100
"""One symbol in so many is compared."""


def make(folder: Path, symbols: int) -> None:
    """Write the synthetic columns."""
    rng = np.random.default_rng(SEED)
    close = np.cumsum(0.015 * rng.standard_normal((symbols, BARS)), axis=1)
    np.exp(close, out=close)
    close *= 50
    np.save(folder / "close.npy", close.ravel())
    spread = np.exp(0.008 * np.abs(rng.standard_normal(close.shape)))
    np.save(folder / "high.npy", (close * spread).ravel())
    np.save(folder / "low.npy", (close / np.sqrt(spread)).ravel())


def load(folder: Path) -> list[Floats]:
    return [np.load(folder / f"{c}.npy") for c in COLUMNS]


def outputs(rows: int) -> Answers:
    """Give room for the answers; the channel's middle is one of the EMAs."""
    room: Answers = {f"ema{n}": np.empty(rows) for n in SPANS}
    room |= {n: np.empty(rows) for n in ("bb_mid", "bb_upper", "bb_lower", "kc_upper", "kc_lower", "atr", "slope")}
    return room | {"squeeze": np.empty(rows, np.int8), "rank": np.empty(-(-rows // BARS // EVERY) * BARS)}


def fused() -> Callable[..., None]:
    """Give one pass over blocks, of our kernels; a block fits into a core's own memory."""
    import numba

    from overshort.metrics.indicators import compiled

    k = compiled()
    emas, bands, ranges, wilder, means = k["emas"], k["bands"], k["ranges"], k["wilder"], k["means"]
    channel, inside, slopes, ranks = k["channel"], k["inside"], k["slopes"], k["ranks"]
    weights = tuple(2.0 / (n + 1.0) for n in SPANS)

    @numba.njit(nogil=True)
    def run(first, last, high, low, close, lines, mid, upper, lower, above, below, atr, slope, squeeze, rank):
        true, wide, roof, floor = np.empty(BARS), np.empty(BARS), np.empty(BARS), np.empty(BARS)
        for block in range(first, last):
            at = slice(block * BARS, (block + 1) * BARS)
            values = close[at]
            own = (lines[0][at], lines[1][at], lines[2][at], lines[3][at], lines[4][at], lines[5][at])
            emas(values, SPANS, weights, own)
            bands(values, BAND, 2.0, mid[at], upper[at], lower[at])
            ranges(high[at], low[at], values, true)
            wilder(true, ATR, atr[at])
            channel(own[1], atr[at], 2.0, above[at], below[at])
            means(true, BAND, wide)
            channel(mid[at], wide, 1.5, roof, floor)
            inside(upper[at], lower[at], roof, floor, squeeze[at])
            slopes(values, BAND, slope[at])
            if block % EVERY == 0:
                ranks(values, RANK, rank[block // EVERY * BARS : (block // EVERY + 1) * BARS])

    return run


def copying() -> Callable[..., None]:
    """Give what reads the columns and writes as many bytes as the answers have, and does nothing else."""
    import numba

    @numba.njit(nogil=True)
    def run(first, last, high, low, close, lines, mid, upper, lower, above, below, atr, slope, squeeze, rank):
        for block in range(first, last):
            at = slice(block * BARS, (block + 1) * BARS)
            for k in range(6):
                lines[k][at] = close[at]
            mid[at], upper[at], lower[at], slope[at] = close[at], high[at], low[at], close[at]
            above[at], below[at], atr[at], squeeze[at] = high[at], low[at], close[at], 1
            if block % EVERY == 0:
                rank[block // EVERY * BARS : (block // EVERY + 1) * BARS] = close[at]

    return run


def on_threads(run: Callable[..., None], columns: list[Floats]) -> Answers:
    """Run a pass over halves of the symbols at once."""
    out = outputs(len(columns[0]))
    lines = tuple(out[f"ema{n}"] for n in SPANS)
    rest = [v for n, v in out.items() if not n.startswith("ema")]
    symbols = len(columns[0]) // BARS
    cuts = np.linspace(0, symbols, THREADS + 1).astype(int).tolist()
    with ThreadPoolExecutor(THREADS) as pool:
        for job in [pool.submit(run, a, b, *columns, lines, *rest) for a, b in pairwise(cuts)]:
            job.result()
    return out


def compiled_pass(make_pass: Callable[[], Callable[..., None]]) -> Callable[[list[Floats]], Answers]:
    """Compile on a few symbols, outside of what is timed."""
    run = make_pass()
    on_threads(run, [np.linspace(1, 2, 10 * BARS)] * len(COLUMNS))
    return lambda columns: on_threads(run, columns)


def polars_pass() -> Callable[[list[Floats]], Answers]:
    """Give the same in Polars expressions, each over the symbol."""
    import polars as pl

    close, high, low, place = pl.col("close"), pl.col("high"), pl.col("low"), pl.col("place")
    before = close.shift(1)
    true = pl.when(place > 0).then(pl.max_horizontal(high, before) - pl.min_horizontal(low, before))

    def begun(values: pl.Expr, n: int, weight: float, first: int = 0) -> pl.Expr:
        at = first + n - 1
        seed = pl.when(place == at).then(values.rolling_mean(n))
        return pl.coalesce(seed, pl.when(place > at).then(values)).ewm_mean(alpha=weight, adjust=False)

    mid, reach = close.rolling_mean(BAND), 2 * close.rolling_std(BAND, ddof=0)
    atr, wide = begun(true, ATR, 1 / ATR, 1), 1.5 * true.rolling_mean(BAND)
    centre = begun(close, 20, 2 / 21)
    tilt = [(j - (BAND - 1) / 2) / (BAND * (BAND**2 - 1) / 12) for j in range(BAND)]
    found = {f"ema{n}": begun(close, n, 2 / (n + 1)) for n in SPANS}
    found |= {"bb_mid": mid, "bb_upper": mid + reach, "bb_lower": mid - reach}
    found |= {"kc_upper": centre + 2 * atr, "kc_lower": centre - 2 * atr, "atr": atr}
    found |= {"slope": close.rolling_sum(BAND, weights=tilt), "squeeze": (reach < wide).cast(pl.Int8).fill_null(-1)}
    rank = 100 * (close.rolling_rank(RANK + 1, method="average") - 1) / RANK

    def run(columns: list[Floats]) -> Answers:
        frame = pl.DataFrame(dict(zip(COLUMNS, columns, strict=True)))
        symbol = pl.int_range(pl.len(), dtype=pl.Int32) // BARS
        lazy = frame.lazy().with_columns(symbol.alias("symbol"))
        lazy = lazy.with_columns((pl.int_range(pl.len(), dtype=pl.Int32) % BARS).alias("place"))
        whole = lazy.select(e.over("symbol").alias(n) for n, e in found.items()).collect()
        fifth = lazy.filter(pl.col("symbol") % EVERY == 0).select(rank.over("symbol").alias("rank")).collect()
        return {s.name: s.to_numpy() for s in (*whole.get_columns(), *fifth.get_columns())}

    return run


def talib_pass() -> Callable[[list[Floats]], Answers]:
    """Give the same by TA-Lib and NumPy, symbol by symbol."""
    import talib
    from numpy.lib.stride_tricks import sliding_window_view

    def rank(values: Floats, out: Floats) -> None:
        windows, now = sliding_window_view(values, RANK)[:-1], values[RANK:, None]
        out[:RANK] = np.nan
        out[RANK:] = 100 * ((windows < now).sum(axis=1) + 0.5 * (windows == now).sum(axis=1)) / RANK

    def run(columns: list[Floats]) -> Answers:
        out = outputs(len(columns[0]))
        for block in range(len(columns[0]) // BARS):
            at = slice(block * BARS, (block + 1) * BARS)
            high, low, close = (c[at] for c in columns)
            for n in SPANS:
                out[f"ema{n}"][at] = talib.EMA(close, n)
            upper, mid, lower = talib.BBANDS(close, BAND, 2, 2)
            out["bb_mid"][at], out["bb_upper"][at], out["bb_lower"][at] = mid, upper, lower
            atr = out["atr"][at] = talib.ATR(high, low, close, ATR)
            centre = out["ema20"][at]
            out["kc_upper"][at], out["kc_lower"][at] = centre + 2 * atr, centre - 2 * atr
            wide = 1.5 * talib.SMA(talib.TRANGE(high, low, close), BAND)
            out["squeeze"][at] = np.where(np.isnan(wide), -1, upper - mid < wide)
            out["slope"][at] = talib.LINEARREG_SLOPE(close, BAND)
            if block % EVERY == 0:
                rank(close, out["rank"][block // EVERY * BARS :][:BARS])
        return out

    return run


CONTESTANTS: dict[str, tuple[str, Callable[[], Callable[[list[Floats]], Answers]]]] = {
    "copy": ("read and write of the columns, 2 threads", lambda: compiled_pass(copying)),
    "ours": ("our kernels, one pass, 2 threads", lambda: compiled_pass(fused)),
    "polars": ("Polars expressions over the symbol", polars_pass),
    "talib": ("TA-Lib and NumPy, symbol by symbol", talib_pass),
}


def contest(name: str, folder: Path, runs: int) -> None:
    """Run one contestant in this process: keep some answers, print seconds and peak memory."""
    columns = load(folder)
    run = CONTESTANTS[name][1]()
    seconds, processor = [], []
    for _ in range(runs):
        answers = None  # gives the room back before it is asked for again
        started, worked = time.perf_counter(), time.process_time()
        answers = run(columns)
        seconds.append(time.perf_counter() - started)
        processor.append(time.process_time() - worked)
    assert answers is not None
    kept = {n: v.reshape(-1, BARS)[:: COMPARED // EVERY if n == "rank" else COMPARED] for n, v in answers.items()}
    np.savez(folder / f"{name}.npz", allow_pickle=False, **kept)
    print(json.dumps([statistics.median(seconds), statistics.median(processor)]))


class Found(NamedTuple):
    """Median seconds, median seconds of all cores, peak resident megabytes of the process."""

    seconds: float
    processor: float
    memory: float


def child(name: str, folder: Path, runs: int) -> Found:
    """Run a contestant in a process of its own."""
    command = [sys.executable, __file__, "--contestant", name, "--folder", str(folder), "--runs", str(runs)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{name} exited {process.returncode}")
    return Found(*json.loads(said), usage.ru_maxrss / 1024)


def furthest(folder: Path, one: str, other: str) -> float:
    """Give the largest difference of two contestants' answers, as a share of the size of each column."""
    worst = 0.0
    with np.load(folder / f"{one}.npz") as a, np.load(folder / f"{other}.npz") as b:
        for name in a.files:
            ours, theirs = a[name].astype(float), b[name].astype(float)
            if not np.array_equal(np.isnan(ours), np.isnan(theirs)):
                raise SystemExit(f"{name}: {one} and {other} begin at different bars")
            worst = max(worst, float(np.nanmax(np.abs(ours - theirs)) / np.nanmax(np.abs(ours))))
    return worst


def report(found: dict[str, Found], folder: Path, runs: int) -> Iterable[str]:
    yield "| what | median | of read and write | of ours | processor | peak memory | runs |"
    yield "|---|---|---|---|---|---|---|"
    for name, (seconds, processor, memory) in found.items():
        times = f"{seconds:.2f} s | {seconds / found['copy'].seconds:.1f} | {seconds / found['ours'].seconds:.1f}"
        yield f"| {CONTESTANTS[name][0]} | {times} | {processor:.2f} s | {memory:,.0f} MB | {runs} |"
    for name in found:
        if name not in ("copy", "ours"):
            off = furthest(folder, "ours", name)
            yield f"\nlargest difference from {name}, as a share of the column's size: {off:.1e}"


def main() -> None:
    """Print one Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--symbols", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", nargs="*", choices=CONTESTANTS, default=list(CONTESTANTS))
    parser.add_argument("--contestant", choices=CONTESTANTS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.contestant:
        contest(options.contestant, options.folder, options.runs)
        return
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"synthetic: {options.symbols:,} random walks of {BARS:,} bars, seed {SEED}\n", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        make(folder, options.symbols)
        found = {name: child(name, folder, options.runs) for name in options.only}
        print("\n".join(report(found, folder, options.runs)))


if __name__ == "__main__":
    main()
