"""The command line as its user meets it: exit codes, messages, documents."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import overshort
from overshort.engine.moment import moment
from overshort.metrics import registry
from overshort.store.lake import Lake
from overshort.surfaces import cli
from overshort.surfaces.words import ADVICE, ATTRIBUTION
from surfaces.conftest import Run
from surfaces.made import market, stored

ANNOUNCED = str(Path(overshort.__file__).with_name("data") / "nasdaq_announcements.csv")
AS_OF = "2024-06-28"
SUBJECTS = {"SPX", "NDX", "RUT", "NASDAQ", "LISTED", "SPY", "QQQ", "IWM", "VIX"}


def document(run: Run, *arguments: str) -> Any:
    code, out, _ = run(*arguments)
    assert code == 0
    return json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))


def test_the_brief_has_the_frozen_form(run: Run) -> None:
    built = document(run, "brief", "--as-of", AS_OF, "--json")
    frozen = "schema version as_of as_of_utc simulated data_version reports figures claims forecasts missing stale"
    assert set(frozen.split()) <= set(built)
    assert built["schema"] == "overshort.brief/1"
    assert built["as_of_utc"] == "2024-06-29T03:59:59Z"
    assert built["simulated"] is True
    assert {f["subject"] for f in built["figures"]} == SUBJECTS


def test_every_figure_carries_its_provenance_and_stands_once(run: Run) -> None:
    figures = document(run, "brief", "--as-of", AS_OF, "--json")["figures"]
    assert len({(f["subject"], f["id"]) for f in figures}) == len(figures)
    for figure in figures:
        assert figure["key"] == f"{figure['subject']}/{figure['id']}@{figure['at']}"
        assert figure["known_at"] <= "2024-06-29T03:59:59Z"
        assert ("reason" in figure) == (figure["value"] is None)
        assert figure["definition"] == registry()[figure["id"]].definition
    changes = [
        f for f in figures if f["id"].startswith("crowding.") and "change_" in f["id"] and f["value"] is not None
    ]
    assert changes
    assert all({"base_date", "n", "coverage", "members"} <= set(f) for f in changes)


def test_the_same_store_and_day_give_the_same_bytes(run: Run) -> None:
    assert run("brief", "--as-of", AS_OF, "--json") == run("brief", "--date", AS_OF, "--json")


def test_an_earlier_brief_knows_nothing_of_later_reports(run: Run) -> None:
    for day in ("2022-03-01", "2023-08-09", "2024-02-27"):
        built = document(run, "brief", "--as-of", day, "--json")
        assert max(f["known_at"] for f in built["figures"]) <= built["as_of_utc"]
        assert max(r["published_at"] for r in built["reports"]) <= built["as_of_utc"]


def test_claims_rest_on_figures_of_the_same_document(run: Run) -> None:
    built = document(run, "brief", "--json")
    keys = {f["key"] for f in built["figures"]}
    assert built["claims"]
    assert all(set(c["figures"]) <= keys and c["text"] for c in built["claims"])


def test_missing_names_the_table_that_would_fill_it(run: Run) -> None:
    built = document(run, "brief", "--as-of", "2019-04-30", "--json")
    needs = {row["id"]: row["needs"] for row in built["missing"] if row["subject"] == "SPX"}
    assert needs["crowding.change_12m"] == "short_interest"
    assert needs["crowding.rank_5y"] == "short_interest"
    assert all(row["reason"] for row in built["missing"])


def test_the_page_says_simulated_whose_data_and_no_advice(run: Run) -> None:
    for arguments in (("brief",), ("status",), ("explain", "crowding.chain", "--subject", "SPX")):
        code, out, _ = run(*arguments)
        assert code == 0
        flat = " ".join(out.split())
        assert "SIMULATED" in flat
        assert ATTRIBUTION in flat
        assert ADVICE in flat


def test_fail_stale_exits_3_when_a_due_report_is_missing(run: Run) -> None:
    assert run("brief", "--fail-stale")[0] == 0
    code, out, _ = run("brief", "--as-of", "2025-06-30", "--fail-stale")
    assert code == 3
    assert "Stale" in out
    assert run("brief", "--as-of", "2025-06-30")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("brief", "--as-of", "2018-01-31"), 3, "no report was known by 2018-01-31"),
        (("brief", "--as-of", "31.1.2018"), 2, "YYYY-MM-DD"),
        (("brief", "--bogus"), 2, "--bogus"),
        (("figures", "crwding.chain"), 2, "crowding.chain"),
        (("figures", "--subject", "NOSUCH"), 2, "NOSUCH"),
        (("figures", "--format", "parquet"), 2, "--output"),
        (("figures", "--format", "xls"), 2, "xls"),
        (("explain", "crowding.chian"), 2, "crowding.chain"),
        (("explain", "crowding.chain", "--subject", "SPX", "--rows", "-2"), 2, "rows -2"),
        (("explain", "crowding.chain", "--subject", "SPX", "--rows", "2.5"), 2, "'2.5' is no whole number"),
        (("explain", "crowding.announced_shares", "--subject", "SPX"), 3, "exchanges (NASDAQ, LISTED), not for SPX"),
        (("explain", "crowding.chain", "--subject", "SPY"), 3, "stocks with short-interest rows, not for SPY"),
        (("explain", "persistence.month_streak", "--subject", "qqq"), 3, "indices (SPX, NDX, RUT), not for QQQ"),
        (("explain", "price.close", "--subject", "SPY", "--as-of", "2018-06-01"), 3, "has no row known by 2018-06-01"),
        (("figures", "crowding.chain", "--subject", "SPY"), 3, "no row of crowding.chain"),
        (("import",), 2, "no path"),
        (("import", "/nonexistent"), 2, "does not exist"),
        (("forget", "nothing.csv"), 1, "simulated"),
        (("brief", "--home", "/nonexistent"), 3, "no store"),
        (("import", ANNOUNCED, "--home", "/dev/null/store"), 1, "/dev/null"),
        (("figures", "-f", "csv", "-o", "/nonexistent/f.csv"), 1, "/nonexistent/f.csv"),
    ],
)
def test_a_mistake_is_one_sentence_and_an_exit_code(
    run: Run, arguments: tuple[str, ...], code: int, words: str
) -> None:
    got, _, err = run(*arguments)
    assert got == code
    assert words in err
    assert err.startswith("overshort: ")
    assert err.count("\n") == 1


def test_figures_as_json_csv_parquet_and_table_agree(run: Run, tmp_path: Path) -> None:
    want = ("figures", "crowding.rank_5y", "crowding.since", "--subject", "NDX", "--as-of", AS_OF)
    found = {f["id"]: f["value"] for f in document(run, *want, "-f", "json")["figures"]}
    rows = {r["id"]: r for r in csv.DictReader(io.StringIO(run(*want, "-f", "csv")[1]))}
    run(*want, "-f", "parquet", "-o", str(tmp_path / "f.parquet"))
    frame = {r["id"]: r for r in pl.read_parquet(tmp_path / "f.parquet").to_dicts()}
    assert set(found) == set(rows) == set(frame)
    for id, value in found.items():
        if isinstance(value, str):
            assert value == rows[id]["text"] == frame[id]["text"]
        else:
            assert value == pytest.approx(float(rows[id]["value"])) == frame[id]["value"]
        assert id in run(*want)[1]


def test_history_is_the_panel_known_then(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "h.parquet"
    run(
        "figures", "crowding.chain", "--subject", "spx", "--history", "--as-of", AS_OF, "-f", "parquet", "-o", str(path)
    )
    panel = pl.read_parquet(path)
    assert panel["subject"].unique().to_list() == ["SPX"]
    assert panel["at"].is_sorted()
    assert panel["at"].n_unique() == panel.height > 100
    assert panel.row(0, named=True)["value"] == 100


def test_explain_adds_up_to_the_figure(run: Run) -> None:
    built = document(
        run, "explain", "crowding.change_12m", "--subject", "NDX", "--as-of", AS_OF, "--rows", "999", "--json"
    )
    growth = 1.0
    for cycle in built["cycles"]:
        growth *= cycle["position"] / cycle["expected"]
    assert growth - 1 == pytest.approx(built["figure"]["value"], rel=1e-12)
    assert len(built["cycles"]) == 24
    assert len(built["rows"]) == built["rows_total"] == built["figure"]["n"]
    last = built["cycles"][-1]
    assert sum(r["position"] for r in built["rows"] if r["previous"]) == last["position"]
    assert sum(r["contribution"] or 0 for r in built["rows"]) == pytest.approx(last["growth"])
    assert all(r["file"] for r in built["rows"])


def test_a_fund_without_short_interest_is_no_stock(run: Run) -> None:
    for fund in ("SPY", "qqq", "IWM"):
        figures = document(run, "figures", "--subject", fund, "-f", "json")["figures"]
        assert {f["subject"] for f in figures} == {fund.upper()}
        assert {f["id"] for f in figures} >= {"price.open", "price.close"}
        assert {f["id"] for f in figures} <= {i for i, m in registry().items() if "proxy" in m.subjects}
        assert len({f["id"] for f in figures}) == len(figures)
        built = document(run, "explain", "price.close", "--subject", fund, "--json")
        assert built["figure"] in figures
        assert "rows" not in built


def test_a_fund_with_short_interest_is_a_stock_too(tmp_path: Path, run: Run) -> None:
    tables = dict(market().tables)
    like = tables["short_interest"]["symbol"].mode().sort()[0]
    rows = tables["short_interest"].filter(pl.col("symbol") == like)
    fund = rows.with_columns(pl.lit("SPY").alias("symbol"), pl.lit("SPY").alias("symbol_raw"))
    tables["short_interest"] = pl.concat([tables["short_interest"], fund])
    where = ("--home", str(stored(tmp_path / "store", tables).home))
    figures = document(run, "figures", "--subject", "SPY", "-f", "json", *where)["figures"]
    assert {"price.close", "crowding.chain", "crowding.change_12m"} <= {f["id"] for f in figures}
    assert len({f["id"] for f in figures}) == len(figures)
    twin = document(run, "figures", "crowding.chain", "--subject", like, "-f", "json", *where)["figures"]
    built = document(run, "explain", "crowding.chain", "--subject", "SPY", "--json", *where)
    assert built["figure"]["value"] == twin[0]["value"]
    assert {r["symbol"] for r in built["rows"]} == {"SPY"}
    assert document(run, "explain", "price.close", "--subject", "SPY", "--json", *where)["figure"]["unit"] == "USD"


def test_explain_shows_the_announced_rows(run: Run) -> None:
    built = document(run, "explain", "crowding.announced_shares", "--subject", "NASDAQ", "--as-of", AS_OF, "--json")
    own = {r["market"]: r["shares"] for r in built["rows"]}
    assert own["all"] == built["figure"]["value"] == own["NNM"] + own["SC"]


@pytest.mark.parametrize("id", sorted(registry()))
def test_every_metric_can_be_explained(run: Run, id: str) -> None:
    code, out, _ = run("explain", id)
    assert code == 0
    assert id in out


def test_status_names_the_next_publication_and_what_is_there(run: Run) -> None:
    built = document(run, "status", "--as-of", AS_OF, "--json")
    assert built["next_publication"] == {"settlement": "2024-06-28", "published_at": "2024-07-10T20:40:00Z"}
    counts = {t["table"]: t["rows"] for t in built["tables"]}
    assert counts["short_interest"] > 0
    assert counts["borrow"] == 0


def test_status_says_that_rows_after_the_newest_report_are_too_few_for_one(
    run: Run, tmp_path: Path, home: Path
) -> None:
    assert "too few" not in run("status", "--as-of", AS_OF)[1]
    lake = Lake.open(home)
    tables = {n: lake.scan(n).drop("sha256", "batch").collect() for n in ("short_interest", "membership")}
    reports = tables["short_interest"]
    known = reports.filter(pl.col("known_at") <= moment(AS_OF).instant)
    last = known["settlement"].max()
    few = known.filter((pl.col("settlement") < last) | (pl.col("symbol") == reports["symbol"].min()))
    folder = tmp_path / "store"
    stored(folder, tables | {"short_interest": few})
    out = " ".join(run("status", "--as-of", AS_OF, "--home", str(folder))[1].split())
    assert f"(rows to {last} are too few for a report)" in out


def test_every_command_has_help_and_takes_a_home(run: Run) -> None:
    for name in cli._COMMANDS:
        code, out, _ = run(name, "--help")
        assert code == 0
        assert "--home" in out


def test_help_loads_no_data_library() -> None:
    code = (
        "import sys; from overshort.surfaces import cli; cli._run(['--help']);"
        "print([m for m in ('polars', 'deltalake', 'numpy', 'exchange_calendars') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("command", ["figures --history -f csv", "brief --full"])
def test_a_closed_pipe_ends_quietly(home: Path, command: str) -> None:
    binary = Path(sys.executable).with_name("overshort")
    line = f"set -o pipefail; {binary} {command} --home {home} | head -1"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False, env=dict(os.environ))
    assert done.returncode == 0
    assert "Traceback" not in done.stderr


def test_a_word_too_many_is_named_with_the_way_out(run: Run) -> None:
    code, out, err = run("explain", "VIX", "tape.bought_calls")
    assert (code, out) == (2, "")
    assert err == (
        'overshort: "tape.bought_calls" is more than this command takes; quote what belongs together, or leave it out. '
        "See `overshort explain --help`.\n"
    )
