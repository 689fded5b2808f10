"""Sentences of many styles and what each must claim: subject, metric, window, value."""

from thesis.grammar.reading import Key

CROWDING: dict[str, list[Key]] = {
    "Short interest in the S&P 500 climbed 2.1% versus the prior report and 9% from a year earlier.": [
        ("SPX", "crowding.change_last", "last_report", 0.021),
        ("SPX", "crowding.change_12m", "12m", 0.09),
    ],
    "SPX, NDX and RUT short interest rose 2%, 3% and 4% respectively since the last report.": [
        ("SPX", "crowding.change_last", "last_report", 0.02),
        ("NDX", "crowding.change_last", "last_report", 0.03),
        ("RUT", "crowding.change_last", "last_report", 0.04),
    ],
    "SPX shorts: +2.5% 2w, +45% YTD, +22% 12M.": [
        ("SPX", "crowding.change_last", "last_report", 0.025),
        ("SPX", "crowding.change_ytd", "ytd", 0.45),
        ("SPX", "crowding.change_12m", "12m", 0.22),
    ],
    "Short bets on the Russell 2000 swelled 3.3% from the prior period.": [
        ("RUT", "crowding.change_last", "last_report", 0.033)
    ],
    "Bearish bets against the Nasdaq 100 have shrunk by 5% year-to-date.": [
        ("NDX", "crowding.change_ytd", "ytd", -0.05)
    ],
    "Shares sold short in the S&P 500 rose 1.5% in the most recent two-week window.": [
        ("SPX", "crowding.change_last", "last_report", 0.015)
    ],
    "Short interest in the Russell 2000 is up roughly 20% since June 30.": [
        ("RUT", "crowding.chain", "since:2025-06-30", 0.2)
    ],
    "In 2023 short interest in the S&P 500 rose 8%.": [("SPX", "crowding.change_ytd", "2023", 0.08)],
    "Short interest in $IWM, the fund itself, is up 11% in 2025.": [("IWM", "crowding.change_ytd", "ytd", 0.11)],
    "Short interest is rising everywhere.": [
        ("SPX", "crowding.change_last", "", 0.0),
        ("NDX", "crowding.change_last", "", 0.0),
        ("RUT", "crowding.change_last", "", 0.0),
    ],
    "The Nasdaq-100's short interest percentile is 73 on a one-year basis.": [("NDX", "crowding.rank_1y", "1y", 73.0)],
    "SPX SI ranks 88th over 1Y, 96th over 5Y.": [
        ("SPX", "crowding.rank_1y", "1y", 88.0),
        ("SPX", "crowding.rank_5y", "5y", 96.0),
    ],
    "Small-cap short interest is in its top decile of the past five years.": [("RUT", "crowding.rank_5y", "5y", 90)],
    "Short interest in the S&P 500 has never been higher.": [("SPX", "crowding.rank_all", "all", 100)],
    "NYSE and Nasdaq short interest hit an all-time high.": [("LISTED", "crowding.rank_all", "all", 100)],
    "Short interest in the S&P 500 is at its highest level in at least five years.": [
        ("SPX", "crowding.rank_5y", "5y", 100)
    ],
    "Total short interest of the S&P 500 is $1.1 trillion, or 12.3 billion shares, 1.9% of shares outstanding.": [
        ("SPX", "crowding.notional", "", 1.1e12),
        ("SPX", "crowding.shares", "", 12.3e9),
        ("SPX", "crowding.cap_weighted", "", 0.019),
    ],
    "Days-to-cover for the Nasdaq 100 sits at 2.1 days; for the Russell it's 4.4.": [
        ("NDX", "crowding.dtc", "", 2.1),
        ("RUT", "crowding.dtc", "", 4.4),
    ],
    "It would take 4.2 days to cover the Russell 2000's shorts.": [("RUT", "crowding.dtc", "", 4.2)],
    "Nearly two-thirds of Nasdaq 100 constituents saw short interest increase in the latest report.": [
        ("NDX", "crowding.breadth", "last_report", 0.6667)
    ],
    "More than half of S&P 500 members saw their short interest decline.": [("SPX", "crowding.breadth", "", 0.5)],
}
TABLES_AND_LETTERS: dict[str, list[Key]] = {
    "RUT | SI +2.6% vs last report | +18.4% YTD | 1Y pct 100 | 5Y pct 99 | DTC 4.4": [
        ("RUT", "crowding.change_last", "last_report", 0.026),
        ("RUT", "crowding.change_ytd", "ytd", 0.184),
        ("RUT", "crowding.rank_1y", "1y", 100.0),
        ("RUT", "crowding.rank_5y", "5y", 99.0),
        ("RUT", "crowding.dtc", "", 4.4),
    ],
    "In the S&P 500, short interest is now 7.4% above where it was at the end of last year.": [
        ("SPX", "crowding.change_ytd", "ytd", 0.074)
    ],
    "About 55% of S&P 500 members saw short interest rise; the median member's days to cover is 2.3.": [
        ("SPX", "crowding.breadth", "", 0.55),
        ("SPX", "crowding.dtc_median", "", 2.3),
    ],
    "The VIX closed at 15.1, 12% lower on the week and in the 18th percentile of its 12-month range.": [
        ("VIX", "volatility.close", "", 15.1),
        ("VIX", "volatility.change_1w", "1w", -0.12),
        ("VIX", "volatility.rank_1y", "1y", 18.0),
    ],
    "QQQ: 4h EMA stack bullish, price in the upper half of the Keltner channel.": [
        ("QQQ", "structure.ema_supportive_4h", "4h", True),
        ("QQQ", "structure.envelope_4h", "4h", "UPPER"),
    ],
    "The 12-month change in Nasdaq 100 short interest, +14.4%, is the largest of the three indices.": [
        ("NDX", "crowding.change_12m", "12m", 0.144)
    ],
    "In the Russell 2000, days to cover (5.1) are the highest in a year.": [
        ("RUT", "crowding.dtc", "", 5.1),
        ("RUT", "", "12m", None),
    ],
    "More than 70% of S&P 500 stocks trade above their 200-day average.": [("SPX", "", "", None)],
    "IWM: bands are narrow (6th percentile), lower band falling.": [
        ("IWM", "compression.width_rank", "", 6.0),
        ("IWM", "compression.lower_band_slope", "", 0.0),
    ],
    "The S&P 500 looks set to post a seventh monthly gain in a row.": [
        ("SPX", "persistence.month_streak_running", "", 7.0)
    ],
}
STOCKS: dict[str, list[Key]] = {
    "SI in $CVNA: 9.8% of float (-3.1% since last report), DTC 2.2, CTB 0.9%, FTDs 210k.": [
        ("CVNA", "squeeze.short_float", "", 0.098),
        ("CVNA", "crowding.change_last", "last_report", -0.031),
        ("CVNA", "crowding.dtc", "", 2.2),
        ("CVNA", "carry.cost_annual", "", 0.009),
        ("CVNA", "flow.fails", "", 210000.0),
    ],
    "Nvidia's short interest is just 1.1% of float.": [("NVDA", "squeeze.short_float", "", 0.011)],
    "The cost to borrow $CVNA has jumped to 42%.": [("CVNA", "carry.cost_annual", "", 0.42)],
    "Short sales were 51% of $AMC's volume.": [("AMC", "flow.short_volume_share", "", 0.51)],
    "Short selling volume in $NVDA was 44% of total volume today, vs 41% on average.": [
        ("NVDA", "flow.short_volume_share", "", 0.44)
    ],
    "Fails to deliver in $AMC hit 2.1 million shares.": [("AMC", "flow.fails", "", 2.1e6)],
    "Shorts in $CVNA are nursing a 30% loss.": [("CVNA", "carry.mtm", "", -0.3)],
    "Short sellers in the S&P 500 are down 8% on average and have been underwater for 45 days.": [
        ("SPX", "carry.mtm", "", -0.08),
        ("SPX", "carry.underwater_days", "", 45.0),
    ],
    "GME soared 45% in five sessions.": [("GME", "price.change_1w", "1w", 0.45)],
    "GameStop has more than tripled this year.": [("GME", "price.change_ytd", "ytd", 2.0)],
}
REFUSAL: dict[str, list[Key]] = {
    "Prices refuse to confirm the bears' view on the S&P 500.": [("SPX", "refusal.state_3m", "", "REFUSE")],
    "Price is rising in the S&P 500 while shorts are adding.": [("SPX", "refusal.state_3m", "", "REFUSE")],
    "$SPX Shorts Are Expanding Into Strength": [("SPX", "refusal.state_3m", "", "REFUSE")],
    "Bears are adding to positions in the Nasdaq 100 as the index falls.": [("NDX", "refusal.state_3m", "", "CONFIRM")],
    "A classic short-covering rally is under way in small caps.": [("RUT", "refusal.state_3m", "", "COVER")],
    "In the Russell, shorts are covering while the price falls.": [("RUT", "refusal.state_3m", "", "EXIT")],
}
PRICES: dict[str, list[Key]] = {
    "SPY is up 1.4% this week, QQQ 2.3% and IWM down 0.7%.": [
        ("SPY", "price.change_1w", "1w", 0.014),
        ("QQQ", "price.change_1w", "1w", 0.023),
        ("IWM", "price.change_1w", "1w", -0.007),
    ],
    "QQQ dropped 3.5% over the past three months.": [("QQQ", "price.change_3m", "3m", -0.035)],
    "In 2022 the Nasdaq 100 fell 33%, the Russell 2000 lost 22%.": [
        ("QQQ", "price.change_ytd", "2022", -0.33),
        ("IWM", "price.change_ytd", "2022", -0.22),
    ],
    "The benchmark is within 1% of its record.": [("SPY", "price.drawdown", "", -0.01)],
    "SPY is trading 4.5% below its 52-week high.": [("SPY", "price.drawdown", "", -0.045)],
    "The Nasdaq 100 is at record highs.": [("QQQ", "price.drawdown", "", 0.0)],
    "Small caps grind higher.": [("IWM", "price.change_1m", "", 0.0)],
    "The S&P 500 finished November up 1.9%, its seventh straight winning month.": [
        ("SPX", "persistence.month_return", "1m", 0.019),
        ("SPX", "persistence.month_streak", "", 7.0),
    ],
}
CHARTS: dict[str, list[Key]] = {
    "SPY reclaimed the 50-day moving average and sits above the 200-day.": [
        ("SPY", "structure.above_sma50_1d", "", True),
        ("SPY", "structure.above_sma200_1d", "", True),
    ],
    "IWM slipped under its 200DMA.": [("IWM", "structure.above_sma200_1d", "", False)],
    "$SPY is walking the upper Bollinger band.": [("SPY", "structure.envelope_4h", "", "UPPER")],
    "$SPY was rejected at the upper band.": [("SPY", "structure.rejection_4h", "", True)],
    "The moving averages on $SPY are in bullish alignment.": [("SPY", "structure.ema_supportive_4h", "", True)],
    "On the daily chart of $QQQ the averages are stacked bullishly.": [
        ("QQQ", "structure.ema_supportive_1d", "1d", True)
    ],
    "Retests on $SPY keep holding above the prior value area.": [("SPY", "structure.pullback_holds", "", True)],
    "We see distribution in $QQQ.": [("QQQ", "structure.verdict", "", "DISTRIBUTION")],
    "$QQQ is trading just below the risk trigger.": [("QQQ", "compression.below_trigger", "", True)],
    "The lower Keltner band on $IWM is falling.": [("IWM", "compression.lower_band_slope", "", 0.0)],
    "Bollinger Bands on $IWM are the tightest in months.": [("IWM", "compression.width_rank", "", 20)],
    "The QQQ's 20-day Bollinger bandwidth is in the 8th percentile; TTM squeeze on; lower band turning up.": [
        ("QQQ", "compression.width_rank", "", 8.0),
        ("QQQ", "compression.ttm", "", True),
        ("QQQ", "compression.lower_band_slope", "", 0.0),
    ],
}
VOLATILITY_AND_TAPE: dict[str, list[Key]] = {
    "The VIX slipped 6% on the day to 13.8, in the 5th percentile of its one-year range.": [
        ("VIX", "volatility.change_1d", "1d", -0.06),
        ("VIX", "volatility.close", "", 13.8),
        ("VIX", "volatility.rank_1y", "1y", 5.0),
    ],
    "VIX: 14.9, down 1.2 points; 8th percentile (1Y)": [
        ("VIX", "volatility.close", "", 14.9),
        ("VIX", "volatility.rank_1y", "1y", 8.0),
    ],
    "The VIX printed its lowest close in a year.": [("VIX", "volatility.rank_1y", "1y", 0.0)],
    "Spot VIX sits near cycle lows.": [("VIX", "volatility.cycle_low", "", True)],
    "About $12M of VIX calls were bought at the ask today, versus $3M of puts.": [
        ("VIX", "tape.bought_calls", "1d", 12e6),
        ("VIX", "tape.bought_puts", "1d", 3e6),
    ],
    "Buying made up 61% of call premium in $QQQ.": [("QQQ", "tape.bought_share", "", 0.61)],
    "In $QQQ $2.2M went off at the ask exactly, $1.1M above it.": [
        ("QQQ", "tape.bought_calls_a", "", 2.2e6),
        ("QQQ", "tape.bought_calls_aa", "", 1.1e6),
    ],
}
MONTHS_AND_BREADTH: dict[str, list[Key]] = {
    "The S&P 500 is on course for a 10th straight monthly gain.": [
        ("SPX", "persistence.month_streak_running", "", 10.0)
    ],
    "The S&P 500 has risen for six straight months.": [("SPX", "persistence.month_streak", "", 6.0)],
    "In the S&P 500 only 9 such streaks have occurred since World War II.": [
        ("SPX", "persistence.streak_count_since_1945", "since:1945", 9.0)
    ],
    "The S&P 500 had a 4.1% month.": [("SPX", "persistence.month_return", "1m", 0.041)],
    "The S&P 500 posted its biggest weekly gain in eight weeks.": [("SPX", "persistence.best_week_of", "", 8.0)],
    "Best week for the Nasdaq 100 in over a month.": [("NDX", "persistence.best_week_of", "", 4)],
    "Its best week in three months lifted the S&P 500.": [("SPX", "persistence.best_week_of", "", 12)],
    "62% of S&P 500 stocks advanced.": [("SPX", "breadth.green", "", 0.62)],
    "The greenest day in weeks for the S&P 500.": [("SPX", "breadth.green_best_of", "", 10)],
    "Trading in the S&P 500 was thin.": [("SPX", "breadth.quiet", "", 20)],
    "The odds of a short squeeze in the S&P 500 by March are 1 in 5.": [("SPX", "probability.cover5_3m", "", 0.2)],
    "The likelihood of a squeeze in the S&P 500 is increasing.": [("SPX", "probability.cover5_3m", "", None)],
    "It's a fragile balance in the S&P 500.": [("SPX", "fragile.count", "", 3)],
}
CARRIED: dict[str, list[Key]] = {
    "Small-cap short interest grew 3.1% in two weeks. Large-cap: 1.8%. Tech: down 0.4%.": [
        ("RUT", "crowding.change_last", "last_report", 0.031),
        ("SPX", "crowding.change_last", "last_report", 0.018),
        ("NDX", "crowding.change_last", "last_report", -0.004),
    ],
    "Odds of a forced covering in the Russell 2000 have risen to 27%. In the Nasdaq 100 they stand at 18%.": [
        ("RUT", "probability.cover5_3m", "", 0.27),
        ("NDX", "probability.cover5_3m", "", 0.18),
    ],
    "Days to cover: SPX 2.2, NDX 1.8, RUT 4.9.": [
        ("SPX", "crowding.dtc", "", 2.2),
        ("NDX", "crowding.dtc", "", 1.8),
        ("RUT", "crowding.dtc", "", 4.9),
    ],
    "A nine-month winning streak for the S&P 500, and the Nasdaq 100 has seven.": [
        ("SPX", "persistence.month_streak", "", 9.0),
        ("NDX", "persistence.month_streak", "", 7.0),
    ],
    "SPY is 4% off its peak and IWM 19%.": [
        ("SPY", "price.drawdown", "", -0.04),
        ("IWM", "price.drawdown", "", -0.19),
    ],
    "S&P 500 short interest climbed 9% over the past year. In the same span the index gained 24%.": [
        ("SPX", "crowding.change_12m", "12m", 0.09),
        ("SPY", "price.change_12m", "12m", 0.24),
    ],
    "The S&P 500 and the Russell 2000 rallied today. Year to date they have returned 14% and 1%, respectively.": [
        ("SPY", "price.change_1d", "1d", 0.0),
        ("IWM", "price.change_1d", "1d", 0.0),
        ("SPY", "price.change_ytd", "ytd", 0.14),
        ("IWM", "price.change_ytd", "ytd", 0.01),
    ],
    "Fear gauge?\n\nSixteen and a half.": [("VIX", "volatility.close", "", 16.5)],
    "Short interest in the S&P 500 rose 2% this cycle. The household savings rate has slid to 7.3%.": [
        ("SPX", "crowding.change_last", "last_report", 0.02),
        ("", "", "", None),
    ],
    "ENPH: it costs 1.1% to borrow. It fell 9% today.": [
        ("ENPH", "carry.cost_annual", "", 0.011),
        ("ENPH", "price.change_1d", "1d", -0.09),
    ],
}
WORDED: dict[str, list[Key]] = {
    "The Russell 2000 rose one and a quarter percent today.": [("IWM", "price.change_1d", "1d", 0.0125)],
    "Short interest in the Nasdaq 100 rose one point two percent this cycle.": [
        ("NDX", "crowding.change_last", "last_report", 0.012)
    ],
    "S&P 500 short interest is in the ninety-first percentile of five years.": [
        ("SPX", "crowding.rank_5y", "5y", 91.0)
    ],
    "S&P 500 short interest fell by nearly a third since the last report.": [
        ("SPX", "crowding.change_last", "last_report", -0.3333)
    ],
    "S&P 500: minus 2.5 % on the week.": [("SPY", "price.change_1w", "1w", -0.025)],
    "The S&P 500, the Nasdaq 100 and the Russell 2000 have risen by 4, 15 and 10.5 percent this year.": [
        ("SPY", "price.change_ytd", "ytd", 0.04),
        ("QQQ", "price.change_ytd", "ytd", 0.15),
        ("IWM", "price.change_ytd", "ytd", 0.105),
    ],
    "RUT SI: 61st pct (1y), 80th (5y).": [
        ("RUT", "crowding.rank_1y", "1y", 61.0),
        ("RUT", "crowding.rank_5y", "5y", 80.0),
    ],
    "The VIX sits between its 70th and 75th percentile for the past year.": [
        ("VIX", "volatility.rank_1y", "1y", (70.0, 75.0))
    ],
    "The average small-cap short has been three weeks under water.": [("RUT", "carry.underwater_days", "", 21.0)],
    "Short interest in $CVNA went from 22% of float to 9%.": [("CVNA", "squeeze.short_float", "", 0.09)],
    "Turnover was anything but light.": [("SPX", "breadth.quiet", "", 20)],
}
LOSSES_AND_LEVELS: dict[str, list[Key]] = {
    "RUSSELL 2000 POSTS 1.4 PCT WEEKLY LOSS": [("IWM", "price.change_1w", "1w", -0.014)],
    "In the S&P 500 the loss comes to 7%; in the Nasdaq 100 it is 9%.": [
        ("SPX", "carry.mtm", "", -0.07),
        ("NDX", "carry.mtm", "", -0.09),
    ],
    "RUT SI down 1.1% this cycle.": [("RUT", "crowding.change_last", "last_report", -0.011)],
    "The cost of borrowing $QZX has tripled to 44%.": [("QZX", "carry.cost_annual", "", 0.44)],
    "$QZX is down 18% from its 2021 high.": [("QZX", "price.drawdown", "", -0.18)],
    "$QZX trades below both the 50- and 200-day.": [
        ("QZX", "structure.above_sma50_1d", "", False),
        ("QZX", "structure.above_sma200_1d", "", False),
    ],
    "$QZX puts: $9.8M bought at the ask or above.": [("QZX", "tape.bought_puts", "", 9.8e6)],
}
SYMBOLS: dict[str, list[Key]] = {
    "Lemon Grove Foods (LGF) costs 12% to borrow. Lemon Grove fell 7% on Monday, and LGF is 40% below its peak.": [
        ("LGF", "carry.cost_annual", "", 0.12),
        ("LGF", "price.change_1d", "1d", -0.07),
        ("LGF", "price.drawdown", "", -0.4),
    ],
    "Lending fees on QZX are below 20%. QZX's bears need 2.5 days to cover.": [
        ("QZX", "carry.cost_annual", "", 0.2),
        ("QZX", "crowding.dtc", "", 2.5),
    ],
    "TL;DR for $QZX: a third of the float is short.": [("QZX", "squeeze.short_float", "", 0.3333)],
}
ALL = CROWDING | TABLES_AND_LETTERS | STOCKS | REFUSAL | PRICES | CHARTS | VOLATILITY_AND_TAPE | MONTHS_AND_BREADTH
ALL |= CARRIED | WORDED | LOSSES_AND_LEVELS | SYMBOLS
