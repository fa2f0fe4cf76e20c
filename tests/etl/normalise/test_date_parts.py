"""Dates whose year, month and day stand in columns of their own."""

import polars as pl
import pytest
from tiny_exports import contract, normalised, noted

from etl.normalise.date_parts import joined


@pytest.mark.parametrize(
    ("year", "month", "day", "text"),
    [
        ("2009", "3", "14", "2009-03-14"),
        ("2009", "9", "9", "2009-09-09"),  # unpadded: no filler
        ("2009", "03", "4", "2009-03-04"),
        ("2009", "3.0", "14.0", "2009-03-14"),
        ("2009", "3", "99", "2009-03"),
        ("2009", "3", None, "2009-03"),
        ("2009", "3", "unknown", "2009-03"),
        ("2009", "00", "14", "2009"),  # a day of no month says nothing
        ("2009", "88", "88", "2009"),
        ("2009", None, None, "2009"),
        ("2009", "Mar", "14", "14 Mar 2009"),
        ("2009", "Mar", "99", "Mar 2009"),
        ("9999", "99", "99", "9999"),
        (None, "3", "14", None),
        ("09", "3", "14", "year 09 month 3 day 14"),  # would be three numbers in any order
        ("2009", "3", "x1", "year 2009 month 3 day x1"),
        ("2009", "1/3", "14", "year 2009 month 1/3 day 14"),
        ("2009", "123", "1", "year 2009 month 123 day 1"),
    ],
)
def test_puts_the_parts_together(year, month, day, text):
    frame = pl.DataFrame({"y": [year], "m": [month], "d": [day]}, schema=dict.fromkeys("ymd", pl.String))
    assert frame.select(joined(pl.col("y"), pl.col("m"), pl.col("d"))).item() == text


@pytest.mark.parametrize(
    ("cells", "first", "last", "edits"),
    [
        (("2009", "3", "14"), "2009-03-14", "2009-03-14", []),
        (("2009", "3", "99"), "2009-03-01", "2009-03-31", []),
        (("2009", "99", "14"), "2009-01-01", "2009-12-31", []),
        (("2009", "2", "30"), None, None, ["NORM-DATE"]),
        (("2009", "13", "1"), None, None, ["NORM-DATE"]),
        (("09", "3", "4"), None, None, ["NORM-DATE"]),
        (("2009", "3", "0x"), None, None, ["NORM-DATE"]),
    ],
)
def test_reads_the_date_of_three_columns(cells, first, last, edits):
    rule = "{rule: primary, record: tumour, set: {patient_id: id, diagnosis: {from: y, month: m, day: d}}}"
    found = normalised(contract("y: {}, m: {}, d: {}", rule), ("1", *cells))
    read = found.records["tumour"].select(pl.col("diagnosis_earliest_date", "diagnosis_latest_date").cast(pl.String)).row(0)
    assert read == (first, last)
    assert [edit for edit, *_ in noted(found)] == edits
