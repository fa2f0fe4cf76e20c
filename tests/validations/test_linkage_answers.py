"""Answers to what the linkage finds: of several of one record each keeps its own, whatever becomes of the others."""

from __future__ import annotations

import datetime

import polars as pl
from edit_cases import AS_OF, records_of

from schemas.core.frames import FINDINGS
from schemas.findings import identified
from schemas.overrides import Answer
from schemas.statuses import CANNOT_TELL, OVERRIDDEN
from validations.answered import answered, with_status
from validations.answers import bound, said
from validations.fingerprint import logics
from validations.judge import judge
from validations.report.registry_measures import CONFLICT
from validations.route import route

KIND, DAY = {"edit": CONFLICT, "record": "tumour", "record_key": 7}, datetime.date(2019, 12, 1)
LOGIC, NOBODY = logics([]), records_of({})
NOTHING = route(NOBODY, judge(NOBODY, [], AS_OF), [], AS_OF)
ONE, TWO = (f"k{LOGIC[CONFLICT]}0000000{number}" for number in (1, 2))


def stand(*said: str) -> pl.DataFrame:
    """The findings of one record, a row each, that compare this."""
    rows = [{**KIND, "severity": "warning", "outcome": "violated", "source_key": 1, "source_row": 9 - at, "columns": "grade_code(a.csv:1)",
             "fingerprint": one} for at, one in enumerate(said)]  # fmt: skip
    return identified(pl.DataFrame(rows, schema=FINDINGS), pl.DataFrame({"source_key": [1], "source_file": ["b.csv"]}))


def given(fingerprint: str, name: str, status: str) -> Answer:
    file, sheet = ("worklist/a.xlsx", 2) if name else ("overrides.csv", 0)
    return Answer(file, 2, sheet, CONFLICT, "tumour", 7, fingerprint, status, "seen", "AB", DAY, finding_id=name)


def statuses(found: pl.DataFrame, *answers: Answer) -> dict[str, str]:
    """Status by fingerprint, with the outcomes of the answers that are no longer applied."""
    became = answered(bound(said(answers, LOGIC, DAY), found, DAY), found, NOTHING, {})
    told = dict(with_status(found, became.statuses).select("fingerprint", "status").iter_rows())
    assert with_status(found, became.statuses).height == found.height
    return told | {f"answer {at}": one for at, one in enumerate(became.report["outcome"]) if one != "applied"}


def test_of_two_contradictions_of_one_record_each_keeps_its_name_and_its_answer() -> None:
    both = stand(ONE, TWO)
    names = dict(both.select("fingerprint", "finding_id").iter_rows())
    assert dict(stand(TWO, ONE).select("fingerprint", "finding_id").iter_rows()) == names
    answers = [given(one, names[one], status) for one, status in ((ONE, CANNOT_TELL), (TWO, OVERRIDDEN))]
    assert statuses(both, *answers) == {ONE: CANNOT_TELL, TWO: OVERRIDDEN}
    # the first is mended: the other has its number now, and its own answer still
    assert statuses(stand(TWO), *answers) == {TWO: OVERRIDDEN, "answer 0": "record_gone"}
    assert statuses(stand(ONE), *answers) == {ONE: CANNOT_TELL, "answer 1": "record_gone"}


def test_a_line_of_overrides_csv_silences_all_that_compares_the_same_and_nothing_else() -> None:
    assert statuses(stand(ONE, TWO), given(TWO, "", OVERRIDDEN)) == {ONE: "open", TWO: OVERRIDDEN}
    twice = stand(ONE, ONE)
    became = answered(bound(said([given(ONE, "", OVERRIDDEN)], LOGIC, DAY), twice, DAY), twice, NOTHING, {})
    assert with_status(twice, became.statuses)["status"].to_list() == [OVERRIDDEN, OVERRIDDEN]
    assert statuses(stand(TWO), given(ONE, "", OVERRIDDEN)) == {TWO: "open", "answer 0": "value_changed"}
