"""An alert in one sentence: rule, subject, verdict before and now, figures with their dates, what makes it false."""

from overshort.store.outbox import Letter
from overshort.surfaces.words import published, subject_name, written

__all__ = ["sentence"]


def sentence(letter: Letter) -> str:
    """Put an alert into one sentence."""
    mark = "SIMULATED: " if letter["simulated"] else ""
    before = letter["before"]
    verdict = letter["verdict"] if before is None else f"{before} → {letter['verdict']}"
    why = f" ({letter['lacking']})" if letter["lacking"] else ""
    parts = [
        f"{mark}{letter['rule']} of {subject_name(letter['subject'])}: {verdict}{why}, close of {letter['session']}"
    ]
    parts += [
        f"{f['subject']} {f['id']} {written(f)} at {f['at']}, known {published(f['known_at'])}"
        for f in letter["figures"]
    ]
    return "; ".join([*parts, f"false if {letter['falsifier']}"]) + "."
