"""Invented files of option trades and chains, of every kind. No row of them stands in a publisher's file."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import databento_dbn as dbn
import zstandard

__all__ = [
    "CALCULATED",
    "CHAIN",
    "FIXED",
    "FLAT_QUOTES",
    "FLAT_TRADES",
    "OPTION_TRADES",
    "PRETTY",
    "TRADES_WITH_QUOTES",
    "encoded",
]

OPTION_TRADES = (
    "underlying_symbol,quote_datetime,sequence_number,root,expiration,strike,option_type,exchange_id,trade_size,"
    "trade_price,trade_condition_id,canceled_trade_condition_id,best_bid,best_ask,underlying_bid,underlying_ask,"
    "number_of_exchanges,{exchange,bid_size,bid,ask_size,ask}[number_of_exchanges]",
    "^ZZI,2022-03-04 15:59:58.125,77,ZZI,2022-03-16,12.500,C,5,10,1.2500,125,0,1.1000,1.3500,14.6500,14.6700,2,"
    "5,1040,1.1000,364,1.3500,42,7,1.0500,9,1.4000",
    "^ZZI,2022-03-04 09:30:01.000,12,ZZIW,2022-03-09,13.000,P,5,4,0.0300,40,2,0.0000,0.0500,0.0000,0.0000,0",
    "^ZZI,2022-03-04 09:29:01,3,ZZI,2022-03-16,12.500,C,5,1,1.3000,131,0,1.1000,1.3500,14.6500,14.6700,1,"
    "5,1040,1.1000,364,1.3500",
)
CALCULATED = (
    OPTION_TRADES[0].replace("best_ask,", "best_ask,trade_iv,trade_delta,"),
    "ZZ.B,2022-03-04 15:59:58.125,77,ZZB,2022-03-18,120.000,P,65,10,1.2500,18,0,1.1000,1.3500,0.4500,-0.2500,119.50,"
    "119.55,,,,,,",
    "ZZ.B,2022-03-04 15:59:59.125,78,ZZB,2022-03-18,120.000,P,65,10,1.2500,999,0,1.1000,1.3500,0.4500,-0.2500,119.50,"
    "119.55,1,65,10,1.1000,12,1.3500",
)
TRADES_WITH_QUOTES = (
    "symbol,expiration,strike,right,trade_timestamp,quote_timestamp,sequence,ext_condition1,ext_condition2,"
    "ext_condition3,ext_condition4,condition,size,exchange,price,bid_size,bid_exchange,bid,bid_condition,ask_size,"
    "ask_exchange,ask,ask_condition",
    "ZZIW,2022-03-09,13.000,CALL,2022-03-04T09:35:07.596,2022-03-04T09:35:07.590,501,255,255,255,255,18,2,5,1.15,10,5,1.10,"
    "50,12,5,1.15,50",
    "ZZIW,2022-03-09,13.000,PUT,2022-03-04T09:36:07.596,2022-03-04T09:36:07.590,502,255,255,255,255,130,3,5,0.85,10,5,0.80,"
    "50,12,5,0.90,50",
)
FLAT_TRADES = (
    "ticker,conditions,correction,exchange,price,sip_timestamp,size",
    "O:ZZIW220309C00013000,209,0,302,1.15,1646404507596000000,2",
    "O:ZZIW220309C00013000,209,0,302,1.15,1646404507596000000,2",
    '"O:ZZI220316P00012500","227,219",0,302,0.8,1646404507596000001,7',
    "O:ZZI220316P00012500,232,1,302,0.8,1646404507596000001,7",
)
FLAT_QUOTES = (
    "ticker,ask_exchange,ask_price,ask_size,bid_exchange,bid_price,bid_size,sequence_number,sip_timestamp",
    "O:ZZIW220309C00013000,302,1.15,9,302,1.1,4,77,1646404507595999999",
    "O:ZZIW220309C00013000,302,1.2,9,302,1.15,4,78,1646404507596000000",
    "O:ZZI220316P00012500,302,0.85,9,0,0,0,79,1646404507596000000",
)
PRETTY = (
    "ts_recv,ts_event,rtype,publisher_id,instrument_id,action,side,depth,price,size,flags,ts_in_delta,sequence,"
    "bid_px_00,ask_px_00,bid_sz_00,ask_sz_00,bid_ct_00,ask_ct_00,symbol",
    "2022-03-04T14:35:07.596000200Z,2022-03-04T14:35:07.596000100Z,1,22,77,T,N,0,1.150000000,2,194,0,501,1.100000000,"
    "1.150000000,10,12,0,0,ZZIW  220309C00013000",
    "2022-03-04T14:36:07.596000200Z,2022-03-04T14:36:07.596000100Z,1,22,77,T,N,0,1.200000000,3,194,0,502,,1.250000000,0,12,"
    "0,0,ZZIW  220309C00013000",
)
FIXED = (
    "ts_recv,ts_event,rtype,publisher_id,instrument_id,action,side,depth,price,size,flags,ts_in_delta,sequence,symbol",
    "1646404507596000200,1646404507596000100,0,22,77,T,N,0,1150000000,2,194,0,501,ZZIW  220309C00013000",
    "1646404567596000200,1646404567596000100,0,22,77,T,N,0,1200000000,3,194,0,502,ZZIW  220309C00013000",
)
CHAIN = (
    '{"timestamp": "2022-03-05 04:52:04", "symbol": "_ZZI", "data": {"symbol": "^ZZI", "options": [',
    '{"option": "ZZI220316C00012500", "bid": 2.05, "bid_size": 7.0, "ask": 2.2, "iv": 0.95, "open_interest": 120.0, '
    '"volume": 15.0, "delta": 0.81, "gamma": 0.0625},',
    '{"option": "ZZIW220309P00013000", "bid": 0.0, "bid_size": 0, "ask": 0.05, "iv": 0.0, "open_interest": 0.0, '
    '"volume": 0, "delta": -0.01, "gamma": 1e-05}',
    "]}}",
)


def encoded(layout: str, *, dataset: str = "OPRA.PILLAR", packed: bool = False) -> bytes:
    """Give two trades as DBN, with the quotes before them where the layout has any."""
    interval = {"start_date": date(2022, 3, 4), "end_date": date(2022, 3, 5), "symbol": "77"}
    symbol, first = "ZZIW  220309C00013000", 1_646_408_107_596_000_100
    metadata = dbn.Metadata(
        dataset=dataset,
        start=first,
        stype_in=dbn.SType.RAW_SYMBOL,
        stype_out=dbn.SType.INSTRUMENT_ID,
        schema=dbn.Schema.from_str(layout),
        symbols=[symbol],
        mappings=[SimpleNamespace(raw_symbol=symbol, intervals=[SimpleNamespace(**interval)])],
    )
    records = [bytes(_record(layout, first + k * 60_000_000_000, 501 + k, 2 + k)) for k in range(2)]
    whole = b"".join([bytes(metadata), *records])
    return zstandard.ZstdCompressor().compress(whole) if packed else whole


def _record(layout: str, at: int, sequence: int, size: int) -> Any:
    own = {"publisher_id": 22, "instrument_id": 77, "ts_event": at, "price": 1_150_000_000, "size": size}
    own |= {"action": dbn.Action.TRADE, "side": dbn.Side.NONE, "depth": 0, "ts_recv": at + 100, "sequence": sequence}
    if layout == "trades":
        return dbn.TradeMsg(**own)
    quotes = dbn.BidAskPair(bid_px=1_100_000_000, ask_px=dbn.UNDEF_PRICE, bid_sz=10, ask_sz=0)
    return dbn.MBP1Msg(**own, levels=quotes)
