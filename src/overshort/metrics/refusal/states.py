"""Shorts up or down, price up or down: the four states of an index, and how often each has held.

1. Over 6 or 24 reports take the change of the split-clean chain, and rank it among its own values at up to 120
   reports before: at 80 or above the shorts are UP, at 20 or below DOWN, between them the state is FLAT.
2. Take the price change from the base report's settlement to this report's, within one feed.
3. UP and up REFUSE, UP and down CONFIRM, DOWN and up COVER, DOWN and down EXIT; an unchanged price is FLAT.
4. Count, over this and all earlier reports, how often the state held and in how many separate runs.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl

from overshort.metrics.crowding.cycles import KEY
from overshort.metrics.crowding.rows import backcast_label
from overshort.metrics.declare import Inputs, Metric, intermediate, metrics
from overshort.metrics.prices import first_feed
from overshort.metrics.ranking import mid_rank, trailing
from overshort.metrics.rows import panel_rows, reason

__all__ = ["STATES", "WINDOWS", "base_rates", "changes_and_prices", "refusals"]

STATES = ("REFUSE", "CONFIRM", "COVER", "EXIT", "FLAT")
WINDOWS = {"3m": 6, "12m": 24}
"""Reports in each window."""
SPAN, LEAST = 120, 24
UP, DOWN = 80.0, 20.0


def _metric(name: str, kind: str, unit: str, definition: str, null: str, states: tuple[str, ...] = ()) -> Metric:
    return Metric(
        id=f"refusal.{name}",
        kind="state" if kind == "state" else "count" if kind == "count" else "number",
        unit=unit,
        grid="report",
        subjects=frozenset({"index"}),
        null_rule=null,
        lookback=None,
        definition=definition,
        states=states,
    )


def _declared(window: str, reports: int) -> tuple[Metric, ...]:
    short = f"null without a chain and under {LEAST} earlier changes over {reports} reports"
    price = "null without a close at both settlements (tables levels, bars)"
    both = f"{short}; {price}"
    return (
        _metric(
            f"shorts_rank_{window}",
            "number",
            "percent",
            f"Mid-rank of the chain's change over {reports} reports among the up to {SPAN} such changes before it.",
            short,
        ),
        _metric(
            f"price_change_{window}",
            "number",
            "fraction",
            f"Price change from the settlement {reports} reports before to this one, close to close.",
            price,
        ),
        _metric(
            f"state_{window}",
            "state",
            "state",
            f"Shorts over {reports} reports up (rank {UP:g} or above) or down ({DOWN:g} or below), against price: "
            "up and up REFUSE, up and down CONFIRM, down and up COVER, down and down EXIT, else FLAT.",
            both,
            STATES,
        ),
        _metric(
            f"state_{window}_base_rate",
            "number",
            "fraction",
            "Share of the reports so far, this one included, at which the state was the one of today; n of them.",
            both,
        ),
        _metric(
            f"state_{window}_runs",
            "count",
            "count",
            "In how many separate runs of reports the state of today has held so far, this one included.",
            both,
        ),
    )


DECLARED = tuple(m for w, reports in WINDOWS.items() for m in _declared(w, reports))


@intermediate("refusals", reads=frozenset({"chains", "closes", "subjects"}))
def refusals(inputs: Inputs) -> pl.LazyFrame:
    """Give every report of every index with its state in each window.

    Returns
    -------
    LazyFrame
        ``subject, settlement, window, base, change`` (of the chain)``, rank, earlier`` (changes compared with)``,
        price`` (change)``, feed, state`` (position in :data:`STATES`)``, n_states, held, runs, broken, basis,
        known_at``, sorted.
    """
    indexes = inputs["subjects"].filter(pl.col("kind") == "index").select("subject")
    chains = inputs["chains"].join(indexes, on="subject", how="semi")
    closes = inputs["closes"]
    parts = [_in_window(chains, closes, n).with_columns(pl.lit(w).alias("window")) for w, n in WINDOWS.items()]
    frame = pl.concat(parts).sort("window", *KEY).collect()
    owns = frame.partition_by("window", "subject", maintain_order=True)
    return pl.concat([_rated(own) for own in owns] if owns else [_rated(frame)]).lazy()


def _in_window(chains: pl.LazyFrame, closes: pl.LazyFrame, reports: int) -> pl.LazyFrame:
    """Add to every report its base, the chain's change, and the price change of the best feed that has both ends."""
    before = pl.col("settlement", "clean", "backcasts").shift(reports).over("subject").name.prefix("base_")
    based = chains.sort(KEY).with_columns(before).rename({"base_settlement": "base"})
    return changes_and_prices(based, closes).with_columns((pl.col("clean") / pl.col("base_clean") - 1).alias("change"))


