"""Sentences as many hands write them, and what each must claim: subject, metric, window, value."""

from thesis.grammar.reading import Key

OF_MANY_HANDS: dict[str, list[Key]] = {
    "$QZX calls bought came to $9 million, or 54% of all premium.": [
        ("QZX", "tape.bought_calls", "", 9e6),
        ("QZX", "tape.bought_share", "", 0.54),
    ],
    "Nasdaq 100 shorts: +3.3% since the last settlement, the sharpest jump since March.": [
        ("NDX", "crowding.change_last", "last_report", 0.033),
    ],
    "RUT shorts rose 2% this cycle. Their one-year and five-year percentiles are 99 and 96.": [
        ("RUT", "crowding.change_last", "last_report", 0.02),
        ("RUT", "crowding.rank_1y", "1y", 99),
        ("RUT", "crowding.rank_5y", "5y", 96),
    ],
    "It takes 4.5 days to cover the Russell 2000's shorts, against 2.1 in the S&P 500.": [
        ("RUT", "crowding.dtc", "", 4.5),
        ("SPX", "crowding.dtc", "", 2.1),
    ],
    "$QZX call premium bought was $30 million (A: $18 million; AA: $12 million).": [
        ("QZX", "tape.bought_calls", "", 3e7),
        ("QZX", "tape.bought_calls_a", "", 1.8e7),
        ("QZX", "tape.bought_calls_aa", "", 1.2e7),
    ],
    "Put buyers in IWM spent $4.5 million at the ask or above.": [("IWM", "tape.bought_puts", "", 4.5e6)],
    "Nasdaq 100 short interest is 8% larger than at the start of the year.": [
        ("NDX", "crowding.change_ytd", "ytd", 0.08)
    ],
    "The median stock in the S&P 500 takes 2.6 days to cover.": [("SPX", "crowding.dtc_median", "", 2.6)],
    "Short interest in the S&P 500 rose 1.3% this cycle and stands at $1.2 trillion.": [
        ("SPX", "crowding.change_last", "last_report", 0.013),
        ("SPX", "crowding.notional", "", 1.2e12),
    ],
    "Eight in ten small-cap companies saw shorts add.": [("RUT", "crowding.breadth", "", 0.8)],
    "It would take shorts in $QZX just two days to cover.": [("QZX", "crowding.dtc", "", 2)],
    "The Russell 2000 gained 3.1% on the week, its best in seven.": [
        ("IWM", "price.change_1w", "1w", 0.031),
        ("RUT", "persistence.best_week_of", "", 7),
    ],
    "Short interest in the S&P 500 is 2.2% of market value. The Nasdaq 100 went the other way, with a 0.5% decline.": [
        ("SPX", "crowding.cap_weighted", "", 0.022),
        ("NDX", "crowding.change_last", "", -0.005),
    ],
    "Short interest in the S&P 500 rose 2.5% in the latest count and was flat in the Nasdaq 100.": [
        ("SPX", "crowding.change_last", "last_report", 0.025),
        ("NDX", "crowding.change_last", "last_report", 0.0),
    ],
    "SI table (vs prior / YTD)\nSPX +1.5% / +11%\nRUT -0.6% / +8%": [
        ("SPX", "crowding.change_last", "last_report", 0.015),
        ("SPX", "crowding.change_ytd", "ytd", 0.11),
        ("RUT", "crowding.change_last", "last_report", -0.006),
        ("RUT", "crowding.change_ytd", "ytd", 0.08),
    ],
    "Index | Short interest vs last report | YTD | Days to cover\nNDX | +1.3 | -4.5 | 2.6": [
        ("NDX", "crowding.change_last", "last_report", 0.013),
        ("NDX", "crowding.change_ytd", "ytd", -0.045),
        ("NDX", "crowding.dtc", "", 2.6),
    ],
    "The VIX dropped through 15, to 14.7.": [("VIX", "volatility.close", "", 14.7)],
    "The S&P 500 is up four months running.": [("SPX", "persistence.month_streak", "", 4)],
    "$QZX shorts rose 7% since the last report, and it jumped 9% today.": [
        ("QZX", "crowding.change_last", "last_report", 0.07),
        ("QZX", "price.change_1d", "1d", 0.09),
    ],
    "Nasdaq 100 shorts have been under water for 18 sessions, losing 3.5% on average.": [
        ("NDX", "carry.underwater_days", "", 18),
        ("NDX", "carry.mtm", "", -0.035),
    ],
    "Short interest as a share of the S&P 500's market cap is 1.9%, up from 1.7% a year ago.": [
        ("SPX", "crowding.cap_weighted", "", 0.019)
    ],
    "$QQQ buyers spent about $4M on calls at the ask or above, and $1.2M went into $SPY puts.": [
        ("QQQ", "tape.bought_calls", "", 4e6),
        ("SPY", "tape.bought_puts", "", 1.2e6),
    ],
    "Short interest in the Russell 2000, it should be said, is not rising.": [("RUT", "crowding.change_last", "", 0.0)],
    "Over the past year the Nasdaq 100 gained 9%, while its short interest grew by 4%.": [
        ("QQQ", "price.change_12m", "12m", 0.09),
        ("NDX", "crowding.change_12m", "12m", 0.04),
    ],
    "Some 3 billion Nasdaq-listed shares are sold short.": [("NASDAQ", "crowding.shares", "", 3e9)],
    "The average Russell 2000 short shows a gain of 4%.": [("RUT", "carry.mtm", "", 0.04)],
    "Shorts in the S&P 500 have lightened up by 0.9% this cycle.": [
        ("SPX", "crowding.change_last", "last_report", -0.009)
    ],
    "Four in ten S&P 500 members saw an increase.": [("SPX", "crowding.breadth", "", 0.4)],
    "The S&P 500 has returned 9% this year after a dull 2024 (-0.4%).": [
        ("SPY", "price.change_ytd", "ytd", 0.09),
        ("SPY", "price.change_ytd", "2024", -0.004),
    ],
    "[00:12:31] The Nasdaq 100 is up 3.4 on the week.": [("QQQ", "price.change_1w", "1w", 0.034)],
    "Russell 2000 short interest is the highest in one year, not the highest in five.": [
        ("RUT", "crowding.rank_1y", "1y", 100),
        ("RUT", "crowding.rank_5y", "5y", 100),
    ],
    "The risk that small-cap shorts have to cover this autumn is growing.": [
        ("RUT", "probability.cover5_3m", "", None)
    ],
}
