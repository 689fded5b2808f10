"""What a store's own files say, read without Delta Lake: its facts, and the digest of every table's newest commit."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from overshort.errors import StoreError, StoreMissing

__all__ = ["DIGEST", "commits", "digest", "facts", "hashed", "unreadable"]

DIGEST = "overshort.digest"
_COMMIT = re.compile(r"^\d{20}\.json$")


def hashed(text: str) -> str:
    """Give the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def facts(home: Path) -> dict[str, Any]:
    """Give what ``store.json`` says.

    Raises
    ------
    StoreMissing
        If there is no store.
    StoreError
        If the file cannot be read.
    """
    path = home / "store.json"
    try:
        found = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise StoreMissing(
            f"no store in {home}; make one with `overshort import PATH`, or see a simulated one with `make brief`"
        ) from None
    except (ValueError, OSError) as error:
        raise StoreError(f"{path} cannot be read ({error}); restore it, or import into another --home") from None
    if not isinstance(found, dict):
        raise StoreError(f"{path} holds no JSON object; restore it, or import into another --home")
    return found


def commits(table: Path) -> list[str]:
    """Name the commits of a table, the oldest first."""
    log = table / "_delta_log"
    return sorted(p.name for p in log.iterdir() if _COMMIT.match(p.name)) if log.is_dir() else []


def digest(table: Path) -> str:
    """Read the digest of the newest commit; a commit by other hands counts with all its bytes."""
    there = commits(table)
    if not there:
        raise unreadable(table, "its commits are gone")
    try:
        text = (table / "_delta_log" / there[-1]).read_text("utf-8")
        infos = [json.loads(line).get("commitInfo") for line in text.splitlines() if line]
    except (OSError, ValueError, AttributeError) as error:
        raise unreadable(table, str(error)) from None
    return next((str(i[DIGEST]) for i in infos if i and DIGEST in i), hashed(text))


def unreadable(table: Path, why: str) -> StoreError:
    """Give the error of a table that cannot be read."""
    return StoreError(
        f"table {table.name} in {table} cannot be read ({why}); "
        "restore that folder from a backup, or import the original files into another --home"
    )
