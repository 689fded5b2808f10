"""The protocol server, asked by the reference client over its standard input and output."""

import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

import overshort
from overshort.surfaces.mcp.offers import OFFERS
from surfaces.conftest import Run

DAY = "2024-06-28"
HOW = ("--subject-default", "RUT", "--resolve-at", "2025-01-10")
POST = "The VIX closed at 14. Short interest is up 4% since the last report."
SOURCE = str(Path(overshort.__file__).parents[1])
PATIENCE = 120
Ask = Callable[..., Awaitable[Any]]


def environment(home: Path) -> dict[str, str]:
    return {"OVERSHORT_HOME": str(home), "PYTHONPATH": SOURCE}


def asked(home: Path, questions: Mapping[str, tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """Start the server, list its tools, ask everything, and give the answers by label."""

    async def talk() -> dict[str, Any]:
        server = StdioServerParameters(command=sys.executable, args=["-m", "overshort", "mcp"], env=environment(home))
        with anyio.fail_after(PATIENCE):
            async with stdio_client(server) as (reads, writes), ClientSession(reads, writes) as session:
                found = {"": await session.initialize(), "tools": (await session.list_tools()).tools}
                for label, (tool, arguments) in questions.items():
                    found[label] = await session.call_tool(tool, arguments)
                return found

    return anyio.run(talk)


SOUND = {
    "figures": ("figures", {"subjects": ["NDX"], "ids": ["crowding.rank", "crowding.since"], "as_of": DAY}),
    "history": ("figures", {"subjects": ["NDX"], "ids": ["crowding.chain"], "as_of": DAY, "history": True}),
    "metrics": ("metrics", {"subject": "VIX", "as_of": DAY}),
    "explain": ("explain", {"id": "crowding.change_12m", "subject": "NDX", "rows": 3, "as_of": DAY}),
    "brief": ("brief", {"as_of": DAY}),
    "full": ("brief", {"as_of": DAY, "full": True}),
    "screen": ("screen", {"universe": "SPX", "top": 4, "as_of": DAY}),
    "streaks": ("streaks", {"length": 3, "as_of": DAY}),
    "study": ("study", {"claim": "volatility.cycle_low", "horizon": 21, "as_of": DAY}),
    "audit": ("audit", {"text": POST, "subject_default": "rut", "resolve_at": "2025-01-10", "as_of": DAY}),
    "forecasts": ("forecasts", {"subjects": ["NDX"], "events": ["cover5_3m"], "as_of": DAY}),
    "theses": ("theses", {}),
    "thesis": ("theses", {"name": "fragile-equilibrium", "subject": "NDX", "as_of": DAY}),
}
MISTAKEN = {
    "subject": ("figures", {"subjects": ["NOSUCH"], "ids": ["crowding.chain"]}, "NOSUCH has no short-interest row"),
    "id": ("explain", {"id": "crowding.chian", "subject": "SPX"}, "did you mean crowding.chain"),
    "early": ("brief", {"as_of": "2018-01-31"}, "no report was known by 2018-01-31"),
    "date": ("brief", {"as_of": "31.1.2018"}, "as_of = '31.1.2018': String should match pattern"),
    "month": ("brief", {"as_of": "2024-13-01"}, "2024-13-01"),
    "lacking": ("figures", {"subjects": ["SPX"]}, "ids"),
    "negative": ("screen", {"top": -1}, "top = -1: Input should be greater than or equal to 0"),
    "empty": ("audit", {"text": " "}, "the text is empty"),
    "file": ("theses", {"name": "/etc/thesis.toml"}, "no thesis is called '/etc/thesis.toml'"),
    "event": ("forecasts", {"events": ["rain"]}, "'rain' is no covering event"),
    "claim": ("study", {"claim": "volatility.cycle_lov"}, "volatility.cycle_lov"),
    "by": ("screen", {"by": "beauty"}, "sorted by 'beauty'; give one of score"),
}


@pytest.fixture(scope="module")
def found(home: Path) -> dict[str, Any]:
    return asked(home, SOUND | {k: (tool, given) for k, (tool, given, _) in MISTAKEN.items()})


def content(answer: Any) -> Any:
    assert not answer.is_error, answer.content
    told = json.loads(answer.content[0].text, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))
    assert told == answer.structured_content
    return told


def test_it_says_who_it_is_and_that_this_is_no_advice(found: dict[str, Any]) -> None:
    assert (found[""].server_info.name, found[""].server_info.version) == ("overshort", overshort.__version__)
    assert "not investment advice" in found[""].instructions


def test_every_tool_reads_only_and_describes_itself_and_its_arguments(found: dict[str, Any]) -> None:
    assert [t.name for t in found["tools"]] == [offer.__name__ for offer in OFFERS]
    for tool in found["tools"]:
        assert tool.description.endswith(".")
        assert tool.annotations.read_only_hint is True
        assert tool.annotations.destructive_hint is False
        described = tool.input_schema["properties"]
        assert "as_of" in described
        assert all(argument["description"] for argument in described.values())


SAME = {
    "figures": ("figures", "crowding.rank", "crowding.since", "--subject", "NDX", "-f", "json"),
    "full": ("brief", "--json"),
    "explain": ("explain", "crowding.change_12m", "--subject", "NDX", "--rows", "3", "--json"),
    "screen": ("screen", "SPX", "--top", "4", "--json"),
    "streaks": ("streaks", "--length", "3", "--json"),
    "study": ("study", "volatility.cycle_low", "--horizon", "21", "--json"),
    "forecasts": ("forecast", "--subject", "NDX", "--event", "cover5_3m", "--dry-run", "--json"),
    "thesis": ("thesis", "fragile-equilibrium", "--subject", "NDX", "--json"),
}


@pytest.mark.parametrize("label", SAME)
def test_an_answer_is_that_of_the_command_line(found: dict[str, Any], run: Run, label: str) -> None:
    told, answer = json.loads(run(*SAME[label], "--as-of", DAY)[1]), content(found[label])
    assert {k: answer[k] for k in told} == told
    assert set(answer) - set(told) <= {"as_of", "simulated", "attribution", "disclaimer"}


def test_an_audited_text_and_the_library_are_those_of_the_command_line(
    found: dict[str, Any], run: Run, tmp_path: Path
) -> None:
    post = tmp_path / "the text"
    post.write_text(POST, "utf-8")
    code, out, _ = run(
        "audit", str(post), "--subject-default", "RUT", "--resolve-at", "2025-01-10", "--as-of", DAY, "--json"
    )
    told, answer = json.loads(out), content(found["audit"])
    assert code == 0
    assert {k: answer[k] for k in told} == told
    assert [c["subject"] for c in told["claims"]] == ["VIX", "RUT"]
    assert content(found["theses"]) == json.loads(run("thesis", "--json")[1])


def test_no_tool_writes(found: dict[str, Any]) -> None:
    assert content(found["forecasts"])["written"] == []


def test_nothing_later_than_the_asked_day_is_told(found: dict[str, Any]) -> None:
    for row in (*content(found["history"])["rows"], *content(found["figures"])["figures"]):
        assert row["known_at"] <= "2024-06-29T03:59:59Z"
    assert len(content(found["history"])["rows"]) > 100


def test_a_short_brief_says_what_the_whole_one_says_without_its_figures(found: dict[str, Any]) -> None:
    short, full = content(found["brief"]), content(found["full"])
    assert "figures" not in short
    assert {k: full[k] for k in short if k != "missing"} == {k: v for k, v in short.items() if k != "missing"}
    assert {r["reason"] for r in short["missing"]} == {r["reason"] for r in full["missing"]}


def test_metrics_lists_what_a_subject_has(found: dict[str, Any]) -> None:
    ids = {m["id"] for m in content(found["metrics"])["metrics"]}
    assert "volatility.cycle_low" in ids
    assert "crowding.chain" not in ids


@pytest.mark.parametrize("label", MISTAKEN)
def test_a_mistake_is_a_tool_error_of_one_sentence(found: dict[str, Any], label: str) -> None:
    answer, words = found[label], MISTAKEN[label][2]
    assert answer.is_error
    assert words in answer.content[0].text
    assert "\n" not in answer.content[0].text
    assert "Traceback" not in answer.content[0].text


def test_standard_output_holds_nothing_but_the_protocol(home: Path) -> None:
    """Speak the protocol by hand, so that no client forgives a stray line."""
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "by hand", "version": "1"}}
    said = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "streaks", "arguments": {"length": 2}}},
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "overshort", "mcp"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environment(home),
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        process.stdin.writelines(json.dumps(m) + "\n" for m in said)
        process.stdin.flush()
        lines = [process.stdout.readline() for _ in range(2)]
        process.stdin.close()
        lines += process.stdout.read().splitlines()
    told = [json.loads(line) for line in lines]
    assert [t["id"] for t in told] == [1, 2]
    assert all(t["jsonrpc"] == "2.0" and "result" in t for t in told)
    assert process.returncode == 0


def test_without_its_library_it_says_what_to_install(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [m for m in sys.modules if m.startswith("overshort.surfaces.mcp")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "mcp.server", None)
    code, _, err = run("mcp")
    assert code == 2
    assert "install overshort[mcp]" in err
