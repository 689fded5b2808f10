"""The local store: original bytes (``raw``), tables (``lake``), and the one door for as-of reads (``asof``)."""
