"""The exchange's own announced totals of short interest, typed from its announcements.

A total is known on the day of its announcement at 16:40 New York; where that day was not seen, on the day that the
publication calendar gives.  Totals that differ from the sum of their parts by more than rounding are refused; the
announcement of 2025-04-30 is one share off and stays as announced.
"""

import polars as pl

from overshort.sessions import PUBLISHED
from overshort.sources.declare import (
    Extract,
    Options,
    Rule,
    Source,
    extracted,
    instant,
    rows_of,
    sift,
    single,
    with_publication,
)
from overshort.sources.reading import absent, csv_rows, day, decoded, first_names, whole

__all__ = ["ANNOUNCEMENTS"]

SUBJECT, DATASET = "NASDAQ", "finra.short_interest"
PARTS = {"all": "total", "NNM": "global_market", "SC": "capital_market"}
"""Market of the table, and how the file's columns begin."""
COUNTS = tuple(f"{part}_{what}" for part in PARTS.values() for what in ("issues", "shares"))
NEEDED = ("settlement_date", "published_date", *COUNTS)
TOLERANCE = 1e-5


def _rules() -> list[Rule]:
    total, parts = pl.col("total_shares_"), pl.col("global_market_shares_") + pl.col("capital_market_shares_")
    return [
        Rule("settlement date '{}' is not a date YYYY-MM-DD", ["settlement_date"], pl.col("settlement").is_not_null()),
        Rule("announcement date '{}' is not a date YYYY-MM-DD", ["published_date"], pl.col("published_date_ok")),
        Rule(
            "announcement date '{}' is not after settlement date '{}'",
            ["published_date", "settlement_date"],
            (pl.col("published") > pl.col("settlement")).fill_null(True),
        ),
        *(Rule(f"{c} '{{}}' is not a whole number, 0 or more", [c], pl.col(f"{c}_ok")) for c in COUNTS),
        Rule(
            "announced total of {} shares is not the sum of its parts, {} and {}",
            ["total_shares", "global_market_shares", "capital_market_shares"],
            ((parts - total).abs() <= TOLERANCE * total).fill_null(True),
        ),
    ]


def _parsed(rows: pl.DataFrame) -> pl.DataFrame:
    published = day(rows, "published_date")
    return rows.with_columns(
        day(rows, "settlement_date").alias("settlement"),
        published.alias("published"),
        (published.is_not_null() | absent(rows, "published_date")).alias("published_date_ok"),
        *(whole(rows, c).alias(f"{c}_") for c in COUNTS),
        *((whole(rows, c).is_not_null() | absent(rows, c)).alias(f"{c}_ok") for c in COUNTS),
    )


def _market(rows: pl.DataFrame, market: str, part: str) -> pl.DataFrame:
    """Give one market's rows; a row with neither issues nor shares was not announced and is left out."""
    issues, shares = pl.col(f"{part}_issues_"), pl.col(f"{part}_shares_")
    labels = pl.lit(SUBJECT).alias("subject"), pl.lit(market).alias("market")
    told = rows.filter(issues.is_not_null() | shares.is_not_null())
    return told.select("settlement", "known_at", *labels, issues.alias("issues"), shares.alias("shares"))


def _publications(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        pl.lit(DATASET).alias("dataset"),
        "settlement",
        pl.col("known_at").alias("published_at"),
        pl.col("announced").alias("basis"),
        instant("settlement").alias("known_at"),
    )


def _transform(content: bytes, name: str, _options: Options) -> Extract:
    rows = csv_rows(decoded(content, name), name, ",", NEEDED)
    sound, broken = sift(_parsed(rows), _rules())
    kept, again = single(sound, ["settlement"], "settlement_date")
    given = pl.col("published").is_not_null()
    dated = with_publication(kept).with_columns(
        pl.when(given).then(instant("published", PUBLISHED)).otherwise("known_at").alias("known_at"),
        pl.when(given).then(pl.lit("announced")).otherwise("announced").alias("announced"),
    )
    totals = pl.concat([_market(dated, market, part) for market, part in PARTS.items()])
    tables = {
        "totals": rows_of("totals", totals, ANNOUNCEMENTS.name),
        "publications": rows_of("publications", _publications(dated), ANNOUNCEMENTS.name),
    }
    return extracted(name, rows, tables, [broken, again])


def _recognise(content: bytes) -> bool:
    return len(first_names(content) & {*COUNTS, "published_date"}) >= 3


ANNOUNCEMENTS = Source(
    name="nasdaq.announcements",
    about="the exchange's announced totals of short interest and the days of their announcement",
    tables=frozenset({"totals", "publications"}),
    recognise=_recognise,
    transform=_transform,
)
