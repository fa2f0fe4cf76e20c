"""What the load is handed of the lineage."""

from __future__ import annotations

import polars as pl
import pytest

from etl.loading_star import of_loaded
from schemas.core.frames import LINEAGE_NARROW
from validations.fates import QUARANTINE

LINEAGE = pl.DataFrame(
    {
        "record": ["patient", "tumour", "tumour", "event"],
        "record_key": [1, 7, 8, 7],
        "source_row_id": [1, 1, 2, 3],
        "step": ["delivered"] * 4,
        "rule": ["woman"] * 4,
    },
    schema=LINEAGE_NARROW,
)


@pytest.mark.parametrize(
    ("fell", "left"),
    [
        ([], [("patient", 1), ("tumour", 7), ("tumour", 8), ("event", 7)]),
        ([("tumour", 9)], [("patient", 1), ("tumour", 7), ("tumour", 8), ("event", 7)]),
        ([("tumour", 7)], [("patient", 1), ("tumour", 8), ("event", 7)]),  # the event of the same number is another record
        ([("event", 7), ("patient", 1)], [("tumour", 7), ("tumour", 8)]),
    ],
)
def test_leaves_out_the_lines_of_records_that_are_not_loaded(fell: list[tuple[str, int]], left: list[tuple[str, int]]) -> None:
    rows = [{"record": record, "record_key": key} for record, key in fell]
    quarantine = pl.DataFrame(rows, schema={name: QUARANTINE[name] for name in ("record", "record_key")})
    found = of_loaded(LINEAGE, quarantine).collect()
    assert found.schema == LINEAGE.schema
    assert sorted(found.select("record", "record_key").rows()) == sorted(left)
