from __future__ import annotations

from schemas.column_map import column_map
from schemas.contract import Contract

FIELDS = {
    "who": {},
    "stage": {"header": "Stage", "aliases": ("Stadium",), "null_tokens": ("Unknown",)},
    "site": {"header": "Site (months)", "pattern": r"^(?P<place>.+) \((?P<months>.+)\)$"},
    "pills": {"grammar": "treatment", "modality": "hormonal"},
    "had_event": {"map": {"1": "yes"}},
}


def rows(record: str, set_: dict[str, object], **rule: object) -> list[tuple[str, str, str]]:
    """Column, header and steps of one rule, the identifier left out."""
    one = {"rule": "rule", "record": record, "set": {"patient_id": "who", **set_}, **rule}
    contract = Contract.model_validate({
        "contract": "table", "contract_version": 1, "title": "Table", "source": "table", "files": ("table.csv",), "fields": FIELDS,
        "records": (one,),
        "null_tokens": ("?",),
    })  # fmt: skip
    found = column_map([contract]).select("column", "header", "steps").rows()
    return [row for row in found if row[0] != "patient_pseudonym"]


def test_tells_headers_null_tokens_and_vocabulary_of_a_code() -> None:
    assert rows("tumour", {"stage_code": "stage"}) == [
        ("stage_code", "Stage | Stadium", "trim > empty where ? | Unknown > vocabulary stage")
    ]


def test_tells_pattern_group_and_days_per_month_of_a_duration() -> None:
    duration = {"from": "site_months", "duration": "months", "days_per_month": 30.0, "after": "treatment_start", "rounded_to": 1.0}
    steps = (
        "trim > empty where ? > pattern group months > months x 30 days > printed to 1: half of it either way > days after treatment_start"
    )
    assert rows("event", {"event": duration}) == [("event", "Site (months)", steps)]


def test_tells_format_and_bound_of_a_calendar_date() -> None:
    window = {"from": "stage", "formats": ("%Y-%m-%d",), "bound": "earliest"}
    ((_, _, steps),) = rows("event", {"event": window})
    assert steps.endswith("date %Y-%m-%d > earliest bound of the interval")


def test_tells_the_zone_of_the_date_or_of_the_file() -> None:
    ((_, _, own),) = rows("event", {"event": {"from": "stage", "zone": "Asia/Singapore"}})
    assert own.endswith("date zone Asia/Singapore")
    contract = Contract.model_validate({
        "contract": "table", "contract_version": 1, "title": "Table", "source": "table", "files": ("table.csv",), "fields": {"who": {}},
        "zone": "Europe/Berlin", "records": ({"rule": "rule", "record": "event", "set": {"patient_id": "who", "event": "who"}},),
    })  # fmt: skip
    assert column_map([contract])["steps"].to_list() == ["trim > keyed hash", "trim > date zone Europe/Berlin"]


def test_leads_a_constant_to_the_columns_of_its_condition() -> None:
    found = rows("event", {"event_type_code": {"value": "death"}}, when="had_event = '1'")
    assert found == [("event_type_code", "had_event", "only where had_event = '1' > constant death")]
    assert rows("event", {"event_type_code": {"value": "death"}}) == [("event_type_code", "", "constant death")]


def test_leads_an_operation_to_its_cell_and_to_its_site() -> None:
    found = rows("event", {"procedure_code": {"from": "stage", "at_site": "site_place"}})
    assert [(header, steps.split(" > ")[-1]) for _, header, steps in found] == [
        ("Stage | Stadium", "vocabulary procedure"),
        ("Site (months)", "site of the operation"),
    ]


def test_tells_that_a_grammar_fills_in_the_columns_no_mapping_sets() -> None:
    found = rows("treatment", {"course_code": {"value": "first"}}, each="pills")
    assert found == [("course_code", "", "constant first"), ("*", "pills", "trim > empty where ? > treatment grammar > modality hormonal")]


def test_tells_how_a_number_a_flag_and_a_text_are_read() -> None:
    found = rows("treatment", {"cycles": "who", "is_given": "had_event", "dose_gy": "stage", "course_code": "site_place"})
    assert [steps.split(" > ")[-1] for _, _, steps in found] == ["whole number", "yes or no", "number", "text"]
    assert "map of 1 spellings" in found[1][2]


def test_leads_a_person_to_her_number_and_to_the_column_that_tells_whose_it_is() -> None:
    number = {"identifier": {"kind": "hospital_number", "issuer": {"from": "hospital", "map": {"A": "a", "B": "b"}}}}
    fields = {"no": number, "hospital": {"header": "Hospital"}}
    contract = Contract.model_validate({
        "contract": "lab", "contract_version": 1, "title": "Lab", "source": "lab", "files": ("lab.csv",), "fields": fields,
        "records": ({"rule": "woman", "record": "patient", "set": {"patient_id": "no"}},),
    })  # fmt: skip
    assert column_map([contract]).select("header", "steps").rows() == [
        ("no", "trim > keyed hash"),
        ("Hospital", "trim > map of 2 spellings > whose number it is"),
    ]
