"""What the pieces of a record have in common, wherever they are grouped, compared and made whole."""

from __future__ import annotations

import polars as pl

from schemas.items import identity, items

# A stated "unknown" says that one source does not know: it gives way to any source that does, and contradicts none.
UNKNOWN = "unknown"
# A column that says from what another column follows: it comes from the source whose value was kept, and differing is no conflict.
EXPLAINS = {
    "biomarker": {"reason_code": "result_code"},
    "tumour": {"stage_basis_code": "stage_code", "t_basis_code": "t_code", "n_basis_code": "n_code"},
}
GROUP = "group"


def natural_key(record: str) -> list[str]:
    """The natural key of one kind of record, its person as a number."""
    return ["patient_key", *(column for column in identity(record) if column != "patient_pseudonym")]


def given_columns(groups: pl.DataFrame) -> set[str]:
    """Columns in which any piece has a value: pieces are partial, so most columns have none and need no merging."""
    nulls = groups.null_count().row(0, named=True)
    return {name for name, n in nulls.items() if n < groups.height}


def plain_columns(record: str) -> list[str]:
    """Columns that are neither identity nor part of a date."""
    return [item.column for item in items(record, "staging") if item.type != "interval" and item.role != "identity"]


def column_of(name: str, kind: pl.DataType, parts: list[tuple[int, dict[str, pl.Series]]]) -> pl.Series:
    """One column taken out of the parts of a table (number of rows, columns by name), null where a part has none."""
    found = [columns.pop(name) if name in columns else pl.repeat(None, n, dtype=kind, eager=True) for n, columns in parts]
    return pl.concat(found, rechunk=True).alias(name)
