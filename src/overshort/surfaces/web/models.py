"""The forms of documents as the interface's own description tells them; the documents themselves are mappings."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "PROBLEMS",
    "AuditDocument",
    "Bars",
    "BookDocument",
    "BriefDocument",
    "Declaration",
    "Declarations",
    "FigureList",
    "FigureModel",
    "LedgerDocument",
    "PanelRows",
    "Problem",
    "ScreenDocument",
    "Status",
    "StudyDocument",
    "Theses",
]

DAY: dict[str, Any] = {"format": "date"}


class Open(BaseModel):
    """A form to which later versions may add."""

    model_config = ConfigDict(extra="allow")


class Problem(BaseModel):
    """Why there is no answer."""

    error: str = Field(description="One sentence: the value, the rule it breaks, and the fix.")


PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem, "description": "A parameter cannot be read."},
    404: {"model": Problem, "description": "No such metric, subject or symbol, or nothing was known by that day."},
    422: {"model": Problem, "description": "A parameter is missing or out of its bounds."},
    503: {"model": Problem, "description": "The store cannot be read, or what was asked for is still being measured."},
}


class FigureModel(Open):
    """One number with its provenance."""

    key: str = Field(description="SUBJECT/ID@DATE.")
    id: str = Field(description="Metric id.")
    subject: str = Field(description="Index, exchange, fund, VIX or stock.")
    kind: str = Field(description="number, count, flag, date or state.")
    value: float | bool | str | None = Field(
        description="In `unit`: a number, a flag, an ISO date or a state; null has a `reason`."
    )
    unit: str = Field(description="Unit of `value`: fraction (0.04 is 4 %), percent, days, shares, USD, and so on.")
    at: str = Field(description="The date, or for four-hour bars the UTC instant, that the value is of.")
    settlement: str | None = Field(None, description="Settlement date of the report it rests on.")
    base_date: str | None = Field(None, description="Date that a change or rank begins at.")
    known_at: str = Field(description="UTC instant from which the public could have known it.")
    n: int | None = Field(None, description="Number of members, reports or sessions behind it.")
    coverage: float | None = Field(None, description="Share of the members that it covers, a fraction.")
    members: str | None = Field(None, description="Whether members are point-in-time or backcast.")
    price_source: str | None = Field(None, description="Whose prices it rests on.")
    stale: bool = Field(description="A newer value was due by then and is not in the store.")
    simulated: bool = Field(description="The market is an invented one.")
    reason: str | None = Field(None, description="Why the value is null.")
    note: str | None = Field(None, description="What the value names.")
    vintage: str | None = Field(None, description="As served on DATE: a report behind it was fetched late.")
    definition: str = Field(description="How it is computed.")


class FigureList(Open):
    """Figures as of a day."""

    as_of: str = Field(description="The day, New York.", json_schema_extra=DAY)
    figures: list[FigureModel]
    attribution: str
    disclaimer: str


class PanelRow(Open):
    """One date of a panel."""

    id: str
    subject: str
    at: str = Field(description="UTC instant; a date is its midnight.")
    known_at: str = Field(description="UTC instant from which the public could have known it.")
    value: float | None = Field(description="In the document's `unit`; a state is its place among the states.")
    text: str | None = Field(description="State name, ISO date, or what the value names.")
    base_at: str | None = Field(description="Date that a change or rank begins at.")
    n: int | None
    coverage: float | None = Field(description="A fraction.")
    reason: str | None = Field(description="Why the value is null.")


class PanelRows(Open):
    """One metric of one subject, every date."""

    as_of: str = Field(description="The day, New York.", json_schema_extra=DAY)
    unit: str = Field(description="Unit of every `value`.")
    definition: str
    rows: list[PanelRow]


class Bar(Open):
    """One bar as published."""

    symbol: str
    interval: str
    session: str = Field(description="The trading day.", json_schema_extra=DAY)
    close: float = Field(description="In `currency` a share, adjusted as `adjustment` says.")
    volume: float | None = Field(description="Shares.")
    adjustment: str = Field(description="none, split, or total (splits and dividends).")
    currency: str
    known_at: str


class Bars(Open):
    """The newest bars of a symbol."""

    as_of: str = Field(description="The day, New York.", json_schema_extra=DAY)
    bars: list[Bar]


class Declaration(Open):
    """What a metric is."""

    id: str
    kind: str = Field(description="number, count, flag, date or state.")
    unit: str
    grid: str = Field(description="report, session, bar_4h, week or month.")
    subjects: list[str] = Field(description="Kinds of subjects it is measured for.")
    null_rule: str
    lookback: int | None = Field(description="Steps of the grid; null where it is all that was before.")
    definition: str
    reads: list[str] = Field(description="Tables, metrics and intermediates it is computed from.")


class Declarations(Open):
    """Every metric."""

    metrics: list[Declaration]


class BriefDocument(Open):
    """Schema overshort.brief/1."""

    version: str
    as_of: str = Field(description="The day, New York.", json_schema_extra=DAY)
    as_of_utc: str = Field(description="The instant up to which rows count as known.")
    simulated: bool
    data_version: str = Field(description="Changes with every commit of the store and only then.")
    reports: list[dict[str, Any]]
    figures: list[FigureModel]
    claims: list[dict[str, Any]] = Field(description="Sentences with their figures, base rate, counter and falsifier.")
    forecasts: list[dict[str, Any]]
    missing: list[dict[str, Any]] = Field(description="Figures without a value: reason, and which table is needed.")
    stale: list[dict[str, Any]] = Field(description="Tables of which something newer was due.")


class BookDocument(Open):
    """Schema overshort.book/1."""

    as_of: str = Field(description="The day, New York.", json_schema_extra=DAY)
    settlement: str = Field(description="Settlement date of the report it is set against.", json_schema_extra=DAY)
    overlap: dict[str, Any] = Field(
        description="`top_decile` (fraction of the dollars short among issues of the top decile of days to cover; by "
        "chance 0.1), `rank` and `rank_plain` (percent; by chance 50), `n`, `left_out`, `notional` (USD), `universe` "
        "(issues), `decile_from` (days)."
    )
    positions: list[dict[str, Any]] = Field(
        description="Each with `notional` (USD), `own_days` and `own_days_participating` (days), "
        "`share_of_short_interest` (fraction), `dtc_rank` (percent), `own_mtm` (fraction), and its `figures`."
    )
    rejected: list[dict[str, Any]] = Field(description="Rows not taken: `row`, `symbol`, `reason`.")


class AuditDocument(Open):
    """Schema overshort.audit/1."""

    date: str = Field(description="The text's date: only what was known by its end counts.", json_schema_extra=DAY)
    resolve_at: str | None = Field(description="The day by which what it expected was read again.")
    simulated: bool
    counts: dict[str, int]
    claims: list[dict[str, Any]] = Field(
        description="Each statement: `words`, what was `stated`, what was `measured` (a figure), `verdict`, `reason`."
    )
    inconsistencies: list[dict[str, Any]]
    sentences: list[dict[str, Any]]


class LedgerDocument(Open):
    """Schema overshort.ledger/1."""

    as_of: str = Field(description="The day, New York.", json_schema_extra=DAY)
    simulated: bool
    ledgers: dict[str, dict[str, Any]] = Field(
        description="`live` and `backtest`: `score` (Brier, skill, log loss, reliability), `events`, and `open` ones; "
        "probabilities are fractions."
    )


class ScreenDocument(Open):
    """Schema overshort.screen/1."""

    as_of: str = Field(description="The day, New York.", json_schema_extra=DAY)
    universe: str
    settlement: str = Field(description="Settlement date of the report.", json_schema_extra=DAY)
    by: str = Field(description="What the rows are sorted by.")
    weights: dict[str, float] = Field(description="Weight of each component in the score.")
    listed: int = Field(description="Rows of the universe in the report.")
    common: int = Field(description="Of these the common stocks, among which is ranked.")
    base_rate: float | None = Field(description="Share of all earlier cases that were covered, a fraction.")
    cases: int
    rows: list[dict[str, Any]] = Field(
        description="`short_float`, `change`, `over_vwap`, `fee` and `p` are fractions, `dtc` and `fails` days of "
        "volume, `position` and `adv` shares, `score` and `rank_…` percent."
    )


class Status(Open):
    """Schema overshort.status/1."""

    simulated: bool
    data_version: str
    as_of: str = Field(description="The day, New York.", json_schema_extra=DAY)
    tables: list[dict[str, Any]] = Field(description="Rows, files and span of each table.")
    newest_report: dict[str, str | None]
    due_report: str
    next_publication: dict[str, str]
    missing: list[dict[str, Any]]


class StudyDocument(Open):
    """Schema overshort.study/1, or overshort.thesis/1 where a thesis was asked for."""

    as_of: str = Field(description="The day, New York.", json_schema_extra=DAY)
    simulated: bool
    data_version: str = Field(description="Changes with every commit of the store and only then.")


class Thesis(Open):
    """One thesis of the library."""

    name: str
    title: str
    text: str
    verdict: str | None = Field(description="holds, does not hold, not known; null where it is not about the subject.")
    session: str | None = Field(description="The session at whose close.")
    held: int | None = Field(description="How many of its claims hold.")
    claims: int | None
    need: int | None = Field(description="How many must.")
    base_rate: dict[str, Any] | None
    reason: str | None = Field(description="Why there is no verdict.")


class Theses(Open):
    """Schema overshort.theses/1."""

    as_of: str = Field(description="The day, New York.", json_schema_extra=DAY)
    simulated: bool
    subject: str
    theses: list[Thesis]
