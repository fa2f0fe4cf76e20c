"""The column that tells whose the numbers are, against last night: exchanged or moved by itself it is refused, mended it is not."""

from __future__ import annotations

import polars as pl
import pytest
from landing_project import contract

from etl.nights.issuers_changed import check_issuers
from schemas.core.errors import UnreadableError

MAP = {"St Mary": "hospital_a", "Mary": "hospital_a", "City": "hospital_b"}
NUMBER = {"identifier": {"kind": "hospital_number", "issuer": {"from": "hospital", "map": MAP}}}
LAB = contract("lab", "lab.csv", fields={"id": NUMBER, "hospital": {}, "stage": {}})
HOSPITALS = ["St Mary", "City"] * 20
NIGHTS = {
    "as before": (HOSPITALS, False),
    "exchanged": (["City", "St Mary"] * 20, True),
    "moved by one row": ([*HOSPITALS[1:], HOSPITALS[0]], True),
    "spelt otherwise, of the same hospital": (["Mary", "City"] * 20, False),
    "some mended": (["City", "City"] * 5 + HOSPITALS[10:], False),
    "empty: nobody's numbers are told elsewhere": ([None] * 40, False),
}


@pytest.mark.parametrize(("now", "is_refused"), NIGHTS.values(), ids=NIGHTS.keys())
def test_rows_that_say_the_same_are_of_the_same_hospital(now: list[str | None], is_refused: bool) -> None:
    was = pl.DataFrame({"id": [str(n // 2) for n in range(40)], "hospital": HOSPITALS, "stage": [f"{n}" for n in range(40)]})
    tonight = was.with_columns(hospital=pl.Series(now, dtype=pl.String))
    if not is_refused:
        check_issuers("lab.csv", LAB, tonight, was, "accept")
        return
    with pytest.raises(UnreadableError, match="40 of 40 rows that are as before have another hospital"):
        check_issuers("lab.csv", LAB, tonight, was, "accept")
