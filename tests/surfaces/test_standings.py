"""The screen tells a split as the panel does, which has all reports: by the volume of the report before."""

from datetime import date
from pathlib import Path

import polars as pl

from overshort.engine.computing import compute
from overshort.engine.moment import moment
from overshort.engine.scope import listed
from overshort.engine.screen import newest_reports, screen
from overshort.schema import TABLES
from overshort.store.lake import Lake


def test_the_report_before_is_kept_and_every_score_is_the_panels(home: Path) -> None:
    lake = Lake.open(home)
    instant = moment("2024-06-28").instant
    dates, tables = newest_reports(lake, instant, 1)
    kept = tables["short_interest"].select("settlement").unique().collect()["settlement"].sort().to_list()
    assert dates == [date(2024, 6, 14)]
    assert kept == [date(2024, 5, 31), date(2024, 6, 14)]
    rows = screen(lake, instant, "LISTED").rows
    whole = compute({n: lake.scan(n) for n in TABLES}, listed(rows["symbol"]), ["squeeze.score"])
    own = whole.filter(pl.col("at").dt.date() == dates[0], pl.col("known_at") <= instant)
    newest = own.sort("known_at").group_by("subject").last().sort("subject")
    assert newest["subject"].to_list() == rows["symbol"].to_list()
    assert newest["value"].equals(rows["score"], check_names=False)
