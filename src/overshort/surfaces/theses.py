"""The library's theses with their verdicts, as a document (schema ``overshort.theses/1``)."""

from collections.abc import Mapping
from typing import Any

from overshort.engine import theses
from overshort.engine.moment import Moment
from overshort.errors import NothingToShow, UnknownSubject
from overshort.store.lake import Lake
from overshort.thesis.claim import Thesis

__all__ = ["verdicts"]

SCHEMA = "overshort.theses/1"
STANDING = ("verdict", "session", "need", "base_rate", "horizon", "falsifier", "counter")


def verdicts(lake: Lake, subject: str, moment: Moment) -> dict[str, Any]:
    """Say of every thesis of the library how it stands for a subject; one that says nothing of it has a reason."""
    found = [_standing(lake, n, t, subject, moment) for n, t in theses.library().items()]
    head = {"schema": SCHEMA, "as_of": moment.day.isoformat(), "simulated": lake.simulated}
    return head | {"data_version": lake.version(), "subject": subject, "theses": found}


def _standing(lake: Lake, name: str, thesis: Thesis, subject: str, moment: Moment) -> Mapping[str, Any]:
    head = {"name": name, "title": thesis.title, "text": thesis.text}
    try:
        built = theses.readings(lake, thesis, subject, moment)
    except (NothingToShow, UnknownSubject) as error:
        return head | dict.fromkeys((*STANDING, "held", "claims")) | {"reason": str(error)}
    held = sum(c["verdict"] == "holds" for c in built["claims"])
    return head | {k: built[k] for k in STANDING} | {"held": held, "claims": len(built["claims"]), "reason": None}
