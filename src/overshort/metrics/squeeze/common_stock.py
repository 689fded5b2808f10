"""Which listed securities are common stocks, told from what FINRA's files say of them.

No table says what type a security is.  Market class, symbol and name tell most: ARCA and BZX list funds, preferred
stocks and warrants of NYSE and AMEX have suffixes of their own, Nasdaq gives such issues a fifth letter, and other
names say it in words.  FINRA cuts names at 30 characters, so some that are no common stock pass as one.
"""

import polars as pl

__all__ = ["is_common"]

FUND_MARKETS = ["ARCA", "BZX"]
SUFFIXED, LONGEST = ["NYSE", "AMEX"], 4
"""Where suffixes follow the symbol of a company, and how long that symbol may be without one."""
NASDAQ = ["NNM", "SC"]
_SUFFIX = r"^[A-Z]+(PR[A-Z]?|WS[A-Z]?|RT|U)$"
_FIFTH = r"^[A-Z]{4}[WRUPON]$"
"""Warrants, rights, units, first, second and third preferred issues of Nasdaq companies."""
_MONEY = r".preferred|\bpfd\b|\bpref\b|\bnotes?\b|debenture|\bbonds?\b|\d ?%|\bdue 20\d\d|subordinated"
_RIGHTS = r"warrant|\bwts?\b|\brights?\b|\bunits?\b"
_FUNDS = r"\betfs?\b|\betns?\b|\bfunds?\b|\bfd\b|exchange.traded|closed.end|\bmunicipal\b"
_HOUSES = (
    r"^(ishares|proshares|spdr|direxion|innovator|first trust|global x|vaneck|wisdomtree|vanguard|victoryshares|"
    r"invesco|graniteshares|ft vest|ab active|tidal|yieldmax|defiance|t-rex|leverage shares)"
)
_COMPANIES = r"\binc\.?$|^invesco (ltd|mortgage)"
_DEPOSITARY = r"depositar|\bdep sh"
_AMERICAN = r"american dep|\bads\b|\badr\b"


def is_common() -> pl.Expr:
    """Tell common stocks, and American depositary shares of such, by market class, symbol and name.

    Returns
    -------
    Expr
        Over ``symbol, market, name`` of table ``short_interest``; a row without a name is judged by the rest.
    """
    name = pl.col("name").fill_null("").str.to_lowercase()
    suffixed = pl.col("market").is_in(SUFFIXED) & (pl.col("symbol").str.len_chars() > LONGEST)
    other = (
        (pl.col("market").is_in(FUND_MARKETS) & ~name.str.contains(_COMPANIES))
        | (suffixed & pl.col("symbol").str.contains(_SUFFIX))
        | (pl.col("market").is_in(NASDAQ) & pl.col("symbol").str.contains(_FIFTH))
        | name.str.contains(f"{_MONEY}|{_RIGHTS}|{_FUNDS}")
        | (name.str.contains(_HOUSES) & ~name.str.contains(_COMPANIES))
        | (name.str.contains(_DEPOSITARY) & ~name.str.contains(_AMERICAN))
    )
    return ~other
