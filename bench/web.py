"""Measure the server: readers at once, the first paint of a page, the time of a day that nobody has asked for yet.

Usage: python bench/web.py [--home FOLDER] [--readers 200] [--seconds 30]

Without --home it makes the simulated store; with one it serves that store, read only.
"""

import argparse
import asyncio
import contextlib
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import httpx2
import psutil
from playwright.sync_api import sync_playwright

BIN = Path(sys.executable).parent
INDEXES = ("SPX", "NDX", "RUT", "NASDAQ", "LISTED")
CHROMIUM = "/usr/bin/chromium"


@contextlib.contextmanager
def server(home: str | None) -> Iterator[tuple[str, psutil.Process]]:
    """Serve a store in a process of its own; give its address and that process."""
    with tempfile.TemporaryDirectory() as scratch:
        environment = os.environ | {"OVERSHORT_HOME": home or f"{scratch}/none"}
        command = [str(BIN / "overshort"), "serve", "--port", "0", "--demo-if-missing"]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            yield said.rpartition(" at ")[2].split()[0], psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait()


def ready(url: str) -> float:
    """Wait until a page is there; give the seconds."""
    started = time.perf_counter()
    while httpx2.get(f"{url}/", follow_redirects=True, timeout=60).status_code == 202:
        time.sleep(0.25)
    return time.perf_counter() - started


def days(last: date, count: int) -> list[str]:
    """Give days in a fixed disorder."""
    chosen = random.Random(7).sample(range(30, 1400), count)
    return [(last - timedelta(days=k)).isoformat() for k in chosen]


def one_by_one(url: str, name: str, paths: list[str]) -> None:
    """Ask for pages one after another; print the median and the worst."""
    with httpx2.Client(base_url=url, timeout=60) as client:
        found = []
        for path in paths:
            started = time.perf_counter()
            assert client.get(path).status_code == 200, path
            found.append(1000 * (time.perf_counter() - started))
    print(f"| {name} | {statistics.median(found):.0f} ms | {max(found):.0f} ms | {len(found)} |", flush=True)


def painted(url: str, paths: list[str]) -> None:
    """Look at pages in Chromium; print when something was first painted."""
    found = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(url + paths[0])
        page.wait_for_selector("html[data-drawn]", state="attached")
        for path in paths:
            page.goto(url + path)
            page.wait_for_selector("html[data-drawn]", state="attached")
            found.append(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
        browser.close()
    print(
        f"| first paint in Chromium | {statistics.median(found):.0f} ms | {max(found):.0f} ms | {len(found)} |",
        flush=True,
    )


async def crowd(url: str, paths: list[str], readers: int, seconds: float) -> tuple[list[float], int]:
    """Let readers ask at once, each for one page after the other; give milliseconds and how many went wrong."""
    found: list[float] = []
    wrong = 0
    end = time.perf_counter() + seconds

    async def read(client: httpx2.AsyncClient, seed: int) -> None:
        nonlocal wrong
        choose = random.Random(seed)
        while time.perf_counter() < end:
            started = time.perf_counter()
            try:
                answer = await client.get(choose.choice(paths))
                wrong += answer.status_code != 200
            except httpx2.HTTPError:
                wrong += 1
            found.append(1000 * (time.perf_counter() - started))

    limits = httpx2.Limits(max_connections=readers, max_keepalive_connections=readers)
    async with httpx2.AsyncClient(base_url=url, timeout=120, limits=limits) as client:
        await asyncio.gather(*(read(client, k) for k in range(readers)))
    return found, wrong


def main() -> None:
    """Print Markdown tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home")
    parser.add_argument("--last", type=date.fromisoformat, default=date(2025, 6, 30))
    parser.add_argument("--readers", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=30)
    options = parser.parse_args()
    with server(options.home) as (url, process):
        print(f"ready after {ready(url):.1f} s\n\n| what | median | worst | requests |\n|---|---|---|---|")
        chosen = days(options.last, 24)
        fresh = [f"/index/{INDEXES[k % 3]}?as_of={day}" for k, day in enumerate(chosen)]
        one_by_one(url, "a page of a day that nobody asked for yet", fresh)
        one_by_one(url, "the same again", fresh)
        painted(url, fresh[:8])
        paths = [f"/index/{s}?as_of={d}" for s in INDEXES for d in chosen[:12]]
        paths += [f"/api/v1/figures?subject={s}&id=crowding&as_of={d}" for s in INDEXES for d in chosen[:6]]
        paths += [f"/picture/chain/{s}?as_of={d}" for s in INDEXES for d in chosen[:6]]
        one_by_one(url, "each of these addresses once", paths)
        before = process.memory_info().rss / 1e6
        worked = sum(process.cpu_times()[:2])
        found, wrong = asyncio.run(crowd(url, paths, options.readers, options.seconds))
        found.sort()
        p50, p99 = (found[int(len(found) * q)] for q in (0.5, 0.99))
        after = process.memory_info().rss / 1e6
        worked = 1000 * (sum(process.cpu_times()[:2]) - worked) / len(found)
        size = f"memory {before:,.0f} MB before, {after:,.0f} MB after; {worked:.1f} ms of processor an answer"
        print(
            f"\n{options.readers} readers for {options.seconds:.0f} s over {len(paths)} addresses: {len(found):,} "
            f"answers ({len(found) / options.seconds:,.0f} a second), {wrong} wrong; p50 {p50:.0f} ms, "
            f"p99 {p99:.0f} ms; {size}"
        )
        if wrong:
            raise SystemExit(1)


if __name__ == "__main__":
    main()
