"""The sentence of the tape on a page."""

from typing import Any

from overshort.surfaces.page.tape import section, sentence


def own(**more: Any) -> dict[str, dict[str, Any]]:
    """Give figures of the VIX by the end of their ids."""
    units = {"bought_share": ("fraction", 0.4), "disagreement_calls": ("fraction", 0.1)}
    units |= {n: ("USD", v) for n, v in (("bought_calls", 2e6), ("bought_low", 1e6), ("bought_high", 3e6))}
    rows = {f"tape.{n}": {"id": f"tape.{n}", "unit": u, "value": v, "at": "2016-06-01"} for n, (u, v) in units.items()}
    rank = {"id": "tape.bought_rank_60d", "unit": "percent", "value": None, "at": "2016-06-01", "n": 3}
    return rows | {rank["id"]: rank} | more


def test_it_says_share_band_disagreement_and_that_there_is_no_rank() -> None:
    said = sentence("VIX", own())
    assert said.startswith("Calls on VIX for 2.00 m USD")
    for part in ("40.0 % of all call premium", "no rank: 3 earlier sessions", "1.00 m to 3.00 m USD", "sign 10.0 %"):
        assert part in said
    assert "closed" not in said


def test_a_rank_and_the_vix_are_told_where_they_are_known() -> None:
    rank = {
        "id": "tape.bought_rank_60d",
        "unit": "percent",
        "value": 84.0,
        "kind": "number",
        "at": "2016-06-01",
        "n": 60,
    }
    close = {"id": "volatility.close", "unit": "index", "kind": "number", "value": 14.2, "at": "2016-06-01"}
    said = sentence("VIX", own(**{rank["id"]: rank, close["id"]: close}))
    assert "of the 60 earlier sessions" in said
    assert "the VIX closed at 14.2 on 2016-06-01." in said
    assert "closed" not in sentence("VIX", own(**{close["id"]: close | {"at": "2026-07-23"}}))


def test_no_section_without_anything_bought() -> None:
    assert section({"VIX": {}}) is None
