"""The tape command on the simulated store and on one without a tape."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from overshort.engine.moment import moment
from overshort.metrics import registry
from overshort.store.lake import Lake
from overshort.surfaces.brief import document
from surfaces.conftest import Run
from surfaces.made import DAY, built, small


def shown(run: Run, *arguments: str) -> Mapping[str, Any]:
    code, out, _ = run("tape", *arguments, "--json")
    assert code == 0
    found: dict[str, Any] = json.loads(out)
    return found


def test_every_trade_on_file_stands_in_a_cell(run: Run, home: Path) -> None:
    found = shown(run)
    trades = Lake.open(home).scan("option_trades").filter(pl.col("session") == pl.col("session").max()).collect()
    assert (found["schema"], found["subject"], found["simulated"]) == ("overshort.tape/1", "VIX", True)
    assert found["session"] == str(trades["session"][0])
    assert len(found["cells"]) == 96
    assert found["on_file"]["trades"] == found["in_cells"]["trades"] == trades.height
    assert found["on_file"]["premium"] == found["in_cells"]["premium"]
    assert found["on_file"]["contracts"] == trades["size"].sum()
    assert sum(c["trades"] for c in found["conditions"]) == trades.height
    ids = {i for i in registry() if i.startswith("tape.") and not i.startswith("tape.premium.")}
    assert {f["id"] for f in found["figures"]} == ids


def test_an_earlier_session(run: Run, home: Path) -> None:
    sessions = Lake.open(home).scan("option_trades").select(pl.col("session").unique().sort()).collect()["session"]
    day = sessions[-9].isoformat()
    assert shown(run, "vix", "--session", day)["session"] == day
    assert shown(run, "^VIX", "--as-of", day, "--top", "3")["as_of"] == day
    prints = shown(run, "--top", "3")["prints"]
    assert [p["premium"] for p in prints] == sorted((p["premium"] for p in prints), reverse=True)
    assert len(prints) == 3


def test_it_is_written_as_one_page_with_its_picture(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "tape.html"
    code, out, _ = run("tape", "VIX", "-o", str(target))
    assert (code, f"Written: {target}" in out) == (0, True)
    text = target.read_text("utf-8")
    found = re.search(r'<script type="application/json" id="pictures">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    (picture,) = json.loads(found[1]).values()
    own = {f["id"]: f["value"] for f in shown(run)["figures"]}
    ends = {t["name"]: t["y"][-1] for t in picture["data"] if t["yaxis"] == "y"}
    assert ends["bought, at ask or above"] == pytest.approx(own["tape.bought_calls"], abs=1e-6)
    again = tmp_path / "again.html"
    plain = shown(run)
    assert shown(run, "-o", str(again)) == plain
    assert again.read_bytes() == target.read_bytes()


def test_what_is_printed(run: Run) -> None:
    code, out, _ = run("tape", "VIX")
    assert code == 0
    for said in ("SIMULATED", "Option tape of VIX, session", "all of them in the cells below", "Bought, single-leg"):
        assert said in out
    assert "Largest trades" in out
    for kind in ("single", "multi", "auction", "cancelled", "truly"):
        assert kind in out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("NDX",), 3, "the store has no option trade of NDX; import a tape of Cboe DataShop, ThetaData, Databento"),
        (("VIX", "--session", "2019-02-01"), 3, "no tape of VIX was whole by 2019-02-01: the first on file is of"),
        (("VIX", "--session", "yesterday"), 2, "'yesterday' is not a date"),
        (("VIX", "-o", "tape.pdf"), 2, "'tape.pdf' ends in none of .html, .htm"),
        (("VIX", "--top", "-1"), 2, "--top -1 is no number of trades"),
    ],
)
def test_nothing_to_show_is_one_sentence(run: Run, arguments: tuple[str, ...], code: int, said: str) -> None:
    found, out, err = run("tape", *arguments)
    assert (found, out, err.count("\n")) == (code, "", 1)
    assert said in err


def test_a_brief_without_a_tape_names_what_is_lacking(tmp_path: Path) -> None:
    found = built(small(tmp_path / "store", without=["option_trades"]))
    ids = {i for i in registry() if i.startswith("tape.")}
    lacking = {m["id"]: m for m in found["missing"] if m["id"] in ids}
    assert set(lacking) == ids
    assert {(m["subject"], m["needs"], m["reason"]) for m in lacking.values()} == {
        ("VIX", "option_trades", f"no row by {DAY} in table option_trades")
    }


def test_a_brief_with_a_tape_has_its_figures(home: Path) -> None:
    found = document(Lake.open(home), moment("2025-01-10"))
    own = {f["id"]: f for f in found["figures"] if f["id"].startswith("tape.")}
    assert set(own) == {i for i in registry() if i.startswith("tape.")}
    assert {f["subject"] for f in own.values()} == {"VIX"}
    assert own["tape.bought_calls"]["price_source"] == "option trades of simulated"
    assert own["tape.bought_low"]["note"].startswith("signed premium T = ")


def test_a_day_without_a_session_of_its_own_says_which_one_is_shown(run: Run, home: Path) -> None:
    sessions = Lake.open(home).scan("option_trades").select(pl.col("session").unique().sort()).collect()["session"]
    last = sessions[-1]
    said = f"The newest whole session on file by 2035-01-02 is {last}."
    assert said in run("tape", "VIX", "--session", "2035-01-02", "--top", "1")[1]
    assert "The newest whole session" not in run("tape", "VIX", "--session", last.isoformat(), "--top", "1")[1]
