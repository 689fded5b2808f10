"""Invented answers of publishers' services. No row of them stands in a publisher's answer."""

__all__ = ["CSV_PAGES", "FILERS", "FILINGS", "FUND", "JSON_PAGES"]

JSON_PAGES = (
    '[{"symbolCode": "ZZAA", "issueName": "Zigzag \\"A\\", Shares", "issuerServicesGroupExchangeCode": "R", '
    '"marketClassCode": "NNM", "currentShortPositionQuantity": 5000, "previousShortPositionQuantity": 4000, '
    '"stockSplitFlag": null, "averageDailyVolumeQuantity": 1000, "daysToCoverQuantity": 5.00, "revisionFlag": null, '
    '"changePreviousNumber": 1000, "settlementDate": "2022-04-14"}]',
    '[{"symbolCode": "YYQ", "issueName": "Yonder", "issuerServicesGroupExchangeCode": "E", "marketClassCode": "ARCA", '
    '"currentShortPositionQuantity": 90000, "previousShortPositionQuantity": 3000, "stockSplitFlag": "S", '
    '"averageDailyVolumeQuantity": null, "daysToCoverQuantity": null, "revisionFlag": "R", '
    '"changePreviousNumber": 87000, "settlementDate": "2022-04-14"}]',
    '{"recordTotal": 2}',
)
_HEADER = (
    '"symbolCode","issueName","issuerServicesGroupExchangeCode","marketClassCode","currentShortPositionQuantity",'
    '"previousShortPositionQuantity","stockSplitFlag","averageDailyVolumeQuantity","daysToCoverQuantity",'
    '"revisionFlag","changePreviousNumber","settlementDate"'
)
CSV_PAGES = (
    _HEADER,
    '"ZZAA","Zigzag ""A"", Shares","R","NNM","5000","4000","","1000","5.00","","1000","2022-04-14"',
    _HEADER,
    '"YYQ","Yonder","E","ARCA","90000","3000","S","","","R","87000","2022-04-14"',
    '{"recordTotal": 2}',
)
FUND = (
    '{"effectiveDate": "2022-03-04", "totalNumberOfHoldings": 3, "holdings": [',
    '{"ticker": "ZYA ", "units": 7, "percentageOfTotalNetAssets": 61.5, "cusip": "000000000"},',
    '{"ticker": null, "units": 9, "percentageOfTotalNetAssets": 0.02},',
    '{"ticker": "ZYB", "units": 1, "percentageOfTotalNetAssets": 38.48}]}',
)
FILERS = (
    '{"sec": "shares", "company_tickers":',
    '{"0": {"cik_str": 77, "ticker": "ZYA"}, "1": {"cik_str": 78, "ticker": "ZY-B"}, "2": {"cik_str": 79}},',
    '"frame":',
    '{"pts": 3, "data": [{"cik": 77, "end": "2022-01-31", "val": 5000000}, {"cik": 78, "end": "2022-02-02", '
    '"val": 700000}, {"cik": 9, "end": "2022-02-02", "val": 1}]}}',
)
FILINGS = (
    FILERS[0].replace("shares", "filings"),
    FILERS[1],
    '"concepts": [',
    '{"cik": 77, "units": {"shares": [{"end": "2021-10-31", "val": 4900000, '
    '"filed": "2021-11-02"}, {"end": "2021-10-20", "val": 1, "filed": "2021-11-02"}, {"end": "2022-01-31", '
    '"val": 5000000, "filed": "2022-02-03"}]}},',
    '{"cik": 78, "units": {"shares": [{"end": "2022-02-02", "val": 700000, "filed": "2022-02-04"}]}}]}',
)
