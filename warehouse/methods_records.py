"""What the methods of a study say of the records behind it: where they come from, and what was done to them before anything was counted."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
from sqlglot import exp

from warehouse import ddl, mart
from warehouse.methods_words import listed, plain

# What holds of every release (docs/linkage.md, docs/operating.md); the last also where nobody was erased.
ALWAYS = (
    "Records of one person, one tumour and one event that several rows or sources deliver are brought together before anything is counted.",
    "A text that is not understood is no value. A record with an error that is certain is kept out; one of the person keeps all hers out.",
    "Persons who were erased or have opted out are in no number.",
)
CORRECTED = "Reviewed corrections of cells were applied in this release (docs/corrections.md)."
OVERRIDDEN = "Findings of this release that were reviewed as rare but true keep nothing out (docs/overrides.md)."


def records(con: duckdb.DuckDBPyConnection) -> list[str]:
    """One sentence each, of the whole release, so that all its studies say the same; without a count."""
    return [*_told(con)]


def _told(con: duckdb.DuckDBPyConnection) -> Iterator[str]:
    sources = mart.frame(con, exp.select(ddl.field("source")).from_(ddl.named("dim_source")))["source"].unique().sort().to_list()
    if sources:
        yield f"Delivered by: {listed([plain(name) for name in sources])}."
    yield from ALWAYS
    if _is_any(con, "lineage_rule", "step", "corrected"):
        yield CORRECTED
    if _is_any(con, "fact_finding", "status", "overridden"):
        yield OVERRIDDEN


def _is_any(con: duckdb.DuckDBPyConnection, table: str, column: str, value: str) -> bool:
    return mart.frame(con, exp.select(ddl.field(column)).from_(ddl.named(table)).where(ddl.field(column).eq(value)).limit(1)).height > 0
