"""A treatment or an event of which a word was not understood: she is not one who had none, nor is it known that she had."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from small_registry import Woman, candidates, registry, study, unread_of

from schemas.candidate import known
from warehouse import mart

# What a cell leaves that the grammar refused: its kind and setting, and not whether anything was given.
CELL = {"component_no": 0, "is_given": None}
AFTER, ADJUVANT = {"setting_code": "after_recurrence"}, {"setting_code": "adjuvant"}
ANY, RADIATION, HORMONAL = {"modality_code": "any"}, {"modality_code": "radiation"}, {"modality_code": "hormonal"}
TARGETED, CHEMOTHERAPY = {"modality_code": "targeted"}, {"modality_code": "chemotherapy"}
SYSTEMIC_AFTER, CHEMOTHERAPY_AFTER = "has_systemic_after_recurrence", "has_chemotherapy_after_recurrence"
HORMONAL_AFTER, TRASTUZUMAB_AFTER = "has_hormonal_after_recurrence", "has_trastuzumab_after_recurrence"
DISTANT = "has_distant_recurrence"
PRIMARY, SURGERY = {"setting_code": "primary"}, {"modality_code": "surgery"}
EXCISION = SURGERY | {"procedure_code": "wide_local_excision"}
DECLINED = {"is_given": False, "not_given_reason_code": "declined"}


def treated(*treatments: dict[str, Any]) -> Woman:
    return {"treatments": [{"course_code": f"c{no}", **one} for no, one in enumerate(treatments)]}


def events(*kinds: str, **more: object) -> Woman:
    return {"events": [{"event_type_code": kind, "event_no": no, **more} for no, kind in enumerate(kinds, 1)]}


TREATED = {
    "a cell after the recurrence": (treated(AFTER | ANY | CELL), {SYSTEMIC_AFTER: None, HORMONAL_AFTER: None}),
    "another was given": (treated(AFTER | ANY | CELL, AFTER | HORMONAL), {SYSTEMIC_AFTER: True, CHEMOTHERAPY_AFTER: None}),
    "declined": (treated(AFTER | ANY | DECLINED), {SYSTEMIC_AFTER: False, "untreated_reason_code": "declined"}),
    "declined, beside it": (treated(AFTER | ANY | CELL, AFTER | ANY | DECLINED), {SYSTEMIC_AFTER: None, "untreated_reason_code": None}),
    "radiation is not systemic": (treated(AFTER | RADIATION | CELL), {SYSTEMIC_AFTER: False}),
    "a cell of the primary": (treated(ADJUVANT | CELL), {SYSTEMIC_AFTER: False, "has_primary_chemotherapy": None, "is_neoadjuvant": None}),
    "not given, and a cell": (treated(ADJUVANT | HORMONAL | DECLINED, ADJUVANT | ANY | CELL), {"has_primary_hormonal": None}),
    "not given": (treated(ADJUVANT | HORMONAL | DECLINED), {"has_primary_hormonal": False}),
    "given, and a cell": (
        treated(ADJUVANT | HORMONAL, ADJUVANT | ANY | CELL),
        {
            "has_primary_hormonal": True,  # whatever the cell says
            "treatment_unread": "is_neoadjuvant has_primary_chemotherapy has_primary_trastuzumab has_primary_radiation ",
        },
    ),
    "a targeted drug without a name": (treated(AFTER | TARGETED), {SYSTEMIC_AFTER: True, TRASTUZUMAB_AFTER: None}),
    "chemotherapy without a name": (treated(AFTER | CHEMOTHERAPY), {TRASTUZUMAB_AFTER: False}),
    "nothing delivered": (treated(), {SYSTEMIC_AFTER: False, "has_primary_radiation": None, "treatment_unread": ""}),
}  # fmt: skip
HAPPENED = {
    "a recurrence of a kind not said": (events("recurrence"), {"has_recurrence": True, DISTANT: None, "recurrence_organs": None}),
    "and a distant one": (events("recurrence", "distant_recurrence", organ_code="liver"), {DISTANT: True}),
    "a local one": (events("local_recurrence"), {DISTANT: False, "recurrence_organs": 0}),
    "an organ that was not understood": (events("distant_recurrence"), {"recurrence_organ_code": None, "recurrence_organs": None}),
    "an organ": (events("distant_recurrence", organ_code="liver"), {"recurrence_organ_code": "liver", "recurrence_organs": 1}),
}  # fmt: skip
KNOWN = TREATED | HAPPENED


def test_says_what_is_not_known(tmp_path: Path) -> None:
    found = candidates(registry(tmp_path, *(woman for woman, _ in KNOWN.values())))
    by_label = {int(one["subject_label"]): one for one in found}
    said = {name: {column: by_label[no][column] for column in KNOWN[name][1]} for no, name in enumerate(KNOWN, 1)}
    assert said == {name: expected for name, (_, expected) in KNOWN.items()}


LOST = {
    "a kind that was not understood": (("lost",), None),
    "another cell of the record": (("procedure_code",), False),
}


@pytest.mark.parametrize("kind", LOST)
def test_a_record_that_was_not_delivered_leaves_open_what_she_has_not(kind: str, tmp_path: Path) -> None:
    columns, expected = LOST[kind]
    local = events("local_recurrence")
    events_, treatments = tmp_path / "events", tmp_path / "treatments"
    events_.mkdir()
    treatments.mkdir()
    one = candidates(registry(events_, local, local, unread=unread_of("event", *columns)))
    asked = ("has_recurrence", "has_metastasectomy", "has_progression", "has_systemic_after_recurrence")
    assert [[each[name] for name in asked] for each in one] == [[True, expected, expected, False], [True, False, False, False]]
    one = candidates(registry(treatments, treated(), unread=unread_of("treatment", *columns)))
    assert (one[0]["has_systemic_after_recurrence"], one[0]["has_progression"]) == (expected, False)


def test_a_setting_that_was_not_understood_may_be_any(tmp_path: Path) -> None:
    woman = treated({"setting_code": None, **HORMONAL})
    found = candidates(registry(tmp_path, woman, woman, unread=unread_of("treatment", "setting_code")))
    assert [(one["has_hormonal_after_recurrence"], one["treatment_unread"]) for one in found] == [
        (None, "has_primary_hormonal "), (False, ""),
    ]  # fmt: skip


ARMS = {
    "as it is": ("has_systemic_after_recurrence", AFTER | ANY | CELL, AFTER | HORMONAL),
    "no is not delivered": ("coalesce(has_systemic_after_recurrence, false)", AFTER | ANY | CELL, AFTER | HORMONAL),
    "of the primary": ("coalesce(has_primary_radiation, false)", ADJUVANT | RADIATION | CELL, ADJUVANT | RADIATION),
    "in a case": ("case when has_primary_radiation then true else false end", ADJUVANT | RADIATION | CELL, ADJUVANT | RADIATION),
    "asked for no": ("not coalesce(has_primary_radiation, false)", ADJUVANT | RADIATION | CELL, None),
}


@pytest.mark.parametrize("kind", ARMS)
def test_she_is_in_no_arm_and_counted_as_one_who_cannot_be_judged(kind: str, tmp_path: Path) -> None:
    condition, unread, had = ARMS[kind]
    of_other = treated(ADJUVANT | HORMONAL | CELL)  # of another kind: she is no one's loss
    con = registry(tmp_path, treated(unread), treated(had) if had else treated(), of_other)
    rest = not condition.startswith("not")
    arms = ({"arm": "had", "label": "Had", "when": condition}, {"arm": "rest", "label": "The rest", "residual": True})
    mart.build_mart(con, [study(arms=arms)])
    rows = con.sql("select excluded_step, is_undetermined, arm from mart_subject order by subject_label").fetchall()
    assert rows == [("arm", True, None), (None, False, "had"), (None, False, "rest" if rest else "had")]


DATES = {"recurrence is null": False, "progression is null": None, "metastasectomy is not null": None}


@pytest.mark.parametrize("condition", DATES)
def test_an_event_that_was_lost_answers_no_question_for_its_day(condition: str, tmp_path: Path) -> None:
    con = registry(tmp_path, events("local_recurrence", event="2010-01-01"), unread=unread_of("event", "lost"))
    mart.build_mart(con, [study(steps=({"step": "asked", "label": "Asked", "keep": condition},))])
    undetermined = con.sql("select is_undetermined from mart_subject").fetchall()
    assert undetermined == [(DATES[condition] is None,)]


BESIDE = {
    "a cell of which nothing says the setting": (treated(ANY | CELL), {SYSTEMIC_AFTER: None, "is_operation_unread": True}),
    "a cell for the primary": (treated(ANY | CELL | {"setting_code": "primary"}), {SYSTEMIC_AFTER: False, "is_operation_unread": True}),
    "a cell of an adjuvant treatment": (treated(ANY | CELL | ADJUVANT), {SYSTEMIC_AFTER: False, "is_operation_unread": False}),
    "an excision and an operation that was not understood": (
        treated(PRIMARY | EXCISION, PRIMARY | SURGERY),
        {"operation_code": None, "is_operation_unread": False, "treatment_unread": "operation_code "},
    ),
    "a mastectomy and an operation that was not understood": (
        treated(PRIMARY | SURGERY | {"procedure_code": "mastectomy"}, PRIMARY | SURGERY), {"operation_code": "mastectomy"},
    ),
    "an excision, and chemotherapy that was not understood": (
        treated(PRIMARY | EXCISION, ADJUVANT | CHEMOTHERAPY | CELL), {"operation_code": "wide_local_excision"},
    ),
}  # fmt: skip


def test_a_cell_that_was_not_understood_may_be_what_it_is_beside(tmp_path: Path) -> None:
    unread = pl.concat(unread_of("treatment", "is_given", person=f"w{no:03d}") for no in range(1, len(BESIDE) + 1))
    found = {
        int(one["subject_label"]): one for one in candidates(registry(tmp_path, *(woman for woman, _ in BESIDE.values()), unread=unread))
    }
    said = {kind: {name: found[no][name] for name in BESIDE[kind][1]} for no, kind in enumerate(BESIDE, 1)}
    assert said == {kind: expected for kind, (_, expected) in BESIDE.items()}


OPERATED = {
    "none, and a treatment that was lost": (treated(), ("lost",), None, None, None),
    "an excision, and a treatment that was lost": (treated(PRIMARY | EXCISION), ("lost",), None, None, None),
    "a mastectomy, and a treatment that was lost": (
        treated(PRIMARY | SURGERY | {"procedure_code": "mastectomy"}), ("lost",), "mastectomy", False, False),
    "an excision of which the setting was not understood": (treated(EXCISION), ("setting_code",), None, None, None),
    "an excision of which no setting was delivered": (treated(EXCISION), ("cycles",), None, True, False),
}  # fmt: skip


@pytest.mark.parametrize("kind", OPERATED)
def test_an_operation_may_be_what_was_lost_or_has_no_setting(kind: str, tmp_path: Path) -> None:
    woman, columns, code, is_none, has_day = OPERATED[kind]
    con = registry(tmp_path, woman, unread=unread_of("treatment", *columns))
    (found,) = candidates(con)
    asked = [known().judged(text).certain.sql("duckdb") for text in ("operation_code is null", "operation is not null")]
    assert (found["operation_code"], *con.sql(f"select {', '.join(asked)} from mart_candidate").fetchall()[0]) == (code, is_none, has_day)


@pytest.mark.parametrize(
    ("condition", "answer"), [("operation_code is null", None), ("operation_code = 'mastectomy'", None), ("operation is not null", True)]
)
def test_the_kind_of_operation_is_asked_of_nobody_of_whom_another_may_be_it(condition: str, answer: bool | None, tmp_path: Path) -> None:
    woman = treated(PRIMARY | EXCISION | {"treatment": "2010-01-01"}, PRIMARY | SURGERY)
    con = registry(tmp_path, woman, unread=unread_of("treatment", "procedure_code"))
    mart.build_mart(con, [study(steps=({"step": "asked", "label": "Asked", "keep": condition},))])
    assert con.sql("select is_undetermined from mart_subject").fetchall() == [(answer is None,)]


def test_an_event_that_was_lost_may_have_been_the_first(tmp_path: Path) -> None:
    woman = events("distant_recurrence", event="2012-01-01", organ_code="liver")
    found = candidates(registry(tmp_path, woman, woman, unread=unread_of("event", "lost")))
    days = ("recurrence_earliest_date", "recurrence_latest_date", "distant_recurrence_earliest_date", "distant_recurrence_latest_date")
    assert [[str(one[name]) for name in days] for one in found] == [["None", "2012-01-01"] * 2, ["2012-01-01"] * 4]
    assert [(one["recurrence_organ_code"], one["lost_records"], one[DISTANT]) for one in found] == [
        (None, "event ", True),
        ("liver", "", True),
    ]


def test_a_stage_whose_basis_was_not_understood_is_not_that_at_diagnosis(tmp_path: Path) -> None:
    woman = {"stage_code": "IIA", "t_code": "T2", "n_code": "N1", "n_basis_code": "p"}
    unread = unread_of("tumour", "stage_basis_code", "t_basis_code", "n_basis_code")  # each in a column of its own
    found = candidates(registry(tmp_path, woman, woman, unread=unread))
    known_at_diagnosis = [[one[name] for name in ("stage_code", "t_code", "n_code", "stage_delivered_code")] for one in found]
    assert known_at_diagnosis == [[None, None, "N1", "IIA"], ["IIA", "T2", "N1", "IIA"]]


def test_one_of_another_kind_without_a_day_may_have_been_the_first(tmp_path: Path) -> None:
    distant, again = ({"event_type_code": "distant_recurrence", "event_no": no, "event": day} for no, day in ((1, "2012-01-01"), (2, None)))
    local = {"event_type_code": "local_recurrence"}
    found = candidates(registry(tmp_path, *({"events": events} for events in ([local, distant], [distant, again], [distant]))))
    days = [[str(one[f"recurrence_{side}_date"]) for side in ("earliest", "latest")] for one in found]
    assert days == [["None", "2012-01-01"], ["2012-01-01"] * 2, ["2012-01-01"] * 2]  # a second distant one came behind the first
    assert [str(one["distant_recurrence_earliest_date"]) for one in found] == ["2012-01-01"] * 3


# A condition, and a column or date of a kind of record that may be what it asks for.
ASKED = [
    ("stage_code is null", "tumour.stage_code"), ("stage_code is null", "tumour.n_code"),
    ("coalesce(m_code, 'M0') = 'M0'", "tumour.m_code"), ("node_status_code is null", "tumour.nodes_positive"),
    ("if(m_code = 'M1', 1, 0) = 0", "tumour.m_code"), ("greatest(nodes_positive, 0) = 0", "tumour.nodes_positive"),
    ("concat(stage_code, '') = ''", "tumour.lost"),
    ("coalesce(pr_code, 'negative') = 'negative'", "biomarker.result_code"), ("her2_code is null", "biomarker.lost"),
    ("coalesce(sex_code, 'female') = 'female'", "patient.sex_code"), ("vital_status_code is null", "follow_up.vital_status_code"),
    ("radiation_dose_gy is null", "treatment.dose_gy"), ("age_years is null", "patient.birth"), ("birth is null", "patient.birth"),
    ("diagnosis is null", "tumour.diagnosis"), ("enrolment is null", "tumour.enrolment"), ("contact is null", "follow_up.contact"),
    ("death is null", "follow_up.death"), ("death is null", "follow_up.lost"), ("vital_status_code is null", "follow_up.death"),
]  # fmt: skip


def test_what_is_empty_of_whom_such_a_cell_was_not_understood_is_neither_there_nor_missing(tmp_path: Path) -> None:
    nobody = {"sex_code": None}
    unread = pl.concat(unread_of(*name.split("."), person=f"w{no:03d}") for no, (_, name) in enumerate(ASKED, 1))
    con = registry(tmp_path, *[nobody] * (len(ASKED) + 1), unread=unread)
    for no, (condition, _) in enumerate(ASKED, 1):
        judged = known().judged(condition).certain.sql("duckdb")
        found = con.sql(
            f"select {judged} from mart_candidate where subject_label in ('{no}', '{len(ASKED) + 1}') order by cast(subject_label as int)"
        )
        assert found.fetchall() == [(None,), (True,)], condition


def test_a_cell_of_another_column_leaves_nothing_open(tmp_path: Path) -> None:
    con = registry(tmp_path, {}, unread=unread_of("tumour", "grade_code", "diagnosis"))
    assert candidates(con)[0]["unread_columns"] == " tumour.diagnosis tumour.grade_code "
    judged = [known().judged(text).certain.sql("duckdb") for text in ("m_code is null", "enrolment is null", "death is null")]
    assert con.sql(f"select {', '.join(judged)} from mart_candidate").fetchall() == [(True, True, True)]


UNDATED = {"recurrence is null": None, "progression is null": True, "metastasectomy is null": False}


def test_an_event_of_which_the_day_was_not_understood_is_asked_for_no_day(tmp_path: Path) -> None:
    woman = {"events": [{"event_type_code": "local_recurrence"}, {"event_type_code": "metastasectomy", "event": "2010-01-01"}]}
    con = registry(tmp_path, woman, unread=unread_of("event", "event"))
    judged = [known().judged(text).certain.sql("duckdb") for text in UNDATED]
    assert con.sql(f"select {', '.join(judged)} from mart_candidate").fetchall() == [tuple(UNDATED.values())]


def test_an_operation_of_which_the_day_was_not_understood_is_asked_for_no_day(tmp_path: Path) -> None:
    con = registry(tmp_path, treated(PRIMARY | EXCISION), treated(), unread=unread_of("treatment", "treatment"))
    judged = known().judged("operation is null").certain.sql("duckdb")
    assert con.sql(f"select {judged} from mart_candidate order by subject_label").fetchall() == [(None,), (True,)]
