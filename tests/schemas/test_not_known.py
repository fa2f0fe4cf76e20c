"""Texts that say that nothing is known, in any column: one line per text in data/spellings/not_known.csv.

`canonical`: known to say nothing (null without a finding); `rejected`: the text says something that no vocabulary understands.
"""

import polars as pl
import pytest
from test_spelling_tables import rows_of, unseen
from vocabulary_outcome import BUILT_IN

# Columns whose own codes do not meet any of these texts.
DOMAINS = ("organ", "cause_of_death")


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("row", rows_of("not_known"), ids=lambda row: row["text"])
def test_knows_what_says_nothing(domain, row):
    found = BUILT_IN.normalise(domain, pl.Series([unseen(row["text"])])).row(0, named=True)
    expected = (row["bin"], None)
    assert (found["bin"], found["code"]) == expected, row["why"]
