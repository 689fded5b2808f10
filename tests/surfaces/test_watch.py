"""Watching rules: what is told, that it is told at least once, and that a receiver which drops keys hears it once."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest

from overshort.engine import theses
from overshort.engine.deliver import masked
from overshort.engine.ingest import import_paths
from overshort.engine.moment import moment
from overshort.engine.panel import panel_of
from overshort.engine.watch import key_of
from overshort.errors import UsageError
from overshort.sources.declare import Options
from overshort.store.lake import Lake
from overshort.store.outbox import Outbox
from overshort.surfaces import cli
from overshort.thesis.claim import parse
from publishers.receiver import receiving

CLAIM = """\
text = "the fund closes above its average"
subject = "proxy"
metric = "structure.above_sma50_1d"
comparison = "is"
value = true
horizon = "1m"
falsifier = "a close below the average"
counter = "it mostly stands above"
"""
Call = Callable[..., tuple[int, str, str]]
TOO_LONG = 60


class Days(NamedTuple):
    """Three days on which the claim stands so, otherwise, and so again."""

    first: str
    second: str
    third: str
    verdicts: tuple[str, str]


@pytest.fixture(scope="module")
def claim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rules") / "mine.toml"
    path.write_text(CLAIM)
    return path


@pytest.fixture(scope="module")
def days(home: Path, claim: Path) -> Days:
    """Turns of the claim, found by its boolean panel: other code than what is tested."""
    thesis = theses.read(claim)
    found = theses.boolean_panel(panel_of(Lake.open(home), ["SPY"]), thesis, "SPX", moment("2025-01-10"))
    turns: list[tuple[date, float]] = []
    for day, value in found.select("at", "value").iter_rows():
        if value is not None and (not turns or turns[-1][1] != value):
            turns.append((day, value))
    assert len(turns) > 3
    words = {1.0: "holds", 0.0: "does not hold"}
    one, two, three = turns[-3:]
    return Days(str(one[0]), str(two[0]), str(three[0]), (words[one[1]], words[two[1]]))


@pytest.fixture
def store(home: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(home, tmp_path / "store"))


@pytest.fixture
def call(store: Path, claim: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Watch the claim in a store of its own."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = cli._run(["watch", str(claim), *arguments, "--home", str(store)])
        return code, *capsys.readouterr()

    return run


def test_a_change_is_told_once_and_the_way_back_under_another_key(call: Call, days: Days) -> None:
    code, out, err = call("--as-of", days.first)
    assert (code, out) == (0, "")
    assert "1 verdict recorded for the first time; of them nothing is sent." in err
    assert call("--as-of", days.first) == (0, "", "")
    code, there, err = call("--as-of", days.second)
    old, new = days.verdicts
    assert code == 0
    assert f"SIMULATED: mine of S&P 500 members: {old} → {new}, close of {days.second}; SPY structure." in there
    assert f"at {days.second}, known {days.second} 16:00 New York; false if a close below the average." in there
    assert "1 alert delivered, 0 kept" in err
    assert call("--as-of", days.second) == (0, "", "")
    _, back, _ = call("--as-of", days.third)
    assert f"{new} → {old}" in back
    assert there.count("\n") == back.count("\n") == 1
    assert there.split("[")[-1] != back.split("[")[-1]


def test_the_key_is_what_it_says(call: Call, days: Days) -> None:
    _, out, _ = call("--since", days.first, "--as-of", days.second)
    assert out.rstrip().endswith(f"[{key_of('mine', 'SPX', days.verdicts[1], days.second)}]")
    one = key_of("r", "SPX", "holds", "2025-06-13")
    assert len(one) == 32
    assert one == key_of("r", "SPX", "holds", "2025-06-13")
    other = [("q", "SPX", "holds", "2025-06-13"), ("r", "NDX", "holds", "2025-06-13")]
    other += [("r", "SPX", "does not hold", "2025-06-13"), ("r", "SPX", "holds", "2025-06-30")]
    assert len({one, *(key_of(*o) for o in other)}) == 5


def test_the_state_is_announced_when_asked(call: Call, days: Days) -> None:
    _, out, _ = call("--as-of", days.first, "--announce")
    assert f": {days.verdicts[0]}, close of {days.first}" in out
    assert call("--as-of", days.first, "--announce") == (0, "", "")


def test_a_look_back_leaves_alone_what_was_seen(call: Call, days: Days, store: Path) -> None:
    call("--as-of", days.first)
    before = Outbox.read(store).seen
    _, out, _ = call("--since", days.second, "--as-of", days.third)
    assert "→" in out
    assert Outbox.read(store).seen == before
    assert call("--since", days.second, "--as-of", days.third)[1] == ""  # the same alert, delivered before


def test_a_dry_run_writes_nothing(call: Call, days: Days, store: Path) -> None:
    code, out, err = call("--since", days.first, "--as-of", days.second, "--dry-run")
    assert (code, out.count("→")) == (0, 1)
    assert "dry run: 1 alert to send" in err
    assert not (store / "alerts").exists()


def test_the_document(call: Call, days: Days, store: Path) -> None:
    arguments = ("--since", days.first, "--as-of", days.second, "--json")
    dry = json.loads(call(*arguments, "--dry-run")[1])
    code, out, _ = call(*arguments)
    built = json.loads(out)
    assert (code, built["schema"], built["since"], built["as_of"]) == (0, "overshort.watch/1", days.first, days.second)
    alert = built["alerts"][0]
    assert (alert["before"], alert["verdict"], alert["at"]) == (*days.verdicts, days.second)
    assert alert["figures"][0]["at"] == days.second
    assert alert["figures"][0]["known_at"] > days.second
    assert dry["alerts"] == built["alerts"]
    assert not Outbox.read(store).waiting
    assert json.loads(call(*arguments)[1])["alerts"] == []
    assert json.loads(call(*arguments, "--dry-run")[1])["alerts"] == built["alerts"]


def test_a_failure_is_kept_and_sent_when_the_server_is_back(call: Call, days: Days, store: Path) -> None:
    with receiving(500, 503) as there:
        assert call("--as-of", days.first, "--to", there.url)[0] == 0
        for status in (500, 503):
            code, out, err = call("--as-of", days.second, "--to", there.url)
            assert (code, out) == (1, "")
            assert f"answered with status {status}; the alert is kept" in err
            assert "s3cret" not in err
            assert "0 alerts delivered, 1 kept" in err
        assert there.keys == []
        assert "1 alert delivered" in call("--as-of", days.second, "--to", there.url)[2]
        assert call("--as-of", days.second, "--to", there.url) == (0, "", "")
        assert len(there.keys) == 1
        assert there.heads[-1]["Idempotency-Key"] == there.keys[0] == there.seen[there.keys[0]]["key"]
        assert there.heads[-1]["Content-Type"] == "application/json"
    assert all(b"s3cret" not in p.read_bytes() for p in (store / "alerts").iterdir())


def test_a_redirect_and_a_refusal_are_no_receipt(call: Call, days: Days, store: Path) -> None:
    with receiving(302, 404) as there:
        call("--as-of", days.first, "--to", there.url)
        for status in (302, 404):
            assert f"answered with status {status}" in call("--as-of", days.second, "--to", there.url)[2]
        assert there.plan == []
        assert len(Outbox.read(store).waiting) == 1


def test_apprise_is_asked_for_where_it_is_lacking(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    code, _, err = call("--to", "json://127.0.0.1/s3cret")
    assert code == 2
    assert "--to json://… needs Apprise; install overshort[alerts]" in err


def test_the_order_is_kept_behind_a_failure(call: Call, days: Days) -> None:
    with receiving(500, 500) as there:
        for day in days[:3]:
            call("--as-of", day, "--to", there.url)
        assert there.plan == []  # one request a look: the second alert waits behind the first
        call("--as-of", days.third, "--to", there.url)
        assert [b["session"] for b in there.seen.values()] == [days.second, days.third]


def test_a_receiver_that_dies_before_its_answer(call: Call, days: Days) -> None:
    with receiving("drop") as there:
        call("--as-of", days.first, "--to", there.url)
        code, _, err = call("--as-of", days.second, "--to", there.url)
        assert code == 1
        assert "cannot be reached" in err
        assert "s3cret" not in err
        assert call("--as-of", days.second, "--to", there.url)[0] == 0
        assert (len(there.heads), len(there.seen)) == (2, 1)


def test_a_receiver_that_is_not_there(call: Call, days: Days) -> None:
    with receiving() as there:
        call("--as-of", days.first, "--to", there.url)
    code, _, err = call("--as-of", days.second, "--to", there.url)
    assert code == 1
    assert "s3cret" not in err


def test_an_alert_waits_for_the_address_it_was_meant_for(call: Call, days: Days) -> None:
    with receiving(500) as one, receiving() as other:
        call("--as-of", days.first, "--to", one.url)
        call("--as-of", days.second, "--to", one.url)
        err = call("--as-of", days.second, "--to", other.url)[2]
        assert "1 alert kept for addresses that this run does not name" in err
        assert "1 verdict recorded for the first time" in err
        assert (one.keys, other.keys) == ([], [])


def test_through_apprise(call: Call, days: Days, store: Path) -> None:
    with receiving(500) as there:
        url = there.url.replace("http://", "json://user:s3cret@")
        call("--as-of", days.first, "--to", url)
        code, _, err = call("--as-of", days.second, "--to", url)
        assert code == 1
        assert "json://… did not take it" in err
        assert "s3cret" not in err
        assert call("--as-of", days.second, "--to", url)[0] == 0
        key = there.keys[0]
        assert key == key_of("mine", "SPX", days.verdicts[1], days.second)
        assert there.seen[key]["message"].endswith(f"Idempotency-Key: {key}")
        assert there.seen[key]["title"] == f"overshort: mine, SPX: {days.verdicts[1]}"
    assert all(b"s3cret" not in p.read_bytes() for p in (store / "alerts").iterdir())


def started(store: Path, claim: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "overshort", "watch", str(claim), *arguments, "--home", str(store)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_killed_before_and_after_its_200(call: Call, days: Days, store: Path, claim: Path) -> None:
    """Killed while the receiver holds its answer back; then stopped as the 200 leaves, and killed before it marks."""
    with receiving("wait") as there:
        call("--as-of", days.first, "--to", there.url)
        arguments = ("--as-of", days.second, "--to", there.url)
        with started(store, claim, *arguments) as process:
            assert there.came.wait(TOO_LONG)
            process.kill()
        assert len(Outbox.read(store).waiting) == 1
        there.plan.append(lambda: os.kill(second.pid, signal.SIGSTOP))
        with started(store, claim, *arguments) as second:
            end = time.monotonic() + TOO_LONG
            while not there.keys and time.monotonic() < end:
                time.sleep(0.01)
            second.kill()
        assert second.returncode == -signal.SIGKILL
        assert len(there.keys) == 1
        assert len(Outbox.read(store).waiting) == 1  # sent and not marked
        assert call(*arguments)[0] == 0
        assert not Outbox.read(store).waiting
        assert len(there.heads) == 3
        assert list(there.seen) == [key_of("mine", "SPX", days.verdicts[1], days.second)]
        assert call(*arguments) == (0, "", "")
        assert len(there.heads) == 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_loop_ends_cleanly(call: Call, store: Path, number: signal.Signals) -> None:
    """The signal comes while an alert is sent: that one is finished and marked, and the loop ends."""
    before = signal.getsignal(number)
    with receiving(lambda: os.kill(os.getpid(), number)) as there:
        code, out, err = call("--every", "1s", "--announce", "--to", there.url)
        assert (code, out) == (0, "")
        assert "1 alert delivered, 0 kept" in err
        assert len(there.heads) == 1
    assert signal.getsignal(number) == before
    assert not Outbox.read(store).waiting


def test_a_loop_sends_again_what_failed(call: Call, store: Path) -> None:
    with receiving(500, lambda: os.kill(os.getpid(), signal.SIGTERM)) as there:
        code, _, err = call("--every", "1s", "--announce", "--to", there.url)
        assert code == 0
        assert "status 500" in err
        assert len(there.heads) == 2
    assert not Outbox.read(store).waiting


def test_a_rule_that_was_edited_begins_anew(call: Call, days: Days, tmp_path: Path, store: Path) -> None:
    edited = tmp_path / "mine.toml"
    edited.write_text(CLAIM.replace("value = true", "value = false"))
    call("--as-of", days.first)
    assert cli._run(["watch", str(edited), "--as-of", days.first, "--home", str(store)]) == 0
    assert [s.verdict for s in Outbox.read(store).seen.values()] == [days.verdicts[1]]
    assert not Outbox.read(store).delivered


def test_a_thesis_and_its_claims_are_rules(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["watch", "fragile-equilibrium", "--subject", "spx", "--subject", "ndx", "--as-of", "2024-06-28"]
    assert cli._run([*arguments, "--json", "--home", str(store)]) == 0
    found = json.loads(capsys.readouterr().out)
    names = ["fragile-equilibrium", *(f"fragile-equilibrium#{k}" for k in range(1, 5))]
    assert [(s["rule"], s["subject"]) for s in found["standings"]] == [(n, s) for s in ("SPX", "NDX") for n in names]
    assert found["recorded"] == 10
    assert len(found["standings"][0]["at"].split()) == 4


def test_what_is_not_known_yet_is_a_verdict(call: Call, days: Days) -> None:
    call("--as-of", "2001-01-05")
    _, out, _ = call("--as-of", days.first)
    assert f"not known → {days.verdicts[0]}" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--every", "0m"], "is no length of time"),
        (["--every", "soon"], "is no length of time"),
        (["--to", "http://example.org/s3cret"], "plain http to another machine"),
        (["--to", "https://"], "is no address"),
        (["--to", "https://a b/s3cret"], "is no address"),
        (["--to", "nowhere"], "is neither stdout"),
        (["--to", "nosuch://s3cret"], "no address that Apprise knows"),
        (["--since", "2025-01-02", "--as-of", "2025-01-02"], "is not before"),
        (["--subject", "NOPE", "--once"], "NOPE"),
    ],
)
def test_what_cannot_be_asked(call: Call, arguments: list[str], words: str) -> None:
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert "s3cret" not in err


def test_rules_must_be_named_and_named_apart(claim: Path, tmp_path: Path, store: Path) -> None:
    assert cli._run(["watch", "--home", str(store)]) == 2
    (tmp_path / "mine.toml").write_text(CLAIM)
    assert cli._run(["watch", str(claim), str(tmp_path / "mine.toml"), "--home", str(store)]) == 2


def test_addresses_are_masked() -> None:
    assert masked("https://u:p@hooks.example:8443/T0/B0?k=1") == "https://hooks.example:8443/…"
    assert masked("https://hooks.example?k=1") == "https://hooks.example/…"
    assert masked("slack://token/token") == "slack://…"
    assert masked("stdout") == "stdout"


@pytest.mark.parametrize("key", ["horizon", "counter", "falsifier", "text"])
def test_a_claim_alone_needs_all_its_keys(key: str) -> None:
    lines = [line for line in CLAIM.splitlines() if not line.startswith(key)]
    with pytest.raises(UsageError, match=f"key '{key}': it is missing"):
        parse("\n".join(lines), name="mine", file="mine.toml")


CUT = """\
text = "its short interest fell by a twelfth or more since the report before"
subject = "index"
metric = "crowding.change_last"
comparison = "<="
value = -0.0833
horizon = "1m"
falsifier = "a smaller fall, or a rise"
counter = "one report says little"
"""


@pytest.mark.data
def test_the_report_of_mid_june_2025(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Published on 2025-06-25 at 16:40, after the close: the 26th is the first session that knows it."""
    known = pl.scan_parquet(data / "finra/consolidated_20171229_20250613.parquet")
    recent = known.filter(pl.col("symbolCode") == "NVDA", pl.col("settlementDate").cast(pl.String) >= "2025-05-01")
    own = recent.collect()
    own.write_parquet(tmp_path / "nvda.parquet")
    now = datetime(2026, 1, 2, tzinfo=UTC)
    home = tmp_path / "store"
    import_paths(home, [tmp_path / "nvda.parquet"], options=Options(), dry_run=False, progress=lambda *_: None, now=now)
    (tmp_path / "cut.toml").write_text(CUT)

    def told(*days: str) -> Any:
        arguments = ["--subject", "NVDA", "--since", days[0], "--as-of", days[1], "--json", "--dry-run"]
        assert cli._run(["watch", str(tmp_path / "cut.toml"), *arguments, "--home", str(home)]) == 0
        return json.loads(capsys.readouterr().out)["alerts"]

    assert told("2025-06-24", "2025-06-25") == []
    (alert,) = told("2025-06-24", "2025-06-26")
    figure = alert["figures"][0]
    assert (alert["before"], alert["verdict"], alert["at"]) == ("does not hold", "holds", "2025-06-13")
    assert figure["known_at"] == "2025-06-25T20:40:00Z"
    last = own.sort("settlementDate").row(-1, named=True)
    change = last["currentShortPositionQuantity"] / last["previousShortPositionQuantity"] - 1
    assert figure["value"] == pytest.approx(change)
    assert figure["value"] == pytest.approx(-0.0983, abs=5e-5)
