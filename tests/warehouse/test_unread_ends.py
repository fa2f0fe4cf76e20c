"""What may have ended a time and was not understood: it may have come before what is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from small_registry import SURVIVAL, Woman, registry, rows, study
from test_analyses import Published
from test_unread_own_columns import CELL, EXCISION, LOST, REFUSED, cell

from warehouse import mart

DIED: Woman = {"treatment_start": 0, "contacts": [{"contact": 500, "death": 500, "vital_status_code": "dead"}]}
BRAIN = {"column": "brain", "label": "Brain", "list": "event", "where": "organ_code = 'brain'", "take": "first", "value": "event"}
TAMOXIFEN = BRAIN | {"column": "tam", "list": "drug", "where": "drug_code = 'tamoxifen'", "value": "treatment"}
DISTANT = {"event_type_code": "distant_recurrence"}
DEAD = "vital_status_code = 'dead'"
OPERATION, OF_BRAIN, OF_TAMOXIFEN = ("operation", "death"), ("brain", "death"), ("tam", "death")
KNOWN, UPPER = (500, 500), (None, 500)
# what ends the time, what she has beside a death on day 500, findings of a cell: earliest and latest day with them, and without
ENDS: list[tuple[tuple[str, ...], dict[str, Any], str, tuple[str, ...], tuple[object, object], tuple[object, object]]] = [
    (OPERATION, {}, "treatment", LOST, UPPER, KNOWN),
    (OPERATION, {}, "event", LOST, KNOWN, KNOWN),
    (OPERATION, {"treatments": [CELL | {"modality_code": "any", "setting_code": None}]}, "treatment", REFUSED, UPPER, KNOWN),
    (OPERATION, {"treatments": [EXCISION]}, "treatment", ("setting_code",), UPPER, KNOWN),  # its setting may be that of the primary
    (OPERATION, {"treatments": [EXCISION | {"setting_code": "primary", "treatment": 30}]}, "tumour", LOST, (30, 30), (30, 30)),
    (OF_BRAIN, {}, "event", LOST, UPPER, KNOWN),
    (OF_BRAIN, {}, "treatment", LOST, KNOWN, KNOWN),
    (OF_BRAIN, {"events": [DISTANT]}, "tumour", LOST, UPPER, UPPER),  # an organ that is not known may be it
    (OF_BRAIN, {"events": [DISTANT | {"organ_code": "liver", "event": 90}]}, "tumour", LOST, KNOWN, KNOWN),
    (OF_BRAIN, {"events": [DISTANT | {"organ_code": "brain"}]}, "tumour", LOST, UPPER, UPPER),  # it came on a day not delivered
    (OF_BRAIN, {"events": [DISTANT | {"organ_code": "brain", "event": 90}]}, "event", LOST, (None, 90), (90, 90)),
    (OF_TAMOXIFEN, {"treatments": [CELL | {"modality_code": "hormonal"}]}, "treatment", REFUSED, UPPER, UPPER),
    (OF_TAMOXIFEN, {"treatments": [CELL | {"modality_code": "radiation"}]}, "treatment", REFUSED, KNOWN, KNOWN),
]  # fmt: skip


@pytest.fixture(scope="module")
def spans(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[object, object]]:
    """Per line of ENDS the earliest and latest day of a woman with the findings, and of one without."""
    women = [{**DIED, **more} for _, more, *_ in ENDS for _ in ("with", "without")]
    unread = pl.concat(cell(record, edits, 2 * no + 1) for no, (_, _, record, edits, *_) in enumerate(ENDS))
    con = registry(tmp_path_factory.mktemp("ends"), *women, unread=unread)
    ends = tuple(
        SURVIVAL | {"endpoint": "_".join(end), "end": end, "censored": ("contact",), "event": DEAD}
        for end in (OPERATION, OF_BRAIN, OF_TAMOXIFEN)
    )
    mart.build_mart(con, [study(endpoints=ends, columns=(BRAIN, TAMOXIFEN), arms=({"arm": "all_of", "label": "All", "residual": True},))])
    asked = "select subject_label::int, endpoint, earliest_days, latest_days from mart_time_to_event join mart_subject using (patient_key)"
    found = {(label, endpoint): days for label, endpoint, *days in rows(con, asked)}
    return [tuple(tuple(found[2 * no + one, "_".join(end)]) for one in (1, 2)) for no, (end, *_) in enumerate(ENDS)]  # type: ignore[misc]


@pytest.mark.parametrize("no", range(len(ENDS)))
def test_an_end_that_was_not_understood_may_have_come_first(no: int, spans: list[tuple[object, object]]) -> None:
    *_, with_it, without = ENDS[no]
    assert spans[no] == (with_it, without)


def test_says_that_a_date_of_the_study_itself_may_have_come_first(tmp_path: Path) -> None:
    ending = SURVIVAL | {"end": OF_BRAIN, "censored": ("contact",), "event": DEAD}
    made = Published(tmp_path, study(endpoints=(ending,), columns=(BRAIN,)), {**DIED, "events": [DISTANT | {"organ_code": "brain"}]})
    (row,) = made.rows("survival", arm="all")
    assert row["reason"] == "a date that may have come first has no day for 1 of 1 women"
