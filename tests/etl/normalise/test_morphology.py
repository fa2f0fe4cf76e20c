"""Histology and behaviour in two columns."""

import polars as pl
import pytest

from etl.normalise.morphology import with_behaviour


@pytest.mark.parametrize(
    ("histology", "behaviour", "told"),
    [
        ("8500", "3", "8500/3"),
        (" M8500 ", "Malignant", "M8500/3"),
        ("8500", "IN SITU", "8500/2"),
        ("8520/3", "3", "8520/3"),
        ("8520/3", None, "8520/3"),
        ("8520", None, "8520"),
        (None, "3", None),
        ("8520/3", "2", "8520/3 / 2"),  # they contradict each other
        ("8520", "7", "8520 / 7"),  # no behaviour
        ("ductal", "3", "ductal / 3"),  # a word has its behaviour in itself
    ],
)
def test_joins_the_type_with_its_behaviour(histology, behaviour, told):
    found = with_behaviour(pl.Series([histology], dtype=pl.String), pl.Series([behaviour], dtype=pl.String))
    assert found.to_list() == [told]
