"""A dose that was changed is not two radiations; a segment of the spine behind a dose is where it was given."""

from __future__ import annotations

import pytest

from etl.normalise.treatment_grammar import Context, parse_cells
from etl.normalise.treatment_lexicons import by_modality
from schemas.vocabulary import load


@pytest.fixture(scope="module")
def words():
    return by_modality(load())


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ("50Gy changed to 40Gy", []), ("50Gy + 10Gy boost", [(50.0, None)]), ("50Gy; 40Gy", [(50.0, None), (40.0, None)]),
        ("20Gy/5# L3", [(20.0, "bone")]), ("8Gy/1# T12", [(8.0, "bone")]), ("20Gy in 5# to L3-L5", [(20.0, "bone")]),
        ("8Gy/1# to L hip", [(8.0, "bone")]),
        ("50Gy/25# T2", []),  # a vertebra or a category
    ],
)  # fmt: skip
def test_reads_dose_and_volume(cell, read, words):
    found = parse_cells([cell], Context("radiation", "adjuvant", {}), words("radiation")).components
    assert [*found.select("dose_gy", "volume_code").iter_rows()] == read
