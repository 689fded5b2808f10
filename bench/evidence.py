"""Measure the stationary bootstrap of an index's returns: 10,000 replicates of the mean of 25,000 synthetic days.

Prefix sums and our compiled loop on two threads, against arch and against one NumPy gather a replicate; every
contestant is a process of its own.  Compared are the sums of the very same resamples (arch's own indices, laid out as
blocks) and the intervals of all three.  A study of 180 reports and five horizons is measured beside it.

Usage: python bench/evidence.py [--days N] [--replicates N] [--block L] [--runs N]
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SEED, SAME = 20261124, 200
"""How many resamples are compared draw for draw."""


def returns(days: int) -> Floats:
    """Give synthetic daily returns with clustered volatility."""
    rng = np.random.default_rng(SEED)
    calm = np.zeros(days)
    for k in range(1, days):
        calm[k] = 0.98 * calm[k - 1] + 0.15 * rng.standard_normal()
    return np.asarray(0.0003 + 0.008 * np.exp(calm / 2) * rng.standard_normal(days))


def ours(values: Floats, block: float, replicates: int) -> Floats:
    from overshort.evidence.inference import resampled

    return resampled(values[None, :], block, replicates=replicates, seed=SEED)[:, 0] / len(values)


def by_arch(values: Floats, block: float, replicates: int) -> Floats:
    from arch.bootstrap import StationaryBootstrap

    found = StationaryBootstrap(block, values, seed=SEED).apply(np.mean, replicates)
    return np.asarray(found)[:, 0]


def by_gather(values: Floats, block: float, replicates: int) -> Floats:
    """Lay every resample's indices out by NumPy and gather."""
    rng, n, out = np.random.default_rng(SEED), len(values), np.empty(replicates)
    for r in range(replicates):
        begins = np.flatnonzero(np.concatenate([[True], rng.random(n - 1) < 1 / block]))
        starts, lengths = rng.integers(n, size=len(begins)), np.diff(np.append(begins, n))
        out[r] = values[(np.arange(n) - np.repeat(begins - starts, lengths)) % n].mean()
    return out


CONTESTANTS: dict[str, tuple[str, Callable[[Floats, float, int], Floats]]] = {
    "ours": ("prefix sums, compiled, 2 threads", ours),
    "arch": ("arch, StationaryBootstrap.apply(mean)", by_arch),
    "gather": ("NumPy, one gather a replicate", by_gather),
}


class Found(NamedTuple):
    """Median seconds, median seconds of all cores, mean, spread and bounds of the replicates, peak megabytes."""

    seconds: float
    processor: float
    figures: list[float]
    memory: float


def contest(name: str, options: argparse.Namespace) -> None:
    """Run one contestant in this process; compile and import on a small series outside of what is timed."""
    run, values = CONTESTANTS[name][1], returns(options.days)
    run(values[:100], options.block, 10)
    seconds, processor, draws = [], [], np.empty(0)
    for _ in range(options.runs):
        started, worked = time.perf_counter(), time.process_time()
        draws = run(values, options.block, options.replicates)
        seconds.append(time.perf_counter() - started)
        processor.append(time.process_time() - worked)
    figures = [draws.mean(), draws.std(), *np.quantile(draws, [0.025, 0.975])]
    print(json.dumps([statistics.median(seconds), statistics.median(processor), [float(f) for f in figures]]))


def child(name: str, options: argparse.Namespace) -> Found:
    """Run a contestant in a process of its own."""
    given = {k: getattr(options, k) for k in ("days", "replicates", "block", "runs")}
    flags = [text for k, v in given.items() for text in (f"--{k}", str(v))]
    command = [sys.executable, __file__, "--contestant", name, *flags]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{name} exited {process.returncode}")
    seconds, processor, figures = json.loads(said)
    return Found(seconds, processor, figures, usage.ru_maxrss / 1024)


def furthest(options: argparse.Namespace) -> float:
    """Give the largest difference between our sum and that of arch over the same resamples."""
    from arch.bootstrap import StationaryBootstrap

    from overshort.evidence.inference.resampling import blocks_of, sums_of

    values = returns(options.days)
    boot, worst = StationaryBootstrap(options.block, values, seed=SEED), 0.0
    for positional, _ in boot.bootstrap(SAME):
        worst = max(worst, abs(sums_of(values, blocks_of(np.asarray(boot.index))) - float(positional[0].sum())))
    return worst


def studied() -> Any:
    """Give a study of 180 simulated reports over five horizons, ready to be run."""
    import polars as pl

    from overshort import sessions
    from overshort.evidence.events import runs
    from overshort.evidence.paths import HORIZONS, followed
    from overshort.evidence.study import studied as study

    days = sessions.schedule()["session"].slice(5000, 2200)
    close = 100 * np.exp(np.cumsum(returns(2200)))
    prices = pl.DataFrame({"session": days, "open": close, "close": close, "feed": ["simulated"] * 2200})
    holds = [k % 12 < 3 for k in range(180)]
    cases = pl.DataFrame({"entry": days.gather_every(10)[10:190], "holds": holds, "run": runs(holds)})
    return lambda: study(followed(cases, prices, tuple(HORIZONS)), tuple(HORIZONS))


def main() -> None:
    """Print one Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=25_000)
    parser.add_argument("--replicates", type=int, default=10_000)
    parser.add_argument("--block", type=float, default=20)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--contestant", choices=CONTESTANTS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.contestant:
        contest(options.contestant, options)
        return
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    words = f"{options.replicates:,} replicates of {options.days:,} synthetic days in blocks of mean {options.block:g}"
    print(f"{words}, seed {SEED}\n")
    print("| what | median | of ours | processor | 95 % of the mean, bp a day | peak memory | runs |")
    print("|---|---|---|---|---|---|---|", flush=True)
    found = {name: child(name, options) for name in CONTESTANTS}
    for name, (seconds, processor, figures, memory) in found.items():
        bounds = f"{1e4 * figures[2]:.3f} to {1e4 * figures[3]:.3f}"
        times = f"{seconds:.3f} s | {seconds / found['ours'].seconds:.0f} | {processor:.2f} s"
        print(f"| {CONTESTANTS[name][0]} | {times} | {bounds} | {memory:,.0f} MB | {options.runs} |")
    print(f"\nlargest difference from arch over {SAME} of the same resamples: {furthest(options):.1e}")
    run = studied()
    run()
    started = time.perf_counter()
    run()
    print(f"a study of 180 reports, five horizons: {time.perf_counter() - started:.2f} s")


if __name__ == "__main__":
    main()
