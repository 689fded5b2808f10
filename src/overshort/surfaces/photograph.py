"""A page as a picture: a headless Chromium or Chrome that is on the machine opens it and photographs it."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from overshort.errors import NoPicture

__all__ = ["BROWSERS", "PATIENCE", "browser", "photograph"]

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
"""Names that are looked for on PATH, the first found is taken."""
USUAL = Path("/usr/bin/chromium")
PATIENCE = 60.0
"""Seconds that a browser is given."""
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def browser() -> str:
    """Give the browser that takes photographs.

    Raises
    ------
    NoPicture
        If none is there.
    """
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None and not USUAL.exists():
        raise NoPicture(
            f"a .png is drawn by Chromium or Chrome, and none of {', '.join(BROWSERS)} is on PATH; install one, or "
            "write a .html file"
        )
    return found or str(USUAL)


def photograph(page: str, width: int, height: int) -> bytes:
    """Give a page that needs no network as PNG.

    Parameters
    ----------
    page
        Its HTML.
    width, height
        In pixels.

    Raises
    ------
    NoPicture
        If no browser is there, or it fails or takes longer than :data:`PATIENCE` seconds.
    """
    taker = browser()
    with tempfile.TemporaryDirectory(prefix="overshort-", ignore_cleanup_errors=True) as name:
        room = Path(name)
        (room / "page.html").write_text(page, "utf-8")
        said = _taken(taker, room, width, height)
        picture = room / "page.png"
        taken = picture.read_bytes() if picture.is_file() else b""
    if not taken.startswith(SIGNATURE):
        raise NoPicture(f"{taker} made no picture ({said}); see whether it runs by itself, or write a .html file")
    return taken


def _taken(taker: str, room: Path, width: int, height: int) -> str:
    """Let a browser with a profile of its own photograph the page; give what became of it."""
    as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    command = [
        taker,
        "--headless=new",
        *as_root,
        "--disable-gpu",
        "--hide-scrollbars",
        "--no-first-run",
        "--force-device-scale-factor=1",
        f"--user-data-dir={room / 'profile'}",
        f"--window-size={width},{height}",
        f"--screenshot={room / 'page.png'}",
        (room / "page.html").as_uri(),
    ]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return f"it took longer than {PATIENCE:g} s"
    except OSError as error:
        return error.strerror or "it cannot be run"
    return f"exit code {done.returncode}"
