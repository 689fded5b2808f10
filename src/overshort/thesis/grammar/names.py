"""Names and times of a sentence: which subjects it speaks of, and over which windows."""

import calendar
import re
from collections.abc import Iterable, Iterator
from datetime import date

from overshort.thesis.grammar.amounts import amounts
from overshort.thesis.grammar.atoms import Token, Tokens, fold, tokenise
from overshort.thesis.grammar.lexicon import Lexicon, Subject
from overshort.thesis.grammar.symbols import Introduced, bare_symbol

__all__ = ["tagged"]

Found = tuple[int, int, Token]
_MONTHS = {name.lower(): i for i, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower(): i for i, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_SINCE = re.compile(
    r"(?<![^ ])(?:since|from|than|versus|vs|against) (?:(?:the|in|at|its|late|early|mid|end|of|start|beginning|middle|"
    r"summer|spring|fall|autumn|winter|low|lows|levels?|back) ){0,4}"
    r"(?:(?P<day1>\d{1,2}) (?:(?:st|nd|rd|th) )?(?:of )?)?"
    rf"(?:(?P<month>{_MONTH}) (?:(?P<day2>\d{{1,2}}) (?!%|percent)(?:(?:st|nd|rd|th) )?(?:, )?)?)?"
    r"(?:of )?(?P<year>(?:19|20)\d\d )?(?!(?:high|highs|peak|peaks|top|record) )"
)
_IN_YEAR = re.compile(
    r"(?<![^ ])(?:(?:in|during|for|over|throughout|of|through) (?:all )?(?:of )?(?:calendar |full |year |fy ){0,3}|"
    r"calendar (?:year )?|(?:after|following|versus|in|despite) an? (?:[a-z]+ ){1,2})(?P<year>(?:19|20)\d\d) "
)
_IN_MONTH = re.compile(
    r"(?<![^ ])(?:in|during|for|over|throughout|finished|finishes|ended|ends|closed|closes) "
    rf"(?P<month>{_MONTH}) (?:of )?(?P<year>(?:19|20)\d\d )?"
)
_PAST = re.compile(
    r"(?<![^ ])(?:over |in |within |for |during |versus |vs )?(?:the |its )?"
    r"(?P<past>past |last |trailing |previous |prior |rolling )?"
    r"(?P<n>\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eighteen|twenty) "
    r"(?P<unit>d|days?|sessions?|w|wks?|weeks?|m|mo|mos|months?|q|quarters?|y|yrs?|years?) (?P<ago>ago |earlier )?"
)
_AVERAGES = frozenset(("20", "50", "100", "200"))
"""Days that name an average rather than a time."""
_WORDS = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eighteen": 18,
    "twenty": 20,
}
_ELLIPTIC = re.compile(
    r"(?<![^ ])(?:in|over|of|for|than) (?:the (?:past |last )?)?(?P<n>one|two|three|four|five|ten|1|2|3|4|5|10) "
    r"(?=[,;:)!?—|] |and |but |nor |or |$)"
)
"""A time of which only the number is said: ``the highest in one year, not in five``."""
_YEARS = re.compile(r"(?<![^ ])(?:years?|yrs?|twelve months|12 months) ")
_SAME = {
    "5d": "1w",
    "4w": "1m",
    "52w": "12m",
    "1y": "12m",
    "1q": "3m",
    "4q": "12m",
    "60m": "5y",
    "24m": "2y",
    "30d": "1m",
    "90d": "3m",
    "13w": "3m",
    "7d": "1w",
    "26w": "6m",
    "2q": "6m",
    "14d": "2w",
}
_SAME_SPAN = re.compile(
    r"(?<![^ ])(?:over|in|during|for|across|within) (?:that|the|this|those)(?: very)? (?:same )?"
    r"(?:span|time|period|stretch|interval|window|timeframe|spell|while) (?!frame)"
)
_FUNDS = frozenset(("spy", "qqq", "iwm"))


def _apart(found: Iterable[Found]) -> list[Found]:
    """Of overlapping finds the one that starts first, of these the longest."""
    kept: list[Found] = []
    for part in sorted(found, key=lambda f: (f[0], -f[1])):
        if not kept or part[0] >= kept[-1][1]:
            kept.append(part)
    return kept


def _stock(symbol: str) -> Subject:
    code = re.sub(r"[^A-Z0-9]", "", symbol.upper())
    return Subject(code, (code,), (code,), (code,))


def _key(subjects: tuple[Subject, ...], lexicon: Lexicon) -> str:
    names = {s.name for s in subjects}
    kind = "vix" if names == {"vix"} else "fund" if names <= _FUNDS else "index"
    return "SUB" + (kind if names <= set(lexicon.raw["subjects"]) else "stock")


