"""``overshort serve`` and ``overshort brief SUBJECT`` as their user meets them."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

import overshort
from overshort.store.lake import Lake
from surfaces.conftest import Run

DAY = "2024-06-28"
SLOW = ("fastapi", "starlette", "uvicorn", "jinja2", "plotly")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--host", "0.0.0.0"), 2, "needs a token"),
        (("--host", "desk.example"), 2, "needs a token"),
        (("--token", "short"), 2, "the token has 5 characters"),
        (("--token", "ü" * 20), 2, "ASCII only"),
        (("--port", "65536"), 2, "--port 65536 is no port"),
        (("--port", "1.5"), 2, "no whole number"),
        (("--home", "/nowhere/at/all"), 3, "no store"),
    ],
)
def test_what_cannot_be_served_says_why(
    run: Run, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: int, words: str
) -> None:
    monkeypatch.delenv("OVERSHORT_TOKEN", raising=False)
    found = run("serve", *arguments)
    assert found[0] == code
    assert words in found[2]


def started(home: Path, *arguments: str, **environment: str) -> tuple[subprocess.Popen[str], str]:
    """Start a server in a process of its own; give it and its address."""
    source = Path(overshort.__file__).parents[1]
    command = [sys.executable, "-c", "from overshort.surfaces.cli import main; main()", "serve", "--port", "0"]
    inherited = os.environ | {"OVERSHORT_HOME": str(home), "PYTHONPATH": str(source)} | environment
    pipe = subprocess.PIPE
    process = subprocess.Popen([*command, *arguments], env=inherited, stdout=pipe, stderr=pipe, text=True)
    assert process.stdout is not None
    return process, process.stdout.readline().rpartition(" at ")[2].partition(" ")[0]


def test_it_serves_the_loopback_until_it_is_interrupted(home: Path) -> None:
    process, url = started(home, OVERSHORT_TOKEN="a-token-of-enough-letters")
    try:
        assert url.startswith("http://127.0.0.1:")
        transport = httpx2.HTTPTransport(retries=5)
        with httpx2.Client(base_url=url, transport=transport, timeout=30) as client:
            assert client.get("/api/v1/metrics").status_code == 401
            answer = client.get("/api/v1/metrics", auth=("anybody", "a-token-of-enough-letters"))
            assert answer.status_code == 200
            assert "server" not in answer.headers
    finally:
        process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode in (0, 130)
    assert "Traceback" not in out + err


def test_a_port_that_is_taken_is_one_sentence(home: Path) -> None:
    process, url = started(home)
    second, _ = started(home, "--port", url.rpartition(":")[2])
    _, err = second.communicate(timeout=30)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert second.returncode == 2
    assert "Traceback" not in err
    assert "--port" in err


def test_help_loads_nothing_of_the_server() -> None:
    told = f"import sys; print(*(set({SLOW!r}) & set(sys.modules)))"
    code = f"from overshort.surfaces import cli; cli._run(['--help']); cli._run(['serve', '--help']); {told}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == ""


def test_the_brief_of_a_stock_or_index(run: Run, home: Path, tmp_path: Path) -> None:
    symbol = str(Lake.open(home).scan("short_interest").select("symbol").collect()["symbol"].sort()[0])
    file = tmp_path / "stock.html"
    code, out, _ = run("brief", symbol.lower(), "--as-of", DAY, "-o", str(file))
    assert code == 0
    assert f"{symbol}: the short side as of {DAY}" in out
    assert "At a glance" in file.read_text("utf-8")
    code, out, _ = run("brief", "NDX", "--as-of", DAY, "--since-last")
    assert code == 0
    assert "Since the report of 2024-05-31" in out
    assert "Russell" not in out
    code, _, err = run("brief", "NOSUCH9")
    assert code == 2
    assert "NOSUCH9 has no short-interest row" in err
