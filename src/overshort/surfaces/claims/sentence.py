"""The form of a claim, and how a study is found for it."""

from collections.abc import Iterable, Mapping
from typing import Any

from overshort.engine.figures import Figure

__all__ = ["Claim", "Own", "claim", "study", "valued"]

Claim = dict[str, Any]
Own = Mapping[str, Figure]


def claim(
    id: str,
    text: str,
    figures: Iterable[Figure],
    *,
    verdict: str,
    base_rate: Mapping[str, Any] | None = None,
    counter: str | None = None,
    falsifier: str | None = None,
    studies: Iterable[Mapping[str, Any] | None] = (),
) -> Claim:
    """Give a claim in the form of the brief document.

    Parameters
    ----------
    base_rate
        How often the same held before: ``share`` or ``count``, with its denominator.
    counter
        What speaks against reading more into it.
    falsifier
        What would have to be observed for the sentence to be false.
    studies
        What it was written from beside its figures; named ``SUBJECT/ID``, with the window where there are several.
    """
    return {
        "id": id,
        "text": text,
        "figures": [f.key for f in figures],
        "verdict": verdict,
        "base_rate": None if base_rate is None else dict(base_rate),
        "counter": counter,
        "falsifier": falsifier,
        "studies": [_named(s) for s in studies if s is not None],
    }


def _named(study: Mapping[str, Any]) -> str:
    window = study.get("window")
    return f"{study['subject']}/{study['id']}{f'/{window}' if window else ''}"


def valued(own: Own, *ids: str) -> list[Figure] | None:
    """Give the figures of ids; nothing where one is absent or null."""
    found = [own[i] for i in ids if i in own and own[i].value is not None]
    return found if len(found) == len(ids) else None


def study(studies: Iterable[Mapping[str, Any]], id: str, subject: str, **fields: object) -> Mapping[str, Any] | None:
    """Give the study of a subject."""
    for found in studies:
        if found["id"] == id and found["subject"] == subject and all(found[k] == v for k, v in fields.items()):
            return found
    return None
