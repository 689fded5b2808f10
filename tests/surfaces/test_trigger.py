"""``--trigger``: a level of the user's own, for once."""

import json
from datetime import date
from pathlib import Path

import pytest

from overshort.store.lake import Lake
from surfaces.conftest import Run

DAY = "2024-06-28"


def test_a_level_given_for_once_is_measured_against_drawn_and_never_stored(run: Run, tmp_path: Path) -> None:
    plain = run("brief", "--json", "--as-of", DAY)[1]
    code, out, err = run("brief", "--json", "--as-of", DAY, "--trigger", "qqq=1000000", "--trigger", "SPY=0.5")
    assert (code, err) == (0, "")
    document, before = json.loads(out), json.loads(plain)
    found, earlier = ({f["key"]: f for f in d["figures"]} for d in (document, before))
    changed = {key.partition("@")[0] for key, f in found.items() if f != earlier.get(key)}
    names = ("trigger_user", "below_trigger_user", "below_trigger_user_1d", "state_user", "state_user_1d")
    assert changed == {f"{s}/compression.{n}" for s in ("QQQ", "SPY") for n in names}
    own = {f["id"]: f for f in document["figures"] if f["subject"] == "QQQ"}
    assert own["compression.trigger_user"]["value"] == 1e6
    assert own["compression.trigger_user"]["price_source"] == "given for once"
    assert own["compression.below_trigger_user"]["value"] is False
    assert own["compression.state_user"]["price_source"].endswith("trigger: user, given for once")
    assert document["triggers"] == {"QQQ": 1e6, "SPY": 0.5}
    assert run("brief", "--json", "--as-of", DAY)[1] == plain
    path = tmp_path / "x.html"
    code, out, _ = run("chart", "QQQ", "--as-of", DAY, "--trigger", "QQQ=321.25", "-o", str(path))
    assert code == 0
    assert "trigger (given by the user)" in out
    assert "321.25 (given for once)" in out
    assert "trigger: given by the user" in path.read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["brief", "--trigger", "DIA=3"], "'DIA=3' names no traded proxy; give SPY or QQQ or IWM=LEVEL"),
        (["brief", "--trigger", "QQQ"], "'QQQ' has no level above 0; write it like QQQ=605.5"),
        (["brief", "--trigger", "QQQ=nan"], "'QQQ=nan' has no level above 0"),
        (["brief", "--trigger", "QQQ=inf"], "'QQQ=inf' has no level above 0"),
        (["brief", "--trigger", "QQQ=-3"], "'QQQ=-3' has no level above 0"),
        (["brief", "--trigger", "QQQ=3", "--trigger", "qqq=4"], "gives QQQ two levels"),
        (["chart", "QQQ", "--trigger", "SPY=4"], "--trigger is for SPY, and the chart is of QQQ; give QQQ=LEVEL"),
    ],
)
def test_what_is_no_level_is_refused(run: Run, arguments: list[str], said: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert len(err.splitlines()) == 1


def test_a_file_of_levels_goes_into_the_store(run: Run, tmp_path: Path) -> None:
    path, home = tmp_path / "mine.csv", tmp_path / "store"
    path.write_text("symbol,from,level\nQQQ,2024-06-03,777.5\n")
    code, _, err = run("import", str(path), "--home", str(home))
    assert (code, err) == (0, "")
    rows = Lake.open(home).scan("levels").select("series", "at", "value").collect()
    assert ("trigger:QQQ", date(2024, 6, 3), 777.5) in rows.rows()
    code, _, err = run("chart", "QQQ", "--home", str(home))
    assert (code, err.count("no report was known")) == (3, 1), "a level alone is no price"
