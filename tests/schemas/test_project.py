"""What a project folder is read as, and what `oncomart check` says of it as a whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_project import CONTRACT, REGISTRY, STUDY, mistakes, written

from schemas.project import load_project

EXAMPLES = Path(__file__).parents[2] / "etl" / "examples"


@pytest.mark.parametrize("name", ["published", "trial_days"])
def test_reads_the_bundled_project(name: str) -> None:
    project = load_project(EXAMPLES / name)
    assert project.registry.registry == name
    assert {contract.source for contract in project.contracts} == set(project.registry.sources)


def test_knows_which_sources_tell_of_deaths(tmp_path: Path) -> None:
    assert load_project(written(tmp_path)).registry.certificates == ()
    path = tmp_path / "registry.yml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("{required: true}", "{required: true, death_certificates: true}"), encoding="utf-8"
    )
    assert load_project(tmp_path).registry.certificates == ("ward",)


def test_finds_nothing_wrong_with_the_small_project(tmp_path: Path) -> None:
    project = load_project(written(tmp_path))
    assert [study.study for study in project.studies] == ["outcome"]
    assert project.local_edits is None


def test_points_at_the_very_line(tmp_path: Path) -> None:
    spoilt = CONTRACT.replace("stage_code: stage", "stage_cod: stage").replace("f: female", "f: femal")
    found = mistakes(written(tmp_path, {"contracts/ward.yml": spoilt}))
    assert [(m.line, m.message) for m in found] == [(20, "'femal' is no code of 'sex'"), (26, "'tumour' has no column 'stage_cod'")]


def test_reports_the_mistakes_of_all_files_at_once(tmp_path: Path) -> None:
    found = mistakes(
        written(
            tmp_path,
            {
                "registry.yml": REGISTRY.replace("[outcome]", "[outcome, more]").replace("title", "titel"),
                "contracts/ward.yml": CONTRACT.replace("columns: exact", "colums: exact").replace("stage_code: stage", "stage_cod: stage"),
                "studies/outcome.yml": STUDY.replace("title", "titel").replace("origin: diagnosis", "origin: diagnoses"),
            },
        )
    )
    said = "\n".join(map(str, found))
    for part in ("no file studies/more.yml", "registry.yml:2: unknown key 'titel' (did you mean title?)"):
        assert part in said
    for part in ("unknown key 'colums'", "no column 'stage_cod'", "outcome.yml:2: unknown key 'titel'", "no date 'diagnoses'"):
        assert part in said


def test_wants_a_registry_file(tmp_path: Path) -> None:
    assert f"there is no registry.yml in the project folder '{tmp_path}'" in str(mistakes(tmp_path)[0])
    assert f"there is no project folder '{tmp_path / 'wrod'}'" in str(mistakes(tmp_path / "wrod")[0])


def test_wants_a_contract(tmp_path: Path) -> None:
    written(tmp_path)
    (tmp_path / "contracts" / "ward.yml").unlink()
    assert any("the project has no contract" in str(m) for m in mistakes(tmp_path))


def test_names_a_contract_that_was_given_twice(tmp_path: Path) -> None:
    found = mistakes(written(tmp_path, {"contracts/other.yml": CONTRACT}))
    assert [(m.file, m.line) for m in found] == [("contracts/ward.yml", 1), ("contracts/ward.yml", 5)]
    assert "contracts/other.yml has the name 'ward' too" in str(found[0])
    assert "contracts/other.yml reads the file 'ward.csv' too" in str(found[1])


MISNAMED = {
    "contracts/lab.yaml": "only files that end in .yml are read",
    "contracts/LAB.YML": "only files that end in .yml are read",
    "Corrections.csv": "only corrections.csv is read",
    "Worklist/june.txt": "only worklist is read",
}


@pytest.mark.parametrize("name", MISNAMED)
def test_does_not_pass_over_a_file_under_another_spelling_of_its_name(name: str, tmp_path: Path) -> None:
    assert MISNAMED[name] in str(mistakes(written(tmp_path, {name: "x: 1"}))[0])


@pytest.mark.parametrize("name", ["corrections.csv", "overrides.csv", "edits.yml", "vocabularies", "worklist", "worklist/june.xlsx"])
def test_stops_where_a_link_leads_nowhere_for_what_it_led_to_may_have_counted_last_night(name: str, tmp_path: Path) -> None:
    written(tmp_path, {"worklist/may.txt": "x"} if "/" in name else {})
    (tmp_path / name).symlink_to(tmp_path / "share_that_is_not_mounted")
    assert [str(one).split(" (")[0] for one in mistakes(tmp_path)] == [f"{name}: is a link that leads nowhere"]
    (tmp_path / name).rename(tmp_path / "another_name")
    load_project(tmp_path)


def test_reports_an_over_ride_with_its_line(tmp_path: Path) -> None:
    assert "overrides.csv:1: column record" in str(mistakes(written(tmp_path, {"overrides.csv": "edit\n"}))[0])


def test_reports_a_work_list_that_is_none(tmp_path: Path) -> None:
    found = mistakes(written(tmp_path, {"worklist/june.xlsx": "text", "worklist/may.XLS": "text", "worklist/~$june.xlsx": "text"}))
    assert [str(mistake).split(" (")[0] for mistake in found] == [
        "worklist/june.xlsx: is no workbook that can be opened",
        "worklist/may.XLS: only workbooks that end in .xlsx are read",
    ]


def test_a_letter_beside_the_work_lists_is_told_of_and_stops_no_night(tmp_path: Path) -> None:
    [wrong] = load_project(written(tmp_path, {"worklist/reply.docx": "text"})).unusable
    assert str(wrong).startswith("worklist/reply.docx: only workbooks that end in .xlsx are read")


def test_a_release_depends_on_all_that_is_looked_at_among_the_work_lists(tmp_path: Path) -> None:
    told = {"worklist/reply.docx": "text", "worklist/Thumbs.db": "x", "worklist/done/june.xlsx": "x", "worklist/letters/reply.docx": "x"}
    project = load_project(written(tmp_path, told))
    assert [name for name, _ in project.files() if name.startswith("worklist/")] == ["worklist/done", "worklist/reply.docx"]
    assert [str(one).split(" (")[0] for one in project.unusable] == [
        "worklist/done: is a folder: the workbooks in it are not read",
        "worklist/reply.docx: only workbooks that end in .xlsx are read",
    ]


def test_reports_a_local_spelling_with_its_line(tmp_path: Path) -> None:
    found = mistakes(written(tmp_path, {"vocabularies/words.csv": "domain,spelling,code\nsex,Frau,femal\n"}))
    assert (found[0].file, found[0].line) == ("vocabularies/words.csv", 2)


def test_lists_what_a_release_depends_on(tmp_path: Path) -> None:
    draft = STUDY.replace("study: outcome", "study: draft")
    more = {"claims/outcome.csv": "claim,kind,text,reported\n", "notes.txt": "x", "contracts/.hidden.yml": "x", "studies/draft.yml": draft}
    project = load_project(written(tmp_path, more))
    assert [name for name, _ in project.files()] == ["claims/outcome.csv", "contracts/ward.yml", "registry.yml", "studies/outcome.yml"]
    before = project.files()
    (tmp_path / "registry.yml").write_text(REGISTRY + "# a comment\n", encoding="utf-8")
    assert project.files() == before  # written while a run works: the release is of what was read, and the next run makes another
    assert load_project(tmp_path).files() != before


def test_reads_a_file_that_begins_with_a_byte_order_mark(tmp_path: Path) -> None:
    assert load_project(written(tmp_path, {"registry.yml": "\ufeff" + REGISTRY})).registry.registry == "ward"


def test_merges_an_anchor_and_keeps_its_line(tmp_path: Path) -> None:
    more = "  - rule: again\n    record: event\n    set: {<<: *relapse, site_cod: relapse_site}\n"
    found = mistakes(written(tmp_path, {"contracts/ward.yml": CONTRACT + more}))
    assert [(m.line, m.message) for m in found] == [(CONTRACT.count("\n") + 3, "'event' has no column 'site_cod'")]


def test_takes_a_second_look_at_an_undeclared_order_of_day_and_month(tmp_path: Path) -> None:
    more = "      birth: stage\n"
    text = CONTRACT.replace("  - rule: primary\n", more + "  - rule: primary\n")
    notices = load_project(written(tmp_path, {"contracts/ward.yml": text})).notices
    assert [(n.line, "day or month" in n.message) for n in notices] == [(21, True)]
    assert not [n for n in load_project(EXAMPLES / "published").notices if "day or month" in n.message]


def test_takes_a_second_look_at_treatments_of_no_setting_but_not_at_pieces_of_others(tmp_path: Path) -> None:
    piece = (
        "  - rule: start\n    record: treatment\n"
        "    set: {patient_id: id, course_code: {value: %s}, component_no: {value: 1}, modality_code: {value: chemotherapy}}\n"
    )
    for text, named in (
        (CONTRACT, None), (CONTRACT.replace(", setting: adjuvant", ""), "'course'"),
        (CONTRACT + piece % "primary", None), (CONTRACT + piece % "second", "'start'"),
    ):  # fmt: skip
        told = [n.message for n in load_project(written(tmp_path, {"contracts/ward.yml": text})).notices if "setting" in n.message]
        assert [named in message for message in told] == ([True] if named else [])


def test_takes_a_second_look_at_an_arm_that_a_value_not_delivered_leaves_open(tmp_path: Path) -> None:
    text = STUDY.replace("when: has_recurrence}", "when: has_primary_hormonal}")
    (notice,) = load_project(written(tmp_path, {"studies/outcome.yml": text})).notices
    assert (notice.file, notice.line) == ("studies/outcome.yml", STUDY[: STUDY.index("- {arm: relapsed")].count("\n") + 1)
    assert "'has_primary_hormonal' was not delivered" in notice.message


@pytest.mark.parametrize(
    "when", ["'coalesce(has_primary_hormonal, false)'", "stage_code is not null and stage_code = 'I'", "has_metastasectomy"]
)
def test_is_content_with_an_arm_that_can_always_be_judged(tmp_path: Path, when: str) -> None:
    text = STUDY.replace("when: has_recurrence}", f"when: {when}" + "}")
    assert not load_project(written(tmp_path, {"studies/outcome.yml": text})).notices


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("step: delivered, label: Delivered, keep: \"true\"", "step: held, label: Held, keep: \"true\"", "a row that every study has"),
        ("keep: \"true\"", "keep: has_recurrence", "counts everyone delivered"),
        ("estimators: [kaplan_meier]", "estimators: [median_observed_time]", "there is nothing to compare"),
        ("estimators: [kaplan_meier]", "horizon_days: 9\n    estimators: [median_observed_time]", "'horizon_days' cuts"),
    ],
)  # fmt: skip
def test_refuses_words_of_a_study_that_would_do_nothing(tmp_path: Path, before: str, after: str, said: str) -> None:
    found = mistakes(written(tmp_path, {"studies/outcome.yml": STUDY.replace(before, after, 1)}))
    assert any(said in f"{mistake.message} {mistake.hint}" for mistake in found), found


def test_takes_yes_and_no_for_a_flag_in_a_map(tmp_path: Path) -> None:
    text = CONTRACT.replace("site_code: relapse_site", 'is_histology_confirmed: {from: sex, map: {f: "yes", m: "no", x: true}}')
    assert load_project(written(tmp_path, {"contracts/ward.yml": text})).contracts