def _named(tokens: Tokens, lexicon: Lexicon) -> Iterator[Found]:
    for name, phrase in lexicon.names:
        members = (lexicon.subjects[name],) if name in lexicon.subjects else _group(name, lexicon)
        for first, last, _ in tokens.found(phrase):
            yield first, last, Token(_key(members, lexicon), *tokens.span(first, last), members)


def _group(name: str, lexicon: Lexicon) -> tuple[Subject, ...]:
    return tuple(lexicon.subjects[part] for part in name.split("_") if part in lexicon.subjects)


def _symbols(tokens: Tokens, text: str, lexicon: Lexicon, known: Introduced) -> Iterator[Found]:
    """Cashtags that the lexicon does not name, symbols by their form, and companies that the text introduces."""
    listed = {s.lower() for s in lexicon.raw.get("companies", {})}
    for i, t in enumerate(tokens.items):
        capitals = text[t.start : t.start + len(t.key)].isupper()
        shown = t.data == "symbol" or (t.key in listed and capitals)
        if shown or bare_symbol(tokens, i, text, lexicon, known):
            yield i, i + 1, Token("SUBstock", t.start, t.end, (_stock(t.key),))
    for i, code in known.found(tokens):
        yield i, i + 1, Token("SUBstock", tokens[i].start, tokens[i].end, (_stock(code),))


def _since(tokens: Tokens, written: date) -> Iterator[Found]:
    for m in _SINCE.finditer(tokens.keys):
        if not (m["month"] or m["year"]) or (m["month"] is None and m["day1"]):
            continue
        month = _MONTHS[m["month"]] if m["month"] else None
        if month == 5 and not m["year"] and "may " in m[0] and "since may" not in m[0]:
            continue
        year = int(m["year"]) if m["year"] else written.year - ((month or 0) > written.month)
        day = m["day1"] or m["day2"]
        first, last = tokens.places(m.start(), m.end())
        base = f"since:{year}" + (f"-{month:02d}" if month else "") + (f"-{int(day):02d}" if month and day else "")
        key = "WINsince1945" if year <= 1950 else "WINsince"
        yield first, last, Token(key, *tokens.span(first, last), base)


def _years(tokens: Tokens, written: date) -> Iterator[Found]:
    for m in _IN_YEAR.finditer(tokens.keys):
        year = int(m["year"])
        if year <= written.year:
            first, last = tokens.places(m.start(), m.end())
            key, name = ("WINytd", "ytd") if year == written.year else ("WINyear", str(year))
            yield first, last, Token(key, *tokens.span(first, last), name)


def _spans(tokens: Tokens) -> Iterator[Found]:
    """``the past three weeks``, ``6M``: a number and a unit that an introducing word or a bare sign makes a window."""
    for m in _PAST.finditer(tokens.keys):
        first, last = tokens.places(m.start(), m.end())
        short = len(m["unit"]) <= 3 and m["unit"] in ("y", "yr", "m", "mo", "mos", "q", "w", "wk", "wks")
        if m["unit"] == "day" and not m["past"]:
            continue
        if m["n"] in _AVERAGES and m["unit"][0] == "d" and not (m["past"] or m["ago"]):
            continue
        months = m["unit"] == "m" and _months(tokens, first, last)
        bare = short and (m["unit"] != "m" or months)
        if not (m["past"] or m["ago"] or bare or m[0].split()[0] in ("over", "within", "during")):
            continue
        n = int(m["n"]) if m["n"].isdigit() else _WORDS[m["n"]]
        unit = {"s": "d"}.get(m["unit"][0], m["unit"][0])
        name = _SAME.get(f"{n}{unit}", f"{n}{unit}")
        name = "1y" if name == "12m" and short and unit == "y" else name
        yield first, last, Token("WIN" + name, *tokens.span(first, last), name)


_COUNTED = frozenset(
    ("shares", "contracts", "calls", "puts", "of", "in", "fails", "ftds", "sold", "short", "worth", "premium")
)


def _months(tokens: Tokens, first: int, last: int) -> bool:
    """Whether ``12M`` are months and not millions: no money before it, nothing counted after it."""
    return not (last < len(tokens) and tokens[last].key in _COUNTED) and tokens[first].key in (
        "1",
        "3",
        "6",
        "12",
        "24",
    )


def _elliptic(tokens: Tokens) -> Iterator[Found]:
    """Numbers of years without the word, after one with it."""
    named = _YEARS.search(tokens.keys)
    for m in _ELLIPTIC.finditer(tokens.keys, named.end() if named else len(tokens.keys)):
        n = int(m["n"]) if m["n"].isdigit() else _WORDS[m["n"]]
        first, last = tokens.places(m.start(), m.end())
        yield first, last, Token(f"WIN{n}y", *tokens.span(first, last), f"{n}y")


