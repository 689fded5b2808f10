"""The screen as page, document and table."""

import csv
import io

import pytest

from surfaces.conftest import Run
from surfaces.web.conftest import DAY, Server


def test_the_document_is_the_command_lines(server: Server, run: Run) -> None:
    found = server.get(f"/api/v1/screen?universe=spx&by=dtc&top=5&as_of={DAY}").text
    assert found == run("screen", "SPX", "--by", "dtc", "--top", "5", "--as-of", DAY, "--json")[1]


def test_the_page_has_a_row_and_a_link_for_every_stock_and_a_table_to_take_along(server: Server) -> None:
    asked = f"universe=SPX&by=dtc&top=7&as_of={DAY}"
    rows = server.get(f"/api/v1/screen?{asked}").json()["rows"]
    page = server.measured(f"/screen?{asked}").text
    for row in rows:
        assert f'<a href="/stock/{row["symbol"]}?as_of={DAY}">{row["symbol"]}</a>' in page
    assert page.count('<th scope="row"><a href="/stock/') == len(rows) == 7
    table = server.get(f"/api/v1/screen?{asked}&format=csv")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert [r["symbol"] for r in csv.DictReader(io.StringIO(table.text))] == [r["symbol"] for r in rows]


def test_a_page_without_a_day_is_sent_to_the_one_that_has_it_with_all_that_was_asked(server: Server) -> None:
    answer = server.get("/screen?universe=NDX&top=3")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/screen?universe=NDX&by=score&top=3&as_of=20")


@pytest.mark.parametrize(
    ("asked", "code", "words"),
    [
        ("universe=FOO", 404, "is no universe; give one of SPX"),
        ("universe=<script>alert(1)</script>", 404, "is no universe"),
        ("by=beauty", 400, "cannot be sorted by"),
        ("top=-1", 422, "top: input should be greater than or equal to"),
        ("top=many", 422, "top: input should be a valid integer"),
        ("as_of=1999-01-04", 404, "no complete report of short interest was known then"),
        ("as_of=soon", 400, "soon"),
        (f"universe={'X' * 9000}", 422, "universe: string should have at most 40 characters"),
    ],
)
def test_what_no_screen_can_be_is_one_sentence(server: Server, asked: str, code: int, words: str) -> None:
    day = "" if "as_of" in asked else f"&as_of={DAY}"
    answer = server.get(f"/api/v1/screen?{asked}{day}")
    assert answer.status_code == code
    assert words in answer.json()["error"]
    assert "\n" not in answer.json()["error"]
    page = server.measured(f"/screen?{asked}{day}")
    assert page.status_code == code
    assert "<script>alert" not in page.text
