"""A server of the small simulated store on a free port of the loopback, and a browser to look at it."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
import uvicorn
from playwright.sync_api import Browser, sync_playwright

from overshort.store.lake import Lake
from overshort.surfaces.web import application

CHROMIUM = Path("/usr/bin/chromium")
PATIENCE = 60.0
DAY = "2024-06-28"


class Server:
    """A running server."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.client = httpx2.Client(base_url=url, timeout=PATIENCE)

    def get(self, path: str, **fields: object) -> httpx2.Response:
        return self.client.get(path, **fields)

    def measured(self, path: str) -> httpx2.Response:
        """Ask for a page until it is no longer the one of progress."""
        end = time.monotonic() + PATIENCE
        while (answer := self.get(path)).status_code == 202 and time.monotonic() < end:
            time.sleep(0.1)
        return answer


def serving(app: object) -> Iterator[Server]:
    """Serve an application in a thread; stop it in the end."""
    config = uvicorn.Config(app, port=0, log_level="error", server_header=False, timeout_graceful_shutdown=1)
    socket = config.bind_socket()
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [socket]})
    thread.start()
    end = time.monotonic() + PATIENCE
    while not running.started and time.monotonic() < end:
        time.sleep(0.02)
    server = Server(f"http://127.0.0.1:{socket.getsockname()[1]}")
    try:
        yield server
    finally:
        server.client.close()
        running.should_exit = True
        thread.join(PATIENCE)
        socket.close()


@pytest.fixture(scope="session")
def server(home: Path) -> Iterator[Server]:
    """A server of the simulated store, its panel measured."""
    for running in serving(application(Lake.open(home))):
        assert running.measured(f"/index/SPX?as_of={DAY}").status_code == 200
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium; a test that asks for it is skipped, or fails where one is required, without it.

    It occupies the thread's event loop for as long as it lives, which no test of another module may outlast.
    """
    if not CHROMIUM.exists():
        reason = f"needs {CHROMIUM}, which is not here"
        if os.environ.get("OVERSHORT_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield chromium
        chromium.close()
