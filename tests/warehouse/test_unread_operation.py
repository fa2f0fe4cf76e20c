"""An operation of which the text was not understood: she was not 'not operated on', nor is it known that she was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small_registry import Woman, candidates, registry, study

from warehouse import mart

ARMS = {
    "asked for the date": "operation is not null",
    "asked for the code": "operation_code is not null",
    "with a word for none": "coalesce(operation_code, 'none') <> 'none'",
    "no is not delivered": "coalesce(operation_code = 'mastectomy', false)",
    "in a case": "case when operation is null then false else true end",
}


def treated(*operations: dict[str, Any]) -> Woman:
    same = {"modality_code": "surgery", "setting_code": "primary", "treatment": 0}
    return {"treatments": [{**same, "component_no": no, **one} for no, one in enumerate(operations, 1)]}


UNREAD, MASTECTOMY = {"procedure_code": None}, {"procedure_code": "mastectomy"}
DECLINED = {"procedure_code": None, "is_given": False, "treatment": None}
WOMEN = [treated(UNREAD), treated(MASTECTOMY), treated(), treated(DECLINED), treated(UNREAD, MASTECTOMY)]


def test_says_of_whom_an_operation_was_not_understood(tmp_path: Path) -> None:
    nodes = treated({"procedure_code": "sentinel_node_biopsy"}, UNREAD)  # the other may be of the breast
    found = candidates(registry(tmp_path, *WOMEN, nodes))
    assert [(one["is_operation_unread"], one["operation_code"]) for one in found] == [
        (True, None), (False, "mastectomy"), (False, None), (False, None), (False, "mastectomy"), (True, None),
    ]  # fmt: skip
    assert found[0]["operation_earliest_date"] is None


@pytest.mark.parametrize("kind", ARMS)
def test_she_is_in_no_arm_and_counted_as_one_who_cannot_be_judged(kind: str, tmp_path: Path) -> None:
    con = registry(tmp_path, *WOMEN)
    arms = ({"arm": "operated", "label": "Operated", "when": ARMS[kind]}, {"arm": "rest", "label": "The rest", "residual": True})
    mart.build_mart(con, [study(arms=arms)])
    rows = con.sql("select excluded_step, is_undetermined, arm from mart_subject order by subject_label").fetchall()
    assert rows == [
        ("arm", True, None), (None, False, "operated"), (None, False, "rest"), (None, False, "rest"), (None, False, "operated"),
    ]  # fmt: skip
