"""Sentences as many hands write them, and what each must claim: subject, metric, window, value."""

from thesis.grammar.reading import Key

OF_MANY_HANDS: dict[str, list[Key]] = {
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
