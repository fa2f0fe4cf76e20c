"""What a row of the work list shows: the cells of every row of every source that its finding is about, and nothing that names a person."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from two_hospitals import written

from etl.linking.report import REPORT
from etl.worklists.cells import MOST_PLACES, Cells
from etl.worklists.concerned import OF_LINKAGE, PEOPLE, PLACES, asked, columns_named, other_persons, places
from etl.worklists.raw_rows import RAW
from schemas.contract import Contract
from schemas.core.frames import LINEAGE
from schemas.core.ids import source_row_id, text_key
from schemas.project import load_project
from validations.concerned import Concerned, concerned
from validations.load import built_in_edits

FILES = {1: ("a.csv", "a", "a"), 2: ("b.csv", "b", "b"), 3: ("deaths.csv", "deaths", "deaths")}
EDITS = {edit.edit: edit for edit in built_in_edits()}


@pytest.mark.parametrize(
    ("columns", "named"),
    [
        ("grade_code diagnosis", ("grade_code", "diagnosis")),
        ("diagnosis(a.csv:2)", ("diagnosis",)),
        ("grade_code(ward a/list (new).csv:361) t_code(x:1) stage_code", ("grade_code", "t_code", "stage_code")),
        (None, ()),
    ],
)
def test_a_finding_names_columns_also_beside_the_row_that_contradicts_them(columns: str | None, named: tuple[str, ...]) -> None:
    assert columns_named(columns) == named


def test_an_edit_says_what_it_reads_of_other_records() -> None:
    assert concerned(EDITS["DATE-015"]) == Concerned(("enrolment", "diagnosis"), ())
    assert concerned(EDITS["DATE-004"]).of("tumour") == ("diagnosis",)
    # an operation before the first distant recurrence: both are events of the tumour
    assert set(concerned(EDITS["EVT-001"]).of("event")) == {"event", "event_type_code"}
    assert concerned(EDITS["EVT-005"]).others == (), "what is computed of one record is its own"
    derived = ("t_code", "n_code", "m_code", "tnm_edition_code")
    assert asked(EDITS.values(), ["STG-001"])["STG-001"].own[:4] == derived, "no cell makes a derived stage"


def finding(edit: str, record: str, key: int | None, place: tuple[int, int], **more: Any) -> dict[str, Any]:
    file, source, contract = FILES[place[0]]
    where = {"source_key": place[0], "source_row": place[1], "source_file": file, "source": source, "contract": contract}
    return {"finding_id": "f", "edit": edit, "record": record, "record_key": key, "patient_key": 7, "columns": None, **where, **more}


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    kinds = dict.fromkeys(("record_key", "patient_key", "source_key", "source_row"), pl.Int64)
    return pl.DataFrame(list(rows), schema_overrides=kinds, infer_schema_length=None)


def lineage(*rows: tuple[str, int, tuple[int, int], str]) -> pl.DataFrame:
    told = [(record, key, source_row_id(*place), "delivered", rule) for record, key, place, rule in rows]
    return pl.DataFrame(told, schema=LINEAGE, orient="row")


NOBODY = pl.DataFrame(schema={"finding_id": pl.String, "patient_key": pl.Int64})
# Woman 7 with tumours 71 and 72, each with an event, and one contact; woman 8 with one tumour.
KNOWN = pl.DataFrame(
    [("patient", 7, 7, None, None), ("tumour", 71, 7, 71, None), ("tumour", 72, 7, 72, None), ("event", 701, 7, 71, "metastasectomy"),
     ("event", 702, 7, 72, "metastasectomy"), ("event", 704, 7, 71, "progression"), ("event", 705, 7, 71, "distant_recurrence"),
     ("follow_up", 703, 7, None, None), ("patient", 8, 8, None, None), ("tumour", 81, 8, 81, None)],
    schema=PEOPLE, orient="row",
)  # fmt: skip
WAYS = lineage(
    ("patient", 7, (1, 2), "woman"), ("tumour", 71, (1, 2), "primary"), ("tumour", 71, (2, 2), "primary"),
    ("tumour", 72, (1, 3), "primary"), ("event", 701, (1, 9), "event"), ("event", 702, (1, 8), "event"),
    ("event", 704, (1, 10), "event"), ("event", 705, (1, 11), "event"), ("follow_up", 703, (3, 2), "death"),
    ("patient", 8, (2, 5), "woman"),
)  # fmt: skip


def met(row: dict[str, Any], others: pl.DataFrame = NOBODY) -> list[tuple[str, bool, int, int]]:
    rows = frame(row)
    found = places(rows, asked(EDITS.values(), [row["edit"]]), KNOWN, others, WAYS)
    assert found.schema == pl.Schema(PLACES)
    return found.filter(pl.col("rule").is_not_null()).select("record", "is_own", "source_key", "source_row").rows()


def test_every_delivery_of_a_record_is_named_hers_first() -> None:
    row = finding("LINK-CONFLICT", "tumour", 71, (2, 2), columns="diagnosis(a.csv:2)")
    assert met(row) == [("tumour", True, 2, 2), ("tumour", True, 1, 2)]


def test_an_event_is_compared_with_the_records_of_its_own_tumour() -> None:
    assert met(finding("DATE-004", "event", 702, (1, 8))) == [("event", True, 1, 8), ("tumour", False, 1, 3)]


def test_of_events_only_those_are_named_that_the_edit_looks_at() -> None:
    # an operation before the first distant recurrence, beside a progression; a metastasis at diagnosis would answer for it
    assert met(finding("EVT-001", "event", 701, (1, 9))) == [("event", True, 1, 9), ("event", False, 1, 11)]
    assert concerned(EDITS["EVT-001"]).types == (("event", "distant_recurrence"), ("event", "metastasis_at_diagnosis"))


def test_of_markers_only_those_are_named_that_the_edit_looks_at() -> None:
    looks = {code: concerned(edit).types for code, edit in EDITS.items() if code.startswith("REC-") and concerned(edit).of("biomarker")}
    assert {types for types in looks.values() if types} <= {(("biomarker", marker),) for marker in ("er", "pr", "her2")} | {
        (("biomarker", "er"), ("biomarker", "pr"))
    }
    assert any(looks.values())


def test_what_belongs_to_the_person_is_compared_with_all_of_it() -> None:
    assert met(finding("DATE-010", "tumour", 71, (1, 2))) == [
        ("tumour", True, 1, 2), ("tumour", True, 2, 2), ("follow_up", False, 3, 2),
    ]  # fmt: skip


def test_of_two_persons_who_share_an_identifier_both_are_named() -> None:
    told = {"record": "patient", "outcome": "conflict", "evidence": "name birth", "source_file": "a.csv", "source_row": 2}
    linkage = pl.DataFrame([{**dict.fromkeys(REPORT), **told, "patient_pseudonym": "other"}], schema=REPORT)
    row = finding("LINK-IDENTITY", "patient", 7, (1, 2), columns="name birth")
    others = other_persons(frame(row), linkage)
    assert others.rows() == [("f", text_key("other"))]
    assert met(row, others.with_columns(patient_key=pl.lit(8, pl.Int64))) == [("patient", True, 1, 2), ("patient", False, 2, 5)]


@pytest.fixture(scope="module")
def contracts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Contract, ...]:
    return load_project(written(tmp_path_factory.mktemp("wards"))).contracts


RAW_ROWS = [
    ("a.csv", 2, '{"tumour":"1","Side":"left","diagnosed":"2009-03-01","seen":null}', '{"born":"1950-03-07"}'),
    ("b.csv", 2, '{"tumour":"1","Side":"right","diagnosed":"2009-03-20","seen":"2015-06-01"}', '{"born":"1950-03-07"}'),
    ("deaths.csv", 2, '{"died":"2016-02-03"}', "{}"),
]


def cells(contracts: tuple[Contract, ...], row: dict[str, Any], *found: tuple[str, bool, tuple[int, int], str]) -> str:
    """What is shown of one finding; `found`: record, whether it is her own, file and row, rule."""
    told = [
        {"finding_id": "f", "record": record, "is_own": own, "source_row": place[1], "rule": rule}
        | dict(zip(("source_file", "source", "contract"), FILES[place[0]], strict=True))
        for record, own, place, rule in (("row", True, (row["source_key"], row["source_row"]), None), *found)
    ]
    raw = pl.DataFrame(RAW_ROWS, schema=RAW, orient="row")
    return Cells(contracts, raw, frame(*told), asked(EDITS.values(), [row["edit"]])).of(row)


HERS, THEIRS = ("tumour", True, (2, 2), "primary"), ("tumour", True, (1, 2), "primary")
CONFLICT = {"columns": "laterality_code(a.csv:2) diagnosis(a.csv:2)", "fingerprint": None}
# What is shown of a finding, and why.
SHOWN = {
    "one row needs no name": (
        finding("DATE-023", "tumour", 71, (1, 2)), (THEIRS,), "diagnosed: 2009-03-01",
    ),
    "both sides of a contradiction, each with source, file and row": (
        finding("LINK-CONFLICT", "tumour", 71, (2, 2), **CONFLICT), (HERS, THEIRS),
        "b, b.csv row 2: Side: right; diagnosed: 2009-03-20\na, a.csv row 2: Side: left; diagnosed: 2009-03-01",
    ),
    "the other record that an edit compares": (
        finding("DATE-010", "tumour", 71, (1, 2)), (THEIRS, ("follow_up", False, (3, 2), "death")),
        "a, a.csv row 2: diagnosed: 2009-03-01\ndeaths, deaths.csv row 2: died: 2016-02-03",
    ),
    "a date of birth where it is compared": (
        finding("DATE-001", "tumour", 71, (1, 2)), (THEIRS, ("patient", False, (1, 2), "woman")), "diagnosed: 2009-03-01; born: 1950-03-07",
    ),
    "the cells of the record where the column has none of its own": (
        finding("LINK-CONFLICT", "tumour", 71, (1, 2), columns="tumour_size_mm", fingerprint=None), (THEIRS,),
        "Side: left; diagnosed: 2009-03-01",
    ),
    "an empty cell as empty": (
        finding("DATE-025", "follow_up", 703, (1, 2)), (("follow_up", True, (1, 2), "contact"),), "seen: (empty)",
    ),
    "that a record is not there": (
        finding("DATE-004", "event", 701, (1, 2)), (), "a, a.csv row 2: tumour: 1; Side: left; diagnosed: 2009-03-01\n"
        "no record of tumour was delivered",
    ),
    "of a number of a person the other cells of its row": (
        finding("READ-FORM", "row", None, (1, 2), columns="no"), (),
        "no: (not shown: it names a person); tumour: 1; Side: left; diagnosed: 2009-03-01",
    ),
    "that a number is not there": (
        finding("NORM-PERSON", "row", None, (3, 2), columns="nric"), (), "nric: (empty, or no number of a person); died: 2016-02-03",
    ),
    "the one cell that was not understood": (
        finding("NORM-UNMAPPED", "tumour", None, (1, 2), columns="Side"), (), "Side: left",
    ),
    "where two national numbers stand": (
        finding("LINK-NUMBERS", "patient", 7, (1, 2), columns="nric"),
        (("patient", True, (1, 2), "woman"), ("patient", False, (3, 2), "death")),
        "a, a.csv row 2: no: (not shown: it names a person)\ndeaths, deaths.csv row 2: nric: (not shown: it names a person)",
    ),
    "why nothing of a refused row can be shown": (
        finding("READ-RAGGED", "row", None, (1, 99), columns="9 cells where the header has 7"), (),
        "The row was refused as a whole: its cells cannot be told apart. 9 cells where the header has 7",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", SHOWN)
def test_shows(what: str, contracts: tuple[Contract, ...]) -> None:
    row, found, expected = SHOWN[what]
    assert cells(contracts, row, *found) == expected


BUNDLED = load_project(Path(__file__).resolve().parents[2] / "etl" / "examples" / "registry").contracts
# Of one woman of hospital B: her tumour in the registry file, and its items one below the other.
OF_B = {
    ("registry.txt", 7): ("b_registry", '{"date_of_diagnosis":"20140325","stage_group":"I"}'),
    ("items.csv", 2): ("b_items", '{"ITEM":"NODES_EXAM","DATE":null,"VALUE":"3","TEXT":null}'),
    ("items.csv", 3): ("b_items", '{"ITEM":"METASTASECTOMY","DATE":"2000-06-14","VALUE":"Craniotomy","TEXT":null}'),
    ("items.csv", 4): ("b_items", '{"ITEM":"METS_LESIONS","DATE":null,"VALUE":"2","TEXT":null}'),
    ("items.csv", 5): ("b_items", '{"ITEM":"HORMONAL","DATE":"2000-05-06","VALUE":null,"TEXT":"Tamoxifen"}'),
}
LONG = {
    "nothing of a row that delivers other columns of the record": (
        "DATE-023", (("tumour", True, ("registry.txt", 7), "primary"), ("tumour", True, ("items.csv", 2), "nodes_examined")),
        "date_of_diagnosis: 20140325",
    ),
    "the row that says when, not those that say that there is one": (
        "EVT-001", (("event", True, ("items.csv", 3), "metastasectomy"), ("event", True, ("items.csv", 4), "metastasectomy_lesions")),
        "hospital_b, items.csv row 3: ITEM: METASTASECTOMY; DATE: 2000-06-14",
    ),
    "that there is one where no row says more": (
        "EVT-010", (("event", True, ("items.csv", 4), "metastasectomy_lesions"),), "hospital_b, items.csv row 4: ITEM: METS_LESIONS",
    ),
    "a line of treatment where it may say it": (
        "TRT-003", (("treatment", True, ("items.csv", 5), "hormonal"),), "hospital_b, items.csv row 5: ITEM: HORMONAL; TEXT: Tamoxifen",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", LONG)
def test_shows_of_items_one_below_the_other(what: str) -> None:
    edit, found, expected = LONG[what]
    row = {**finding(edit, found[0][0], 1, (1, 1)), "source_file": "registry.txt", "source_row": 7, "source": "hospital_b"}
    told = [
        {"finding_id": "f", "record": record, "is_own": own, "source_file": place[0], "source_row": place[1], "rule": rule}
        | {"source": "hospital_b", "contract": OF_B[place][0]}
        for record, own, place, rule in found
    ]
    raw = pl.DataFrame([(*place, cells, "{}") for place, (_, cells) in OF_B.items()], schema=RAW, orient="row")
    shown = Cells(BUNDLED, raw, frame(*told), asked(EDITS.values(), [edit])).of(row)
    assert shown.replace("\nno record of event was delivered", "") == expected


def test_cuts_a_long_list_and_says_so(contracts: tuple[Contract, ...]) -> None:
    many = [
        {"finding_id": "f", "record": "tumour", "is_own": True, "source_file": "a.csv", "source_row": i, "rule": "primary"}
        for i in range(30)
    ]
    raw = pl.DataFrame([("a.csv", i, '{"diagnosed":"2009"}', "{}") for i in range(30)], schema=RAW, orient="row")
    told = frame(*({**one, "source": "a", "contract": "a"} for one in many))
    lines = Cells(contracts, raw, told, asked(EDITS.values(), ["DATE-023"])).of(finding("DATE-023", "tumour", 71, (1, 0))).splitlines()
    assert (len(lines), lines[-1]) == (MOST_PLACES + 1, f"and {30 - MOST_PLACES} more rows")


def test_every_edit_of_the_linkage_that_compares_persons_or_tumours_is_known() -> None:
    assert set(OF_LINKAGE) == {"LINK-NUMBERS", "LINK-IDENTITY", "LINK-TUMOUR", "LINK-BELONGS"}


def test_no_row_of_the_bundled_list_is_without_cells_and_contradictions_show_both_sides(bundled_out: Path) -> None:
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(bundled_out / "registry/current/internal/worklist.xlsx")
    sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names[1:]]
    rows = [dict(zip(sheet[0], map(str, row), strict=True)) for sheet in sheets for row in sheet[1:]]
    assert len(rows) > 700
    assert [row["finding_id"] for row in rows if not row["cells"]] == []
    both = [row["cells"].count("\n") for row in rows if row["edit"] == "LINK-CONFLICT" and "(" in row["columns"]]
    assert both and min(both) >= 1
