"""The pages as a reader meets them: in a real browser, which tells of every request and every complaint."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from overshort.engine.forecasts import forecasts, write
from overshort.engine.moment import moment, now
from overshort.engine.panel import market, panel
from overshort.engine.studies import Known
from overshort.store.lake import Lake
from overshort.surfaces.page.screen import COLUMNS
from overshort.surfaces.web import application
from surfaces.web.conftest import DAY, Server, serving

pytestmark = pytest.mark.browser
PAGES = ["/index/SPX", "/index/NASDAQ"]


class Watched:
    """A page, where it asked, and what its console said."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.hosts: set[str | None] = set()
        self.said: list[str] = []
        page.on("request", lambda r: self.hosts.add(urlsplit(r.url).hostname if "://" in r.url else "127.0.0.1"))
        page.on("console", lambda m: self.said.append(m.text))
        page.on("pageerror", lambda e: self.said.append(str(e)))

    def quiet(self) -> None:
        """Wait for the last picture; nothing left the loopback and nothing was complained of."""
        self.page.wait_for_selector("html[data-drawn]", state="attached")
        assert self.hosts == {"127.0.0.1"}
        assert self.said == []


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield Watched(context.new_page())
    context.close()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_draws_its_pictures_and_asks_nobody_else(server: Server, watched: Watched, path: str) -> None:
    watched.page.goto(f"{server.url}{path}?as_of={DAY}")
    expect(watched.page.locator(".plot .main-svg").first).to_be_attached()
    watched.quiet()
    assert watched.page.locator("figure").count() == watched.page.locator(".plot.js-plotly-plot").count() > 0


def test_the_date_moves_the_whole_page(server: Server, watched: Watched) -> None:
    page = watched.page
    page.goto(f"{server.url}/index/SPX?as_of={DAY}")
    expect(page.locator("h1")).to_contain_text(DAY)
    page.fill("#as_of", "2023-03-01")
    page.click(".moment button")
    page.wait_for_url("**/index/SPX?as_of=2023-03-01")
    expect(page.locator("h1")).to_contain_text("2023-03-01")
    watched.quiet()
    page.keyboard.press("[")
    page.wait_for_url("**/index/SPX?as_of=2023-02-*")
    page.click("a.step[rel=next]")
    page.wait_for_url("**/index/SPX?as_of=2023-0*")
    dates = page.locator(".note dl dd").all_text_contents()
    assert dates


def test_a_number_opens_its_definition_by_keyboard(server: Server, watched: Watched) -> None:
    page = watched.page
    page.goto(f"{server.url}/index/SPX?as_of={DAY}")
    number = page.locator("button.number[data-id='crowding.rank_1y']").first
    number.focus()
    page.keyboard.press("Enter")
    note = page.locator(".note:popover-open")
    expect(note).to_contain_text("crowding.rank_1y")
    page.keyboard.press("Escape")
    expect(page.locator(".note:popover-open")).to_have_count(0)


@pytest.fixture(scope="session")
def symbol(home: Path) -> str:
    """A stock of the simulated market."""
    return str(Lake.open(home).scan("short_interest").select("symbol").collect()["symbol"].sort()[0])


def test_a_stock_is_found_from_any_page(server: Server, watched: Watched, symbol: str) -> None:
    page = watched.page
    page.goto(f"{server.url}/index/SPX?as_of={DAY}")
    watched.quiet()
    page.keyboard.press("/")
    page.keyboard.type(symbol.lower())
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/stock/{symbol}?as_of={DAY}")
    expect(page.locator("h1")).to_have_text(f"{symbol}: the short side as of {DAY}", timeout=60_000)
    watched.quiet()


def test_a_book_is_handed_in(server: Server, watched: Watched, symbol: str, tmp_path: Path) -> None:
    file = tmp_path / "book.csv"
    file.write_text(f"symbol,shares,price,entry\n{symbol},-1000,10,8\nNOSUCH9,5,,\n")
    page = watched.page
    page.goto(f"{server.url}/book?as_of={DAY}")
    page.set_input_files("#file", file)
    page.click("form.hand-in button")
    expect(page.locator("#positions")).to_contain_text(symbol, timeout=60_000)
    expect(page.locator("#rejected")).to_contain_text("NOSUCH9")
    expect(page.locator("#overlap")).to_contain_text("top decile")
    watched.quiet()


