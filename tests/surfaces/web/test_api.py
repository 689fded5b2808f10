"""The programs' interface: the same as the command line says, as of any day, and one sentence where it says nothing."""

import csv
import io
import json
from typing import Any

import pytest

from overshort.metrics import registry
from overshort.store.lake import Lake
from surfaces.conftest import Run
from surfaces.web.conftest import DAY, Server

HOSTILE = [
    "2024-13-01",
    "yesterday",
    "1776-07-04",
    "9999-12-31",
    "2024-06-28'--",
    "../../etc/passwd",
    "\x00",
    "٢٠٢٤-٠٦-٢٨",
    "0" * 9000,
]


def api(server: Server, path: str) -> Any:
    answer = server.measured(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.text
    return json.loads(answer.text, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))


def test_the_brief_is_the_command_lines_byte_for_byte(server: Server, run: Run) -> None:
    assert server.get(f"/api/v1/brief?as_of={DAY}").text == run("brief", "--as-of", DAY, "--json")[1]


@pytest.mark.parametrize("subject", ["SPX", "NASDAQ", "VIX", "SPY"])
def test_the_brief_of_one_subject_is_too(server: Server, run: Run, subject: str) -> None:
    found = server.get(f"/api/v1/brief?as_of={DAY}&subject={subject}").text
    assert found == run("brief", subject, "--as-of", DAY, "--json")[1]
    whole = api(server, f"brief?as_of={DAY}")
    own = {f["key"] for f in json.loads(found)["figures"]}
    assert own == {
        f["key"] for f in whole["figures"] if f["subject"] in {subject, *({"SPY", "VIX"} if subject == "SPX" else ())}
    }
    said = {c["id"]: c["text"] for c in whole["claims"]}
    assert all(said[c["id"]] == c["text"] for c in json.loads(found)["claims"])


def test_figures_are_the_command_lines(server: Server, run: Run) -> None:
    found = server.get(f"/api/v1/figures?subject=NDX&id=crowding.rank&as_of={DAY}").text
    assert found == run("figures", "crowding.rank", "--subject", "NDX", "--as-of", DAY, "-f", "json")[1]


def test_a_stock_has_figures_and_a_brief(server: Server, home: Any, run: Run) -> None:
    symbol = Lake.open(home).scan("short_interest").select("symbol").collect()["symbol"].sort()[0]
    assert {f["subject"] for f in api(server, f"figures?subject={symbol.lower()}&as_of={DAY}")["figures"]} == {symbol}
    assert api(server, f"brief?subject={symbol}&as_of={DAY}")["subject"] == symbol
    page = server.measured(f"/stock/{symbol}?as_of={DAY}")
    assert page.status_code == 200
    assert f"{symbol}: the short side as of {DAY}" in page.text
    code, out, _ = run("brief", symbol, "--as-of", DAY)
    assert code == 0
    assert "At a glance" in out
    assert "members" not in out.partition("At a glance")[2].partition("Not measured")[0]


def test_a_panel_is_the_history_and_never_looks_ahead(server: Server) -> None:
    found = api(server, f"panel?id=crowding.rank_1y&subject=SPX&as_of={DAY}")
    assert found["unit"] == registry()["crowding.rank_1y"].unit
    assert len(found["rows"]) > 50
    assert max(r["known_at"] for r in found["rows"]) <= f"{DAY}T23:59:59Z"
    table = server.get(f"/api/v1/panel?id=crowding.rank_1y&subject=SPX&as_of={DAY}&format=csv")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert [r["value"] or None for r in csv.DictReader(io.StringIO(table.text))] == [
        None if r["value"] is None else str(r["value"]) for r in found["rows"]
    ]


def test_bars_are_those_known_by_then(server: Server) -> None:
    found = api(server, f"bars?symbol=SPY&limit=3&as_of={DAY}")["bars"]
    assert [b["session"] for b in found] == ["2024-06-26", "2024-06-27", "2024-06-28"]
    assert api(server, "bars?symbol=SPY&limit=1&as_of=2024-06-29")["bars"][0]["session"] == "2024-06-28"


def test_metrics_are_all_declared(server: Server) -> None:
    assert [m["id"] for m in api(server, "metrics")["metrics"]] == list(registry())
    assert api(server, "metrics/crowding.dtc")["unit"] == "days"


def test_status_names_the_store_and_not_its_folder(server: Server, home: Any) -> None:
    found = api(server, f"status?as_of={DAY}")
    assert found["store"] == home.name
    assert str(home) not in json.dumps(found)
    assert found["due_report"] == "2024-06-14"