def changes_and_prices(based: pl.LazyFrame, closes: pl.LazyFrame) -> pl.LazyFrame:
    """Add ``price`` (close over close at ``base``, less 1), its ``feed``, and when this and all before were known.

    Parameters
    ----------
    based
        Reports with ``subject, settlement, base, known_at``.
    """
    now = closes.rename({"session": "settlement", "known_at": "close_known"})
    base = {"session": "base", "close": "base_close", "known_at": "base_known"}
    then = closes.rename(base).drop("feed")
    ends = based.select(*KEY, "base").join(now, on=KEY).join(then, on=["subject", "rank", "base"])
    price = first_feed(ends, KEY).select(
        *KEY, (pl.col("close") / pl.col("base_close") - 1).alias("price"), "feed", "close_known", "base_known"
    )
    # Ranks, base rates and fits rest on all earlier reports, so a close that was known late holds up the later ones.
    known = pl.max_horizontal("known_at", "close_known", "base_known").cum_max().over("subject").alias("known_at")
    return based.join(price, on=KEY, how="left").sort(KEY).with_columns(known).drop("close_known", "base_known")


def _rated(own: pl.DataFrame) -> pl.DataFrame:
    """Rank the changes of one subject and window, give every report its state, and count."""
    sound = own["change"].is_not_null()
    values = own["change"].drop_nulls().to_numpy()
    ranks, places = iter(trailing(values, SPAN, LEAST, mid_rank)), iter(range(values.size))
    placed = own.with_columns(
        pl.Series("rank", [next(ranks) if s else None for s in sound], dtype=pl.Float64),
        pl.Series("earlier", [min(next(places), SPAN) if s else None for s in sound], dtype=pl.Int64),
    ).with_columns(_state().alias("state"))
    return placed.with_columns(base_rates(placed["state"].to_list()))


def _state() -> pl.Expr:
    up, down = pl.col("rank") >= UP, pl.col("rank") <= DOWN
    rises, falls = pl.col("price") > 0, pl.col("price") < 0
    cases = {"REFUSE": up & rises, "CONFIRM": up & falls, "COVER": down & rises, "EXIT": down & falls}
    found = pl.coalesce(pl.when(case).then(STATES.index(s)) for s, case in cases.items())
    return pl.when(pl.col("rank").is_not_null() & pl.col("price").is_not_null()).then(
        pl.coalesce(found, STATES.index("FLAT"))
    )


def base_rates(states: Sequence[int | None]) -> list[pl.Series]:
    """Give for every report, over the reports so far, how many have a state, share and runs of today's state.

    A report without a state parts no run: what held on both sides of it is no evidence of two.
    """
    n, held, runs = 0, np.zeros(len(STATES), dtype=int), np.zeros(len(STATES), dtype=int)
    rows: list[tuple[int, float | None, int | None]] = []
    before: int | None = None
    for state in states:
        if state is not None:
            n += 1
            held[state] += 1
            runs[state] += state != before
            rows.append((n, held[state] / n, int(runs[state])))
            before = state
        else:
            rows.append((n, None, None))
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    kinds = {"n_states": pl.Int64(), "held": pl.Float64(), "runs": pl.Int64()}
    return [pl.Series(name, values, dtype=kind) for (name, kind), values in zip(kinds.items(), columns, strict=True)]


@metrics(*DECLARED, reads=frozenset({"refusals"}))
def states(inputs: Inputs) -> pl.LazyFrame:
    """Give ranks, price changes, states and base rates."""
    return pl.concat([_rows(inputs["refusals"].filter(pl.col("window") == w), w, n) for w, n in WINDOWS.items()])


def _rows(frame: pl.LazyFrame, window: str, reports: int) -> pl.LazyFrame:
    wanted = pl.lit(f"earlier changes over {reports} reports")
    start = pl.format(
        f"too little history: {reports} reports before {{}} are not in table short_interest", "settlement"
    )
    short = pl.format("too little history: {} {} in table short_interest", "earlier", wanted)
    lacking = pl.format("no close at both {} and {} in tables levels and bars", "base", "settlement")
    early = reason((pl.col("base").is_null(), start))
    unchained = reason((pl.col("change").is_null(), pl.format("no chain at the base report {}", "base")))
    unranked = pl.coalesce("broken", early, unchained, reason((pl.col("rank").is_null(), short)))
    unpriced = pl.coalesce(early, reason((pl.col("price").is_null(), lacking)))
    both = pl.coalesce(unranked, unpriced)
    # Ranks and base rates rest on every report so far, so any backcast one counts for the label.
    label, priced = backcast_label(pl.lit(0)), pl.format("price: {}", "feed")
    named = pl.concat_str(label, priced, separator="; ", ignore_nulls=True)
    state = pl.col("state").replace_strict(dict(enumerate(STATES)), return_dtype=pl.String)
    table = [
        ("shorts_rank_{}", "rank", unranked, label, "earlier"),
        ("price_change_{}", "price", unpriced, priced, None),
        ("state_{}", "state", both, named, "n"),
        ("state_{}_base_rate", "held", both, named, "n_states"),
        ("state_{}_runs", "runs", both, named, "n_states"),
    ]
    return pl.concat(
        [
            panel_rows(
                frame,
                f"refusal.{id.format(window)}",
                pl.col(column),
                null=null,
                basis=basis,
                n=n,
                text=state if column == "state" else None,
                base=pl.col("base"),
                coverage=None,
            )
            for id, column, null, basis, n in table
        ]
    )
