"""Text that a spreadsheet program would run as a formula, made harmless before it is written."""

import polars as pl

__all__ = ["harmless"]

_FORMULA = r"^[=+\-@\t\r]"


def harmless(frame: pl.DataFrame) -> pl.DataFrame:
    """Put an apostrophe before texts that begin as a formula does; numbers and dates stay what they are.

    Names and reasons come from publishers' files and users' own: ``=HYPERLINK(…)`` in one must not run when the
    exported file is opened.
    """
    texts = [pl.col(c) for c, t in frame.schema.items() if t == pl.String]
    escaped = [pl.when(t.str.contains(_FORMULA)).then(pl.concat_str(pl.lit("'"), t)).otherwise(t) for t in texts]
    return frame.with_columns(e.alias(t.meta.output_name()) for e, t in zip(escaped, texts, strict=True))