@pytest.mark.parametrize("day", HOSTILE)
def test_a_day_that_is_none_is_one_sentence(server: Server, day: str) -> None:
    for path in ("brief", "status", "figures", "bars", "panel"):
        more = {"subject": "SPX", "id": "crowding.chain", "symbol": "SPY"}
        answer = server.get(f"/api/v1/{path}", params={"as_of": day, **more})
        assert answer.status_code in (400, 404, 414, 431), (path, answer.status_code)
        if answer.status_code < 410:
            assert "\n" not in answer.json()["error"]
    assert server.get("/index/SPX", params={"as_of": day}).status_code in (400, 404, 414, 431)


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("figures?subject=NOSUCH", 404, "no stock with a short-interest row"),
        ("figures?subject=%00%27", 404, "no stock"),
        ("figures", 422, "subject: field required"),
        ("figures?subject=SPX&id=crwding", 404, "crwding"),
        ("panel?subject=SPX&id=nothing", 404, "nothing"),
        ("panel?subject=SPX&id=crowding.chain&format=xls", 422, "format"),
        ("bars?symbol=SPY&limit=0", 422, "limit"),
        ("bars?symbol=SPY&limit=999999", 422, "limit"),
        ("bars?symbol=NOSUCH", 404, "no '1d' bar"),
        ("metrics/nothing.here", 404, "nothing.here"),
        ("figures?subject=SPX&as_of=2018-01-31", 404, "no figure was known by 2018-01-31"),
        ("brief?as_of=2018-01-31", 404, "no report was known by 2018-01-31"),
        ("nowhere", 404, "not found"),
    ],
)
def test_what_cannot_be_answered_is_one_sentence(server: Server, path: str, status: int, words: str) -> None:
    answer = server.get(f"/api/v1/{path}")
    assert answer.status_code == status
    assert words in answer.json()["error"]


@pytest.mark.parametrize(
    "path", ["/index/XXX", "/stock/NOSUCH", "/stock?symbol=%3Cscript%3E", "/picture/none/SPX", "/a/b", "/static/none"]
)
def test_a_page_that_is_not_there_says_so(server: Server, path: str) -> None:
    answer = server.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "<script>" not in answer.text


def test_nothing_but_books_commentaries_and_leaving_is_sent(server: Server) -> None:
    for path in ("/", "/index/SPX", "/api/v1/brief", "/work/market"):
        assert server.client.post(path).status_code == 405
    described = server.get("/api/v1/openapi.json").json()
    assert sorted(p for p, ways in described["paths"].items() if set(ways) != {"get"}) == [
        "/api/v1/audit",
        "/api/v1/book",
    ]


def test_an_answer_that_still_holds_is_not_sent_again(server: Server) -> None:
    first = server.get(f"/index/SPX?as_of={DAY}")
    again = server.get(f"/index/SPX?as_of={DAY}", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = server.get("/index/SPX?as_of=2024-06-27", headers={"if-none-match": first.headers["etag"]})
    assert other.status_code == 200


def test_every_address_names_its_day(server: Server) -> None:
    answer = server.get("/")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/index/SPX?as_of=")
    assert server.get("/stock?symbol=ndx&as_of=2024-01-02").headers["location"] == "/index/NDX?as_of=2024-01-02"
    assert server.get("/index/ndx?as_of=2024-01-02").headers["location"] == "/index/NDX?as_of=2024-01-02"


def test_the_description_tells_units_and_every_parameter(server: Server) -> None:
    described = server.get("/api/v1/openapi.json").json()
    for path, ways in described["paths"].items():
        for way in ways.values():
            assert way["description"], path
            assert all(p.get("description") or p["in"] == "path" for p in way.get("parameters", []))
            assert path.startswith("/api/v1/metrics") or "as_of" in {p["name"] for p in way["parameters"]}
    assert "Unit of" in described["components"]["schemas"]["FigureModel"]["properties"]["unit"]["description"]


def book(server: Server, path: str, content: bytes, **fields: str) -> Any:
    return server.client.post(path, files={"file": ("b.csv", content, "text/csv")}, data=fields)


def test_a_book_is_measured_and_forgotten(server: Server, home: Any, run: Run, tmp_path: Any) -> None:
    symbol = Lake.open(home).scan("short_interest").select("symbol").collect()["symbol"].sort()[0]
    content = f"symbol,shares,price\n{symbol},-100,5\n<b>,1,1\n".encode()
    (tmp_path / "b.csv").write_bytes(content)
    answer = book(server, f"/api/v1/book?as_of={DAY}", content)
    assert answer.status_code == 200
    assert answer.text == run("book", str(tmp_path / "b.csv"), "--as-of", DAY, "--json")[1]
    assert answer.headers["cache-control"] == "no-store"
    page = book(server, "/book", content, as_of=DAY)
    assert page.status_code == 200
    assert "&lt;b&gt;" in page.text
    for wrong in (b"", b"\xff\xfe\x00", b"a,b\n1,2"):
        refused = book(server, "/api/v1/book", wrong)
        assert refused.status_code == 400
        assert "the book" in refused.json()["error"]
    assert book(server, "/api/v1/book", b"x" * 1_100_000).status_code == 413
    assert server.client.post("/api/v1/book").status_code == 422
