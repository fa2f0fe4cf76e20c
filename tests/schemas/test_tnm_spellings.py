"""T, N and M written together in one cell, one line per text in data/spellings/tnm.csv.

`t`, `n`, `m` and `basis` (the prefix) are the codes found in the text; `rejected` names the domains that do not understand it, which
leave their column null with a finding. Where neither stands, the text says nothing of that part.
"""

import polars as pl
import pytest

from schemas.vocabulary import load
from tests.schemas.test_spelling_tables import rows_of, unseen

KNOWN = load()
COLUMNS = {"t": "t_category", "n": "n_category", "m": "m_category", "basis": "stage_basis"}


@pytest.mark.parametrize("row", rows_of("tnm"), ids=lambda row: row["text"])
def test_takes_the_text_apart_as_the_table_says(row):
    found = {
        column: KNOWN.normalise(domain, pl.Series([unseen(row["text"])]), within_text=True).row(0, named=True)
        for column, domain in COLUMNS.items()
    }
    assert {column: cell["code"] or "" for column, cell in found.items()} == {column: row[column] for column in COLUMNS}, row["why"]
    assert " ".join(COLUMNS[column] for column, cell in found.items() if cell["bin"] == "rejected") == row["rejected"], row["why"]
