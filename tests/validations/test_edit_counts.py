"""What the catalogue says of each edit on the bundled registries is what their golden files hold."""

from __future__ import annotations

from pathlib import Path

from validations.edit_counts import Fired, bundled_counts
from validations.load import built_in_edits
from validations.pages import catalogue


def test_counts_every_edit_on_every_registry() -> None:
    rows = bundled_counts()
    registries = {row.registry for row in rows}
    assert registries == {"published", "registry", "trial_days"}
    assert {(row.edit, row.registry) for row in rows} == {(edit.edit, name) for edit in built_in_edits() for name in registries}


def test_counts_as_judged_what_is_not_left_out(tmp_path: Path) -> None:
    tmp_path.joinpath("ours").mkdir()
    header = "edit,severity,violated,possible,satisfied,not_applicable,not_judgeable,title"
    tmp_path.joinpath("ours", "edits.csv").write_text(
        f"{header}\nTUM-001,warning,1,2,3,4,5,t\nNORM-DATE,warning,1,0,0,0,0,t\n", encoding="utf-8"
    )
    assert bundled_counts(tmp_path) == (Fired("TUM-001", "ours", 6, 1, 2),)


def test_names_the_edits_that_never_fired() -> None:
    fired = {row.edit for row in bundled_counts() if row.has_fired}
    line = next(line for line in catalogue().splitlines() if line.startswith(("Edits that found nothing", "Each edit found")))
    assert {edit.edit for edit in built_in_edits() if edit.edit in line} == {edit.edit for edit in built_in_edits()} - fired


# Needs two contacts of one source without a number; the contracts of the registry number each. Its cases: tests/edits/FUP-007.yml.
WITHOUT_DEFECT = ["FUP-007"]


def test_finds_something_for_certain_with_every_other_edit_in_the_labelled_registry() -> None:
    assert [row.edit for row in bundled_counts() if row.registry == "registry" and not row.violated] == WITHOUT_DEFECT