def _money(tokens: Tokens, first: int) -> bool:
    return first > 0 and tokens[first - 1].key in ("$", "usd")


_COUNTS = (
    "running ",
    "straight ",
    "in a row ",
    "on the trot ",
    "on the bounce ",
    "to cover ",
    "to exit ",
    "to unwind ",
)


def _streak(tokens: Tokens, last: int) -> bool:
    """Whether a time is a count: ``up six months running``, ``one day to cover``."""
    return tokens.after(last).startswith(_COUNTS)


def _month_windows(tokens: Tokens, written: date) -> Iterator[Found]:
    for m in _IN_MONTH.finditer(tokens.keys):
        month = _MONTHS[m["month"]]
        year = int(m["year"]) if m["year"] else written.year - (month > written.month)
        if (year, month) <= (written.year, written.month):
            first, last = tokens.places(m.start(), m.end())
            yield first, last, Token("WINmonth", *tokens.span(first, last), f"{year}-{month:02d}")


def _windows(tokens: Tokens, lexicon: Lexicon, written: date) -> Iterator[Found]:
    for name, phrase in lexicon.windows:
        for first, last, _ in tokens.found(phrase):
            data = name.removeprefix("chart_")
            key = "WINchart" + data if name == "4h" or name.startswith("chart_") else "WIN" + name
            yield first, last, Token(key, *tokens.span(first, last), data)
    for first, last, _ in tokens.found(_SAME_SPAN):
        yield first, last, Token("WINsame", *tokens.span(first, last), "same")
    yield from _since(tokens, written)
    yield from _years(tokens, written)
    yield from _month_windows(tokens, written)
    yield from _spans(tokens)
    yield from _elliptic(tokens)


_JOINTS = frozenset((",", "and", "&", "/", "or", "as", "well", "the", "both", "also", "plus", "nor", "vs", "versus"))


def _grouped(tokens: Tokens, lexicon: Lexicon) -> Iterator[Found]:
    """Subjects that only commas and ``and`` part: one group."""
    i = 0
    while i < len(tokens):
        if not tokens[i].key.startswith("SUB"):
            i += 1
            continue
        members, last = list(_members(tokens[i])), i + 1
        while (at := _next_subject(tokens, last)) is not None and not _second_clause(tokens, i, last, at):
            members += [s for s in _members(tokens[at]) if s not in members]
            last = at + 1
        if last > i + 1:
            yield i, last, Token(_key(tuple(members), lexicon), *tokens.span(i, last), tuple(members))
        i = last


def _next_subject(tokens: Tokens, at: int) -> int | None:
    joined = at
    while joined < len(tokens) and joined < at + 5 and tokens[joined].key in _JOINTS:
        joined += 1
    is_subject = joined < len(tokens) and tokens[joined].key.startswith("SUB")
    return joined if is_subject else None


def _second_clause(tokens: Tokens, first: int, last: int, at: int) -> bool:
    """Whether a comma before a second and last subject opens a clause: ``for the S&P 500, and the Nasdaq 100 is``."""
    alone = last == first + 1 and _next_subject(tokens, at + 1) is None
    return alone and "," in [tokens[j].key for j in range(last, at)]


def _members(token: Token) -> tuple[Subject, ...]:
    assert isinstance(token.data, tuple)
    return token.data


def _without(tokens: Tokens, lexicon: Lexicon) -> Tokens:
    """A sentence without what is only put in between two commas: ``, we note in passing,``."""
    phrase = lexicon.speech["inserted"]
    gone = {i for a, b, m in tokens.found(phrase) if not re.search(r"[A-Z\d]", m[0]) for i in range(a, b)}
    return Tokens([t for i, t in enumerate(tokens.items) if i not in gone]) if gone else tokens


def tagged(text: str, written: date, lexicon: Lexicon, known: Introduced) -> Tokens:
    """A sentence as tokens, with its subjects, windows and numbers each put together to one."""
    tokens = Tokens(list(tokenise(fold(text))))
    named = [*_named(tokens, lexicon), *_symbols(tokens, text, lexicon, known)]
    tokens = tokens.replaced(_apart(sorted(named, key=lambda f: (f[0], -f[1], f[2].key == "SUBstock"))))
    tokens = _without(tokens.replaced(list(_grouped(tokens, lexicon))), lexicon)
    windows = (w for w in _windows(tokens, lexicon, written) if not _money(tokens, w[0]) and not _streak(tokens, w[1]))
    tokens = tokens.replaced(_apart(windows))
    return tokens.replaced(list(amounts(tokens)))
