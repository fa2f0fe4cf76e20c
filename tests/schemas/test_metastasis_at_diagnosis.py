"""A metastasis that was there at diagnosis is no recurrence, in whatever words."""

from __future__ import annotations

import polars as pl
import pytest
from vocabulary_outcome import BUILT_IN

AT_DIAGNOSIS, RECURRENCE = "metastasis_at_diagnosis", "distant_recurrence"


def read(text: str, *, within_text: bool) -> str | None:
    [code] = BUILT_IN.normalise("event_type", pl.Series([text]), within_text=within_text)["code"]
    return code


NAMES = (
    "Metastasis at diagnosis | synchronous metastases | de novo metastasis | Synchrone Fernmetastasen | métastase synchrone | "
    "metastasi sincrone"
)
LONGER = (
    "synchronous liver metastasis | liver metastasis at initial diagnosis | distant metastasis at presentation | metastasis, de novo | "
    "Fernmetastasen bei Erstdiagnose | primäre Fernmetastasierung | métastase à distance au diagnostic | "
    "metastasis at the time of diagnosis"
)


@pytest.mark.parametrize("text", NAMES.split(" | "))
def test_names_it(text: str) -> None:
    assert {read(text, within_text=within) for within in (False, True)} == {AT_DIAGNOSIS}


@pytest.mark.parametrize("text", LONGER.split(" | "))
def test_is_never_read_as_a_recurrence_in_a_longer_text(text: str) -> None:
    assert read(text, within_text=True) is None


@pytest.mark.parametrize("text", ["distant metastasis", "Fernmetastasen", "metachronous liver metastasis", "metastatic recurrence"])
def test_leaves_a_recurrence_one(text: str) -> None:
    assert read(text, within_text=True) == RECURRENCE
