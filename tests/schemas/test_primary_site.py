"""What `oncomart check` says of the organ that a study names: every mistake with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_project import CONTRACT, STUDY, mistakes, written

from schemas.primary_site import ANY, check_primary_site, prefixes
from schemas.project import load_project
from schemas.study import Study
from schemas.vocabulary import load
from schemas.yaml_lines import Source

FILE = "studies/outcome.yml"


@pytest.mark.parametrize(
    ("site", "says"),
    [
        (("c18",), "'c18' is no topography of ICD-O-3 (write C and two figures, or a part of the organ: C18, C34.1; or any)"),
        (("colon",), "'colon' is no topography of ICD-O-3"),
        (("", "C18"), "'' is no topography of ICD-O-3"),
        (("C18", "C18"), "'C18' is named by 'C18' already (leave it out)"),
        (("C50.4", "C50"), "'C50.4' is named by 'C50' already (leave it out)"),
        (("any", "C50"), "'C50' is named by 'any' already (leave it out)"),
        (("C18.7",), "no code of 'topography' begins with 'C18.7' (its tumours are kept as C18: write C18)"),
        (("C99",), "no code of 'topography' begins with 'C99'"),
    ],
)
def test_names_the_mistake(site: tuple[str, ...], says: str) -> None:
    source = Source(FILE)
    check_primary_site(source, site, load())
    assert [says in str(mistake) for mistake in source.mistakes] == [True], source.mistakes


@pytest.mark.parametrize(("site", "says"), [("[C50,\n  C18.7]", "begins with 'C18.7'"), ("[]", "has too few entries")])
def test_names_the_file_and_the_line(tmp_path: Path, site: str, says: str) -> None:
    text = STUDY.replace("steps:\n", f"primary_site: {site}\nsteps:\n", 1)
    (found,) = mistakes(written(tmp_path, {FILE: text}))
    assert (found.file, says in found.message) == (FILE, True)
    assert site.rpartition("\n")[2] in text.splitlines()[(found.line or 1) - 1]


@pytest.mark.parametrize("site", [("C50",), ("C18", "C19", "C20"), ("C34.1",), ("C80",), (ANY,)])
def test_finds_nothing_in_organs_that_tumours_may_have(site: tuple[str, ...]) -> None:
    source = Source(FILE)
    check_primary_site(source, site, load())
    assert source.mistakes == []


def test_takes_one_word_for_a_list_of_one() -> None:
    parts = {"study": "s", "title": "S", "steps": ({"step": "a", "label": "A", "keep": "true"},)}
    made = Study.model_validate({**parts, "arms": ({"arm": "all_of_them", "label": "All", "residual": True},), "primary_site": ANY})
    assert (made.primary_site, prefixes(made.primary_site)) == ((ANY,), ("",))


@pytest.mark.parametrize(
    ("site", "topography", "is_told"),
    [
        ("[C18, C19]", "", True),
        ("[C50, C56]", "", True),
        ("[C18]", "      topography_code: {value: C18}\n", False),
        ("[C50]", "", False),
        ("C50.4", "", False),
        ("any", "", False),
    ],
)
def test_check_tells_of_a_study_of_another_organ_where_no_contract_sets_the_site(
    tmp_path: Path, site: str, topography: str, is_told: bool
) -> None:
    contract = CONTRACT.replace("      tumour_no: {value: 1}\n", f"      tumour_no: {{value: 1}}\n{topography}")
    study = STUDY.replace("steps:\n", f"primary_site: {site}\nsteps:\n", 1)
    project = load_project(written(tmp_path, {FILE: study, "contracts/ward.yml": contract}))
    told = [str(notice) for notice in project.notices if "no contract sets" in notice.message]
    assert [one.startswith(f"{FILE}:5: ") for one in told] == [True] * is_told, told