def test_the_screen_sorts_and_filters_by_keyboard(server: Server, watched: Watched) -> None:
    page = watched.page
    page.goto(f"{server.url}/screen?universe=SPX&by=score&top=20&as_of={DAY}")
    days = page.locator("#stocks th", has=page.get_by_role("button", name="days", exact=True))
    cells = page.locator(f"#stocks tbody tr td:nth-child({list(COLUMNS).index('dtc') + 3})")
    days.locator("button").focus()
    for pressed, order in (("Enter", "descending"), (" ", "ascending")):
        page.keyboard.press(pressed)
        expect(days).to_have_attribute("aria-sort", order)
        values = [float(v) for v in cells.evaluate_all("all => all.map(c => c.dataset.value)")]
        assert values == sorted(values, reverse=order == "descending")
        assert len(set(values)) > 10
    expect(page.locator("#stocks th[aria-sort$=ending]")).to_have_count(1)
    names = page.locator("#stocks tbody th")
    head = page.locator("#stocks thead th").first
    head.locator("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    symbols = names.all_text_contents()
    assert symbols == sorted(symbols)
    head.locator("button").click()
    assert names.all_text_contents() == symbols[::-1]
    page.fill("#filter", symbols[3].lower())
    shown = [s for s in symbols if symbols[3] in s]
    expect(page.locator("#stocks tbody tr:visible th")).to_contain_text(shown[::-1][:1])
    assert page.locator("#stocks tbody tr:visible").count() >= len(shown)
    page.fill("#filter", "no such company")
    expect(page.locator("#stocks tbody tr:visible")).to_have_count(0)
    expect(page.locator("#matched")).to_have_text("0 of 20")
    page.select_option("#by", "dtc")
    page.click("form.asked button")
    page.wait_for_url("**/screen?*by=dtc*")
    page.fill("#as_of", "2023-03-01")
    page.click(".moment button")
    page.wait_for_url("**/screen?universe=SPX&by=dtc&top=20&as_of=2023-03-01")
    watched.quiet()


def test_a_commentary_is_audited(server: Server, watched: Watched) -> None:
    page = watched.page
    page.goto(f"{server.url}/audit?as_of={DAY}")
    page.fill("#text", "Short interest of the S&P 500 rose 3.1% over the past year. <b>Tea</b> is fine.")
    page.click("form.hand-in button")
    expect(page.locator("#overview")).to_contain_text("crowding.change_12m", timeout=60_000)
    expect(page.locator("#text")).to_have_value(re.compile("<b>Tea</b>"))
    watched.quiet()


def test_a_study_comes_by_itself(server: Server, watched: Watched) -> None:
    page = watched.page
    page.goto(f"{server.url}/study?as_of={DAY}")
    expect(page.locator("#theses")).to_contain_text("persistent-momentum", timeout=60_000)
    page.fill("#claim", "refusal.state_3m=FLAT")
    page.fill("#subject", "RUT")
    page.click("form.asked button")
    expect(page.locator("h1")).to_contain_text("refusal.state_3m=FLAT", timeout=60_000)
    expect(page.locator(".plot .main-svg").first).to_be_attached()
    watched.quiet()


@pytest.fixture(scope="module")
def forecasting(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of a store with back-tests in its ledger."""
    own = tmp_path_factory.mktemp("forecasting") / "store"
    shutil.copytree(home, own)
    lake = Lake.open(own)
    for then in map(moment, ("2021-06-30", "2022-06-30", "2023-06-30")):
        write(forecasts(Known(panel(lake, market()), then.instant)), lake, then, now())
    yield from serving(application(lake))


def test_the_ledger_draws_its_reliability(forecasting: Server, watched: Watched) -> None:
    page = watched.page
    page.goto(f"{forecasting.url}/forecasts?as_of={DAY}")
    expect(page.locator("#backtest")).to_contain_text("Brier score", timeout=120_000)
    watched.quiet()
    assert page.locator("#backtest .plot.js-plotly-plot").count() == 1
    keep_picture(page, "ledger-1280-light")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_pages_fit_desk_and_phone_by_day_and_night(
    server: Server, browser: Browser, symbol: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    watched = Watched(context.new_page())
    others = (
        [f"/stock/{symbol}", "/book", "/screen", "/audit", "/forecasts", "/study"]
        if (width > 1000) == (scheme == "light")
        else []
    )
    for path in ("/index/SPX", *others):
        watched.page.goto(f"{server.url}{path}?as_of={DAY}")
        expect(watched.page.locator("#progress")).to_have_count(0, timeout=60_000)
        watched.page.wait_for_selector("html[data-drawn]", state="attached", timeout=60_000)
        assert watched.page.evaluate("document.documentElement.scrollWidth") == width
        ground = watched.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == ("rgb(14, 17, 22)" if scheme == "dark" else "rgb(247, 247, 244)")
        keep_picture(watched.page, f"{path.strip('/').replace('/', '-')}-{width}-{scheme}")
    watched.quiet()
    context.close()


def keep_picture(page: Page, name: str) -> None:
    """Write a picture of a page where somebody wants to look at it."""
    if folder := os.environ.get("OVERSHORT_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_a_page_shows_its_progress_can_be_stopped_and_then_comes(home: Path, tmp_path: Path, watched: Watched) -> None:
    cold = tmp_path / "store"
    shutil.copytree(home, cold, ignore=shutil.ignore_patterns("panel-*"))
    for server in serving(application(Lake.open(cold))):
        page = watched.page
        page.goto(f"{server.url}/index/SPX?as_of={DAY}")
        expect(page.locator("h1")).to_have_text("overshort is measuring")
        keep_picture(page, "progress")
        page.click("#progress button")
        expect(page.locator("h1")).to_have_text("Stopped")
        page.go_back()
        page.reload()
        expect(page.locator("#said")).to_contain_text("steps")
        expect(page.locator("h1")).to_contain_text("S&P 500 members", timeout=120_000)
        watched.quiet()
        assert len(list((cold / "cache").iterdir())) == 1
