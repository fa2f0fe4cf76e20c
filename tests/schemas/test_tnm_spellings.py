"""T, N and M written together in one cell, one line per text in data/spellings/tnm.csv.

`t`, `n`, `m` and `basis` (the prefix) are the codes found in the text; `rejected` names the domains that do not understand it, which
leave their column null with a finding. Where neither stands, the text says nothing of that part.
"""

from functools import cache

import polars as pl
import pytest

from schemas.vocabulary import load
from tests.schemas.test_spelling_tables import rows_of, unseen

KNOWN = load()
COLUMNS = {"t": "t_category", "n": "n_category", "m": "m_category", "basis": "stage_basis"}


@cache
def read():
    """What each text says of each part: the whole table in one go, as a column is read."""
    texts = [row["text"] for row in rows_of("tnm")]
    asked = pl.Series([unseen(text) for text in texts])
    return {
        column: dict(zip(texts, KNOWN.normalise(domain, asked, within_text=True).rows(named=True), strict=True))
        for column, domain in COLUMNS.items()
    }


@pytest.mark.parametrize("row", rows_of("tnm"), ids=lambda row: row["text"])
def test_takes_the_text_apart_as_the_table_says(row):
    found = {column: cells[row["text"]] for column, cells in read().items()}
    assert {column: cell["code"] or "" for column, cell in found.items()} == {column: row[column] for column in COLUMNS}, row["why"]
    assert " ".join(COLUMNS[column] for column, cell in found.items() if cell["bin"] == "rejected") == row["rejected"], row["why"]
