"""The pages as a reader meets them: in a real browser, which tells of every request and every complaint."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from surfaces.web.conftest import DAY, Server

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
