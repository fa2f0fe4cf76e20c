"""What `oncomart check` says of a contract's formats, fields, repeats, layouts and units: each mistake with its line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from small_project import CONTRACT, mistakes, written

from schemas.contract import Contract
from schemas.project import load_project

C = "contracts/ward.yml"
WIDE = """\
contract: ward
contract_version: 1
title: A wide sheet
source: ward
files: [ward.csv]
fields:
  id: {}
  s{n}_date: {}
  s{n}_type: {}
records:
  - rule: surgery
    record: treatment
    repeat: {name: n, from: 1, to: 3}
    when: s{n}_type is not null
    set:
      patient_id: id
      course_code: {value: "surgery_{n}"}
      component_no: {value: "{n}"}
      modality_code: {value: surgery}
      treatment: {from: "s{n}_date", order: dmy}
  - rule: woman
    record: patient
    set:
      patient_id: id
"""
LAYOUT = "field,start,width\nid,1,4\nsex,5,1\nstage,6,3\nregimen,9,9\nrelapse,18,9\n"
FIXED = CONTRACT.replace("columns: exact", "format: {kind: fixed, layout: ward.csv}")


def contract(folder: Path, text: str, layout: str = LAYOUT) -> Contract:
    return load_project(written(folder, {C: text, "contracts/ward.csv": layout})).contracts[0]


SPOILT = [
    ("columns: exact", "courses: {'AC x4; paclitaxel x4': ddACT}", "'ddACT' is no code of 'regimen' (did you mean ddAC-T"),
    ("columns: exact", "courses: {'AC x4; paclitaxol x4': ddAC-T}", "'paclitaxol' is no code of 'drug' or 'regimen' (did you mean pac"),
    ("columns: exact", "courses: {'ACx4; Tx4': ddAC-T}", "'ACx4' is no code of 'drug' or 'regimen'"),
    ("columns: exact", "courses: {'AC 4; paclitaxel': ddAC-T}", "'AC 4; paclitaxel' is no course"),
    ("columns: exact", "format: {rows: tumour}", "'rows' has no meaning for 'kind: csv'"),
    ("columns: exact", "format: {kind: naaccr_xml, rows: tumor}", "'rows' knows no word 'tumor' (did you mean tumour?)"),
    ("columns: exact", "format: {kind: naaccr}", "'kind' knows no word 'naaccr'"),
    ("columns: exact", "format: {kind: naaccr_xml, delimiter: ';'}", "'delimiter' has no meaning for 'kind: naaccr_xml'"),
    ("columns: exact", "format: {kind: naaccr_xml, encoding: auto}", "'encoding' has no meaning for 'kind: naaccr_xml'"),
    ("columns: exact", "format: {kind: naaccr_xml, sheet: 1}", "'sheet' has no meaning for 'kind: naaccr_xml'"),
    ("columns: exact", "format: {kind: naaccr_xml, layout: x.csv}", "'layout' has no meaning for 'kind: naaccr_xml'"),
    ("columns: exact", "format: {kind: naaccr_xml, preamble_rows: 1}", "'preamble_rows' has no meaning for 'kind: naaccr_xml'"),
    ("columns: exact", "format: {kind: naaccr_xml, header_rows: 1}", "'header_rows' has no meaning for 'kind: naaccr_xml'"),
    ("columns: exact", "format: {kind: naaccr_xml, footer_rows: 1, trailer: '(?P<rows>.)'}", "'trailer' has no meaning for 'kind"),
    ("columns: exact", "format: {kind: naaccr_xml, comment: '#'}", "'comment' has no meaning for 'kind: naaccr_xml'"),
    ("columns: exact", "format: {kind: xml}", "'kind' knows no word 'xml'"),
    ("columns: exact", "format: {sheet: 1}", "'sheet' has no meaning for 'kind: csv'"),
    ("columns: exact", "format: {kind: excel, delimiter: ';'}", "'delimiter' has no meaning for 'kind: excel'"),
    ("columns: exact", "format: {kind: excel, sheet: 0}", "'sheet'"),
    ("columns: exact", "format: {kind: excel, epoch: 1905}", "'epoch'"),
    ("columns: exact", "format: {kind: fixed}", "'kind' fixed needs a 'layout'"),
    ("columns: exact", "format: {kind: fixed, layout: other.csv}", "there is no such layout file"),
    ("columns: exact", "format: {kind: fixed, layout: ../x.csv}", "'layout'"),
    ("columns: exact", "format: {header_rows: 0}", "'header_rows' is at least 1"),
    ("columns: exact", "format: {encoding: hex}", "no encoding of text"),
    ("columns: exact", "format: {decimal: ';'}", "'decimal' knows no word ';'"),
    ("columns: exact", "format: {trailer: 'x'}", "'trailer' is looked for in the footer"),
    ("columns: exact", "format: {trailer: 'x', footer_rows: 1}", "names no group rows"),
    ("columns: exact", "format: {trailer: '(?P<rows>', footer_rows: 1}", "not a regular expression"),
    ("columns: exact", "headers: lose", "'headers' knows no word 'lose' (did you mean loose?)"),
    ("columns: exact", "expected_rows: {min: 3, max: 2}", "'max' is below 'min'"),
    ("columns: exact", "expected_rows: {least: 3}", "unknown key 'least'"),
    ("columns: exact", "delivery: upsert", "'delivery' by upsert needs a 'key'"),
    ("columns: exact", "key: [id]", "'key' belongs to 'delivery: upsert'"),
    ("columns: exact", "delivery: upsert\nkey: [ids]", "no field is named 'ids' (did you mean id?)"),
    ("  sex: {}", "  sex: {digits: 0}", "'digits'"),
    ("  sex: {}", "  sex: {form: '(?=x)'}", "look-around"),
    ("  sex: {}", "  sex: {separator: ';'}", "'separator' belongs to a 'checkbox'"),
    ("  sex: {}", "  sex: {checkbox: {'1': f}, form: f}", "'checkbox' excludes"),
    ("  sex: {}", "  sex: {checkbox: {stage: f}}\n  sex_stage: {}", "both make the column 'sex_stage'"),
    ("  sex: {}", "  sex: {}\n  sex__typed: {}", "a column must not end in '__typed'"),
    ("  sex: {}", "  sex: {}\n  Sex: {}", "a name is small letters"),
    ("  sex: {}", "  sex: {}\n  s{n}: {}", "no rule repeats over 'n'"),
    ("sex_code: {from: sex, map: {f: female}}", "sex_code: {from: sex, unit: cm}", "'sex_code' is no measure with a unit"),
    ("stage_code: stage", "tumour_size_mm: {from: stage, unit: Gy}", "'Gy' cannot be turned into the unit of 'tumour_size_mm' (known: mm,"),
    ("stage_code: stage", "tumour_size_mm: {from: stage, unit: feet}", "no unit 'feet' is known"),
]


@pytest.mark.parametrize(("old", "new", "says"), SPOILT, ids=[case[1] for case in SPOILT])
def test_names_the_line_of(tmp_path: Path, old: str, new: str, says: str) -> None:
    found = mistakes(written(tmp_path, {C: CONTRACT.replace(old, new)}))
    first = CONTRACT[: CONTRACT.index(old)].count("\n") + 1
    assert any(says in str(m) and (m.line is None or first <= m.line <= first + new.count("\n")) for m in found), [str(m) for m in found]
    assert len(found) <= 2


NOT_NAACCR = [
    ("  sex: {}", "  sex: {header: Sex of Patient}", "'Sex of Patient' is no naaccrId"),
    ("  sex: {}", "  sex: {aliases: [sex_code]}", "'sex_code' is no naaccrId (write it under 'header', with letters and digits only"),
    ("  sex: {}", "  sex: {checkbox: {'1': f}}", "'sex___1' is no naaccrId"),
]


@pytest.mark.parametrize(("old", "new", "says"), NOT_NAACCR, ids=[case[2] for case in NOT_NAACCR])
def test_names_the_field_that_can_be_no_item_of_naaccr_xml(tmp_path: Path, old: str, new: str, says: str) -> None:
    text = CONTRACT.replace("columns: exact", "format: {kind: naaccr_xml}")
    load_project(written(tmp_path, {C: text}))
    found = mistakes(written(tmp_path, {C: text.replace(old, new)}))
    assert [(mistake.line, says in str(mistake)) for mistake in found] == [(text[: text.index(old)].count("\n") + 1, True)]


GRAMMAR = "  sex: {}\n  cell: {header: sex, grammar: treatment, modality: surgery}"


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("", None),
        ("\n  other: {header: sex, grammar: treatment, modality: radiation}", None),
        ("\n  other: {header: sex, grammar: treatment, modality: surgery}", "the fields 'cell' and 'other' both read the header 'sex'"),
        ("\n  other: {header: sex}", "the fields 'sex' and 'other' both read the header 'sex'"),
    ],
    ids=["as it is and taken apart", "taken apart in two ways", "taken apart alike", "twice as it is"],
)
def test_two_fields_may_share_a_header_that_they_take_apart_differently(tmp_path: Path, more: str, says: str | None) -> None:
    folder = written(tmp_path, {C: CONTRACT.replace("  sex: {}", GRAMMAR + more)})
    if says is None:
        load_project(folder)
    else:
        assert [says in str(mistake) for mistake in mistakes(folder)] == [True]


LOOSE = [
    ("  sex: {}", "  sex: {}\n  other: {header: SEX}", "the fields 'sex' and 'other' both read the header 'SEX'"),
    ("  sex: {}", "  sex: {}\n  other: {header: Sta-Ge}", "both read the header"),
]


@pytest.mark.parametrize(("old", "new", "says"), LOOSE)
def test_compares_headers_as_loosely_as_the_contract(tmp_path: Path, old: str, new: str, says: str) -> None:
    load_project(written(tmp_path, {C: CONTRACT.replace(old, new)}))
    found = mistakes(written(tmp_path, {C: CONTRACT.replace(old, new).replace("columns: exact", "headers: loose")}))
    assert [says in str(mistake) for mistake in found] == [True]


def test_writes_out_a_rule_and_its_fields_once_per_number(tmp_path: Path) -> None:
    read = contract(tmp_path, WIDE)
    assert list(read.fields) == ["id", "s1_date", "s2_date", "s3_date", "s1_type", "s2_type", "s3_type"]
    assert [rule.rule for rule in read.records] == ["surgery_1", "surgery_2", "surgery_3", "woman"]
    second = read.records[1]
    assert second.when == "s2_type is not null"
    assert (second.set["course_code"].value, second.set["component_no"].value, second.set["treatment"].from_) == ("surgery_2", 2, "s2_date")


WIDE_SPOILT = [
    ("{name: n, from: 1, to: 3}", "{name: n, from: 3, to: 1}", 13, "'to' is below 'from'"),
    ("{name: n, from: 1, to: 3}", "{name: n}", 13, "missing key 'to'"),
    ("{name: n, from: 1, to: 3}", "{name: n, from: 1, to: 9999}", 13, "'to'"),
    ("  s{n}_type: {}", "  s{n}_type: {}\n  u{m}: {}", 10, "no rule repeats over 'm'"),
    ("s{n}_type is not null", "s{n}_tipe is not null", 14, "s1_tipe"),
    ('"s{n}_date"', '"s{n}_day"', 20, "no field makes the column 's1_day' (did you mean s1_date or s3_date?)"),
    ("value: surgery}", "value: surgry}", 19, "surgry"),
    ("  - rule: woman\n    record: patient", "  - rule: woman\n    record: patent", 22, "'record' knows no word 'patent'"),
    ("  s{n}_date: {}", "  s{n}_date: {heder: x}", 8, "unknown key 'heder' (did you mean header?)"),
    ("  id: {}", "  id: {}\n  s2_date: {}", 8, "the field 's2_date' is there twice"),
]


@pytest.mark.parametrize(("old", "new", "line", "says"), WIDE_SPOILT, ids=[case[1] for case in WIDE_SPOILT])
def test_reports_a_mistake_in_a_repeat_once_and_where_it_was_written(tmp_path: Path, old: str, new: str, line: int, says: str) -> None:
    assert WIDE.count(old) == 1
    found = [(mistake.line, str(mistake)) for mistake in mistakes(written(tmp_path, {C: WIDE.replace(old, new)})) if mistake.file == C]
    assert [at for at, text in found if says in text] == [line], found


def test_reads_the_layout_beside_the_contract(tmp_path: Path) -> None:
    read = contract(tmp_path, FIXED)
    assert [(place.header, place.start, place.end) for place in read.layout][:2] == [("id", 1, 4), ("sex", 5, 5)]
    assert ("contracts/ward.csv") in dict(load_project(tmp_path).files())


LAYOUTS = [
    (LAYOUT.replace("stage,", "stge,"), C, "the layout has no column 'stage' (did you mean stge?)"),
    (LAYOUT.replace("stage,6,3", "stage,6,0"), "contracts/ward.csv", "'width' is a whole number from 1"),
    (LAYOUT + "sex,1,1\n", "contracts/ward.csv", "the column 'sex' is given twice"),
]


@pytest.mark.parametrize(("layout", "file", "says"), LAYOUTS, ids=[case[2] for case in LAYOUTS])
def test_finds_what_does_not_fit_the_layout(tmp_path: Path, layout: str, file: str, says: str) -> None:
    found = mistakes(written(tmp_path, {C: FIXED, "contracts/ward.csv": layout}))
    assert any(mistake.file == file and says in str(mistake) and mistake.line for mistake in found), [str(m) for m in found]


def test_finds_a_line_too_short_for_its_layout(tmp_path: Path) -> None:
    text = FIXED.replace("layout: ward.csv", "layout: ward.csv, line_length: 20")
    found = mistakes(written(tmp_path, {C: text, "contracts/ward.csv": LAYOUT}))
    assert ["ends at character 26" in str(mistake) for mistake in found] == [True]


def test_takes_a_second_look_at_columns_of_a_layout_that_share_characters(tmp_path: Path) -> None:
    told = [load_project(written(tmp_path, {C: FIXED, "contracts/ward.csv": layout})).notices
            for layout in (LAYOUT, LAYOUT.replace("id,1,4", "id,1,5"))]  # fmt: skip
    shared = [[notice.message for notice in notices if "share" in notice.message] for notices in told]
    assert shared == [[], ["'id' and 'sex' of the layout share the characters 5 to 5"]]


def test_takes_a_second_look_at_what_is_found_out(tmp_path: Path) -> None:
    text = CONTRACT.replace("columns: exact", "format: {encoding: auto, quote: auto}")
    notices = load_project(written(tmp_path, {C: text})).notices
    assert [(notice.line, notice.message[:16]) for notice in notices] == [(6, "'encoding: auto'"), (6, "'quote: auto' is")]


@pytest.mark.parametrize(("delivery", "name", "is_told"), [
    ("append", "ward.csv", True), ("append", "ward*.csv", False), ("upsert\nkey: [id]", "ward.csv", True), ("snapshot", "ward.csv", False),
])  # fmt: skip
def test_takes_a_second_look_at_one_name_for_files_that_all_count(tmp_path: Path, delivery: str, name: str, is_told: bool) -> None:
    files = re.sub(r"files: .*", f'files: ["{name}"]\ndelivery: {delivery}', CONTRACT)
    notices = load_project(written(tmp_path, {C: files})).notices
    assert any("takes the place of the one before" in notice.message for notice in notices) == is_told


@pytest.mark.parametrize(
    ("when", "turned"),
    [
        ("stage = 'x'", ["compares 'stage' with 'x', which the map of the field turns into 'IIA'"]),
        ("stage in ('x', 'I') or sex = 'x'", ["compares 'stage' with 'x', which the map of the field turns into 'IIA'"]),
        ("stage = 'IIA'", []),
        ("stage = 'I'", []),  # the map makes it of another text too
        ("stage is not null", []),
    ],
)
def test_takes_a_second_look_at_a_text_that_the_map_has_turned_away(tmp_path: Path, when: str, turned: list[str]) -> None:
    text = CONTRACT.replace("stage: {null_tokens: [Unknown]}", "stage: {map: {x: IIA, I: II, '1': I}}").replace("stage is not null", when)
    notices = load_project(written(tmp_path, {C: text})).notices
    found = [notice for notice in notices if "map of the field" in notice.message]
    assert [says in notice.message for says, notice in zip(turned, found, strict=True)] == [True] * len(turned)


@pytest.mark.parametrize(
    ("when", "is_told"),
    [
        ("stage is null and stage = 'I'", True),
        ("stage = ''", True),  # an empty cell is null
        ("stage = 'I' and sex = 'x' and stage in ('II', 'III')", True),
        ("stage <> ''", False),
        ("false", False),
    ],
)
def test_takes_a_second_look_at_a_condition_that_no_row_can_meet(tmp_path: Path, when: str, *, is_told: bool) -> None:
    notices = load_project(written(tmp_path, {C: CONTRACT.replace("stage is not null", when)})).notices
    assert any("no row can meet the condition of the rule" in notice.message for notice in notices) == is_told


LUNG, BONE, LIVER = (f"site_code: {{value: {site}}}" for site in ("lung", "bone", "liver"))


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ((LUNG, BONE, LIVER), ["rule_0, rule_1, rule_2 count their events of the kind progression", "of site_code one word"]),
        ((LUNG, BONE + ", event_no: {value: 2}"), []),
        ((LUNG, "is_histology_confirmed: sex"), []),  # parts of one event
        ((LUNG, LUNG + ", is_histology_confirmed: sex"), []),
        (("event: stage", "event: sex"), ["rule_0, rule_1 count", "of event one word"]),  # dates of two columns
        (("event: {from: stage, bound: earliest}", "event: {from: sex, bound: latest}"), []),  # the two sides of a window
    ],
)  # fmt: skip
def test_takes_a_second_look_at_rules_whose_events_would_have_one_number(tmp_path: Path, parts: tuple[str, ...], told: list[str]) -> None:
    rule = "\n  - {rule: rule_%d, record: event, set: {patient_id: id, event_type_code: {value: progression}, %s}}"
    text = CONTRACT.rstrip() + "".join(rule % (number, part) for number, part in enumerate(parts)) + "\n"
    notices = [notice.message for notice in load_project(written(tmp_path, {C: text})).notices if "count their events" in notice.message]
    assert len(notices) == bool(told)
    assert all(says in notices[0] for says in told)


EVIL = [
    "read_csv('/etc/passwd') is null", "exists (select 1 from read_text('/etc/passwd'))", "getenv('HOME') = 'x'", "install httpfs",
    "attach '/tmp/x.db'", "stage is null; select 1", "id in (select id from '/etc/passwd')", "read_blob('/etc/passwd') is null",
    "copy x to '/tmp/x'",
    "glob('/*') is null", "current_setting('x') = 'y'", "pragma_version() is null", "id = (select 1)", "set threads = 1", "call x()",
]  # fmt: skip


@pytest.mark.parametrize("text", EVIL)
def test_refuses_an_expression_that_reaches_out_with_file_and_line(tmp_path: Path, text: str) -> None:
    spoilt = CONTRACT.replace("when: stage is not null", f"when: {text}")
    line = CONTRACT[: CONTRACT.index("when: stage")].count("\n") + 1
    assert [(mistake.file, mistake.line) for mistake in mistakes(written(tmp_path, {C: spoilt}))] == [(C, line)]
