"""The exports of the simulated registry: which defects occur, where their labels point, and that the clean twin has none."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from etl.simulate import kinds_edits, kinds_edits_treated, kinds_order, kinds_plausible, writing
from etl.simulate.exports import Exports, make_exports, prepared, write_exports
from etl.simulate.kinds_added import HOLDING
from etl.simulate.kinds_files import FILES
from etl.simulate.paper import ELIGIBLE
from etl.simulate.project import SEED, WOMEN, bundled_registry, simulate
from etl.simulate.truth import Truth, make_truth
from etl.simulate.truth_files import write_truth
from schemas.core.errors import ConfigurationError
from validations.load import built_in_edits

TEXT = {
    "hospital_a/patients.csv": ("cp1252", ";"),
    "hospital_a/tumours.csv": ("utf-8-sig", ","),
    "hospital_b/items.csv": ("utf-8", ","),
    "hospital_b/contacts.csv": ("utf-8", ","),
    "deaths/deaths.csv": ("utf-8", ","),
}
# Kinds that hospitals know best: one that goes missing should be missed.
NAMED = {
    "date_month_only",
    "date_year_only",
    "date_ambiguous_order",
    "date_swapped_by_excel",
    "date_serial_as_text",
    "date_two_digit_year",
    "date_30_february",
    "date_sentinel_1900",
    "missing_in_ten_spellings",
    "stage_spelling",
    "tnm_spelling",
    "receptor_spelling",
    "regimen_spelling",
    "drug_typo",
    "site_typo",
    "grade_unknown_spelling",
    "decimal_comma_lost",
    "size_in_cm",
    "leading_zeros_lost",
    "id_in_scientific_notation",
    "duplicate_row",
    "duplicate_between_hospitals",
    "one_person_two_numbers",
    "name_typo",
    "id_digit_transposed",
    "death_before_diagnosis",
    "contact_after_death",
    "alive_in_hospital_dead_in_registry",
    "treatment_before_birth",
    "side_contradicts_other_hospital",
    "stage_contradicts_other_hospital",
    "second_primary_merged",
    "missing_last_contact",
    "stray_quote",
    "line_break_in_cell",
    "ragged_row",
    "mojibake",
    "trailing_blanks",
    "non_breaking_space",
    "header_among_rows",
    "footer_row",
    "total_row",
    "boost_after_mastectomy",
    "er_negative_with_aromatase_inhibitor",
    "her2_positive_without_trastuzumab",
}


# Kinds whose error holds all records of a woman.
HOLDS = HOLDING | {cell.kind for module in (kinds_order, kinds_edits, kinds_edits_treated) for cell in module.CELLS if cell.holds}
# Kinds of a file as a whole: labelled without a row, once for each file or column.
OF_FILES = {change.__name__ for change in FILES}
# What true women or other defects of the registry give in any case, so that no kind names it; and FUP-007, which needs contacts
# without a number.
UNNAMED = {"DATE-012", "DATE-017", "DATE-028", "EVT-006", "FUP-005", "FUP-007", "RAD-006", "REC-002", "REC-003", "TUM-002"}


def write(truth: Truth, folder: Path, seed: int, *, clean: bool) -> pl.DataFrame:
    """Exports and truth, as `simulate` writes them; the labels."""
    return write_exports(prepared(write_truth(truth, folder / "truth")), folder, seed, clean)


@pytest.fixture(scope="module")
def truth() -> Truth:
    return make_truth(1500, 3)


@pytest.fixture(scope="module")
def messy(truth: Truth) -> Exports:
    return make_exports(truth, 3, clean=False)


@pytest.fixture(scope="module")
def written(truth: Truth, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("messy")
    write(truth, folder, 3, clean=False)
    return folder


def cells_of(path: Path, encoding: str, delimiter: str) -> dict[int, dict[str, str]]:
    """The cells of a delimited file by the physical line on which each row begins."""
    text = path.read_bytes().decode(encoding)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    header, found, begins = next(reader), {}, reader.line_num + 1
    for row in reader:
        found[begins], begins = dict(zip(header, row, strict=False)), reader.line_num + 1
    return found


def test_has_at_least_forty_kinds_and_all_that_are_named(messy: Exports) -> None:
    kinds = set(messy.defects["kind"])
    assert len(kinds) >= 40
    assert NAMED - kinds == set()


def test_gives_every_defect_its_own_id_and_row(messy: Exports) -> None:
    assert messy.defects["defect_id"].is_unique().all()
    assert set(messy.defects.filter(pl.col("row").is_null())["kind"]) == OF_FILES
    assert messy.defects.select("file", "row", "column", "kind").is_duplicated().sum() == 0


@pytest.mark.parametrize("file", TEXT)
def test_labels_point_at_a_cell_that_is_no_longer_clean(written: Path, messy: Exports, file: str) -> None:
    cells = cells_of(written / "exports" / file, *TEXT[file])
    labels = messy.defects.filter((pl.col("file") == file) & (pl.col("column") != "") & pl.col("row").is_not_null())
    assert labels.height > 0
    for row, column, clean in labels.select("row", "column", "clean_value").iter_rows():
        assert cells[row][column] != (clean or ""), (file, row, column)


def test_labels_of_the_workbook_point_at_its_cells(written: Path, messy: Exports) -> None:
    sheet = openpyxl.load_workbook(written / "exports/hospital_a/treatment.xlsx")["Treatment"]
    group, names = "", {}
    for upper, lower in zip(sheet[2], sheet[3], strict=True):
        group = upper.value or group
        names[f"{group} {lower.value}".strip()] = lower.column
    swapped = messy.defects.filter(kind="date_swapped_by_excel", file="hospital_a/treatment.xlsx")
    iso = swapped.filter(pl.col("clean_value").str.contains(r"^\d{4}-\d\d-\d\d$"))
    cells = [sheet.cell(row, names[column]) for row, column in iso.select("row", "column").iter_rows()]
    assert len(cells) > 50 and all(cell.is_date for cell in cells)
    assert [cell.value.strftime("%Y-%d-%m") for cell in cells] == iso["clean_value"].to_list()


def test_labels_of_the_fixed_width_file_point_at_its_columns(written: Path, messy: Exports) -> None:
    lines = (written / "exports/hospital_b/registry.txt").read_text(encoding="utf-8").split("\n")
    layout = [line.split(",") for line in (bundled_registry() / "contracts/registry_layout.csv").read_text().splitlines()[2:]]
    places = {field: (int(start) - 1, int(start) - 1 + int(width)) for field, start, width in layout}
    labels = messy.defects.filter((pl.col("file") == "hospital_b/registry.txt") & (pl.col("column") != ""))
    assert labels.height
    for row, column, clean in labels.select("row", "column", "clean_value").iter_rows():
        assert lines[row - 1][slice(*places[column])].strip() != clean, (row, column)


def test_hits_no_woman_of_the_paper_and_the_cohort_only_where_the_value_is_restored(truth: Truth, messy: Exports) -> None:
    single = messy.defects.filter(pl.col("kind") != "date_swapped_by_excel")
    arms = truth.cohort.select(pl.col("person_no").cast(pl.Int64), "arm", "table2_no")
    hit = single.join(arms, on="person_no")
    assert hit["table2_no"].null_count() == hit.height
    assert set(hit.filter(pl.col("arm") != "outside")["expected"].str.extract(r"^(\w+)", 1)) == {"restored", "merged"}


def test_labels_each_case_with_one_outcome(messy: Exports) -> None:
    words = "restored|interval|null|merged|refused|no_record|finding|edit|noticed|undetectable"
    assert messy.defects.filter(~pl.col("expected").str.contains(rf"^(?:{words})(?: [A-Z]+-[A-Z0-9-]+)?$"))["expected"].to_list() == []


def test_has_five_cases_of_each_kind_and_two_of_those_that_hold_a_woman(messy: Exports) -> None:
    cases = dict(messy.defects.filter(~pl.col("kind").is_in(list(OF_FILES))).group_by("kind").len().iter_rows())
    assert {kind: n for kind, n in cases.items() if n < 5} == dict.fromkeys(HOLDS, 2)


def test_names_every_edit_but_those_that_fire_in_any_case(messy: Exports) -> None:
    named = set(messy.defects["expected"].str.extract(r"^edit (\S+)$", 1).drop_nulls())
    assert {edit.edit for edit in built_in_edits()} - named == UNNAMED


def test_holds_no_more_women_than_the_study_allows_of_its_cohort() -> None:
    for women, seed in ((400, 5), (3000, 6)):
        hit = make_exports(make_truth(women, seed), seed, clean=False).defects.filter(pl.col("kind").is_in(list(HOLDS)))
        assert 0 < hit.height / (ELIGIBLE + hit.height) <= 0.1


def test_says_why_a_kind_cannot_be_found(messy: Exports) -> None:
    assert set(messy.defects.filter(expected="undetectable")["kind"]) == set(kinds_plausible.REASONS)


def test_gives_a_woman_one_defect_at_most(messy: Exports) -> None:
    single = messy.defects.filter(pl.col("kind") != "date_swapped_by_excel")["person_no"].drop_nulls()
    assert single.is_unique().all()


def test_writes_the_same_bytes_for_the_same_seed_and_others_for_another(tmp_path: Path) -> None:
    truth = make_truth(400, 5)
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        write(truth, tmp_path / name, seed, clean=False)
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*") if path.is_file())
    same = {str(file): (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes() for file in files}
    assert all(same.values()), same
    assert (tmp_path / "a/truth/defects.csv").read_bytes() != (tmp_path / "c/truth/defects.csv").read_bytes()


def test_clean_writes_no_label_and_the_same_truth(tmp_path: Path) -> None:
    truth = make_truth(400, 5)
    assert write(truth, tmp_path / "clean", 5, clean=True).is_empty()
    write(truth, tmp_path / "messy", 5, clean=False)
    for name in ("person", "tumour", "treatment", "treatment_what", "event", "follow_up", "oddities"):
        assert (tmp_path / f"clean/truth/{name}.csv").read_bytes() == (tmp_path / f"messy/truth/{name}.csv").read_bytes()


def test_never_writes_into_a_folder_that_holds_something(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    with pytest.raises(ConfigurationError, match="not an empty folder"):
        simulate(tmp_path, 400, 1, clean=True)


def test_the_bundled_registry_is_what_simulate_writes(tmp_path: Path) -> None:
    simulate(tmp_path / "made", WOMEN, SEED, clean=False)
    bundled = bundled_registry()
    files = sorted(path.relative_to(bundled) for path in bundled.rglob("*") if path.is_file())
    files = [file for file in files if file.parts[0] != "claims"]  # a registry of another size is not that of the paper
    assert [str(file) for file in files if (bundled / file).read_bytes() != (tmp_path / "made" / file).read_bytes()] == []


def test_a_workbook_longer_than_excel_allows_goes_on_in_another_and_all_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    simulate(tmp_path / "one", 400, 3, clean=False)
    monkeypatch.setattr(writing, "MOST_ROWS", 100)
    simulate(tmp_path / "several", 400, 3, clean=False)
    sheets = {path.name: _sheet(path) for path in (tmp_path / "several/exports/hospital_a").glob("treatment*.xlsx")}
    whole = _sheet(tmp_path / "one/exports/hospital_a/treatment.xlsx")
    assert set(sheets) == {"treatment.xlsx", "treatment_2.xlsx", "treatment_3.xlsx"}
    assert [row for name in sorted(sheets) for row in sheets[name][3:]] == whole[3:]
    assert {len(rows) for rows in sheets.values()} - {100} == {(len(whole) - 3) % 97 + 3}
    labels = [pl.read_csv(tmp_path / folder / "truth/defects.csv", infer_schema=False) for folder in ("one", "several")]
    there, here = (frame.filter(pl.col("file").str.contains("treatment")).sort("defect_id") for frame in labels)
    there, here = (frame.filter(pl.col("row").is_not_null()) for frame in (there, here))
    pointed = [sheets[Path(file).name][int(row) - 1] for file, row in here.select("file", "row").iter_rows()]
    assert pointed == [whole[int(row) - 1] for row in there["row"]]
    assert "delivery: append" in (tmp_path / "several/contracts/a_treatment.yml").read_text()
    assert "delivery: snapshot" in (tmp_path / "one/contracts/a_treatment.yml").read_text()


def _sheet(path: Path) -> list[tuple[object, ...]]:
    return list(openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True))
