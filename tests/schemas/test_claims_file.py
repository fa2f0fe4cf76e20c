"""claims/STUDY.csv of a project: what is read, and each mistake with its line."""

from __future__ import annotations

import re
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest

from schemas.checks.claims import read_claims
from schemas.claims import BOUNDS, COLUMNS, KINDS, STATISTICS, Expected
from schemas.facts import plain
from schemas.study import Study
from schemas.yaml_lines import read_yaml

PUBLISHED = files("etl").joinpath("examples", "published", "studies", "metastasectomy.yml")
VERDICTS = files("warehouse").joinpath("claim_verdicts.csv")

STUDY = Study.model_validate({
    "study": "small",
    "title": "A small study",
    "min_cell": 1,
    "min_cell_reason": "invented",
    "steps": ({"step": "all_of_them", "label": "All", "keep": "true"},),
    "arms": ({"arm": "operated", "label": "Operated", "when": "has_metastasectomy"}, {"arm": "rest", "label": "Rest", "residual": True}),
    "endpoints": (
        {
            "endpoint": "survival", "label": "Survival", "origin": "treatment_start", "end": ("contact",), "event": "true",
            "estimators": ("median_observed_time",),
        },
    ),
})  # fmt: skip
HEAD = "claim,kind,text,reported,expected,arm,who,record,where,unless,value,statistic,bound,arithmetic\n"


def read(tmp_path: Path, text: str, name: str = "small"):  # type: ignore[no-untyped-def]
    (tmp_path / "claims").mkdir()
    (tmp_path / "claims" / f"{name}.csv").write_text(text, encoding="utf-8")
    return read_claims(tmp_path, {"small": STUDY}, None)


def told(tmp_path: Path, line: str) -> list[str]:
    """What is said of one line below the header; each is told with its line."""
    _, mistakes = read(tmp_path, HEAD + line + "\n")
    assert all((mistake.file, mistake.line) == ("claims/small.csv", 2) for mistake in mistakes)
    return [mistake.message for mistake in mistakes]


def test_takes_a_cell_of_several_numbers_apart_and_spreads_the_others(tmp_path: Path) -> None:
    found, mistakes = read(tmp_path, HEAD + "P1,cohort,ER,6/5,6; 5,operated,er_code = 'positive'; er_code = 'negative',,,,,,,\n")
    assert mistakes == []
    first, second = found["small"][0].parts
    assert (first.expected, second.expected) == (Expected("", Decimal(6)), Expected("", Decimal(5)))
    assert (first.who, second.who, second.statistic) == ("er_code = 'positive'", "er_code = 'negative'", "")


def test_takes_a_reported_number_as_what_is_expected(tmp_path: Path) -> None:
    found, _ = read(tmp_path, HEAD + "P1,outcome,Time,12.80,,,,,,,survival_days,median,,\nP2,method,Alpha,most,,,,,,,,,,\n")
    number, word = (claim.parts[0].expected for claim in found["small"])
    assert number == Expected("", Decimal("12.80"))  # the decimals are kept: 12.80 is said to two of them
    assert word is None


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("P1,cohort,,13,,,,,,,,,,", "'text' is empty"),
        ("1P,cohort,A,13,,,,,,,,,,", "'claim' is no name: letters, digits and underscores, a letter first"),
        ("P1,cohorts,A,13,,,,,,,,,,", "'kind' is none of cohort, characteristic, treatment, outcome, method, external"),
        ("P1,cohort,A,13,,,,,,,,n,most,", "'bound' is none of at_most, at_least"),
        ("P1,cohort,A,many,,,,,,,,n,,", "'expected' names no number"),
        ("P1,external,A,13,,,,,,,,n,,", "an external figure is not recomputed"),
        ("P1,cohort,A,13,,,,,,,,,at_most,", "'bound' says how what is recomputed limits the claim, and nothing is recomputed"),
        ("P1,cohort,A,,1; 2,,,,,,,n,,1; 2; 3", "'reported' is empty"),
        ("P1,cohort,A,x,1; 2,,,,,,,n,,1; 2; 3", "'arithmetic' has neither one part nor as many as the claim has numbers"),
        ("P1,cohort,A,x,1; 2; 3,,true; false,,,,,n,,", "who has neither one part nor as many as the others"),
        ("P1,cohort,A,13,,,,,,,,middle,,", "'statistic' is none of n, percent, median, min, max, q1, q3, mean, sd"),
        ("P1,cohort,A,13,,,,,,,,median,,", "the statistic 'median' needs a 'value'"),
        ("P1,cohort,A,13,,,,,,,age_years,,,", "a 'value' needs a 'statistic' that summarises it"),
        ("P1,cohort,A,13,,,,,,,,percent,,", "'percent' needs a 'value' that is true or false, or a 'record'"),
        ("P1,cohort,A,13,,,,drug,true,,,,,", "'record' is none of treatment, event, follow_up, biomarker"),
        ("P1,cohort,A,13,,,,event,,,,,,", "'record' needs 'where' (she has one) or 'unless' (she has none), and they need it"),
        ("P1,cohort,A,13,,operatd,,,,,,n,,", "there is no arm 'operatd'"),
        ("P1,cohort,A,13,,,stage = 'I',,,,,,,", "'who': there is no column stage here (at character 1)"),
        ("P1,cohort,A,13,,,stage_code,,,,,,,", "'who': is no condition"),
        ("P1,cohort,A,13,,,,event,drug_code = 'x',,,,,", "'where': there is no column drug_code here (at character 1)"),
        ("P1,cohort,A,13,,,,,,,stage_code,median,,", "'value': is no number"),
        ("P1,cohort,A,13,,,,,,,,,,P2 + 1", "'arithmetic': there is no column P2 here (at character 1)"),
    ],
)
def test_tells_what_is_wrong_with_a_line(tmp_path: Path, line: str, message: str) -> None:
    assert message in told(tmp_path, line)


def test_reads_the_times_of_each_endpoint_and_other_claims_and_published_numbers(tmp_path: Path) -> None:
    text = 'P1,outcome,A,13,,,survival_is_event,,,,survival_days - survival_earliest_days,max,,"P2 + ""table_1.stage.n.rest"""\n'
    _, mistakes = read(tmp_path, HEAD + text + "P2,cohort,B,3,,,,,,,,,,\n")
    assert mistakes == []


def test_refuses_claims_of_a_study_that_is_not_there(tmp_path: Path) -> None:
    _, mistakes = read(tmp_path, HEAD, name="smal")
    assert [str(mistake) for mistake in mistakes] == ["claims/smal.csv:1: there is no study 'smal' (did you mean small?)"]


def test_refuses_two_claims_that_would_share_an_id(tmp_path: Path) -> None:
    _, mistakes = read(tmp_path, HEAD + "P1,cohort,A,13,,,,,,,,n,,\np1,cohort,A,13,,,,,,,,n,,\n")
    assert [(mistake.line, mistake.message) for mistake in mistakes] == [(3, "'p1' would share its number_id with another claim")]


def test_names_a_column_that_is_none(tmp_path: Path) -> None:
    _, mistakes = read(tmp_path, "claim,kind,text,reported,whom\nP1,method,A,13,true\n")
    assert [str(mistake) for mistake in mistakes] == ["claims/small.csv:2: there is no column 'whom' (did you mean who?)"]


PAGE = (Path(__file__).parents[2] / "docs" / "claims.md").read_text(encoding="utf-8")


def test_the_page_names_every_column_kind_statistic_and_verdict() -> None:
    words = [*COLUMNS, *KINDS, *STATISTICS, *BOUNDS, *(row["verdict"] for row in plain(VERDICTS.read_text(encoding="utf-8")))]
    assert [word for word in words if f"`{word}`" not in PAGE] == []


def test_the_example_of_the_page_is_without_mistakes(tmp_path: Path) -> None:
    (tmp_path / "claims").mkdir()
    example = re.findall(r"```csv\n(.*?)```", PAGE, re.DOTALL)[0]
    (tmp_path / "claims" / "metastasectomy.csv").write_text(example, encoding="utf-8")
    study = Study.model_validate(read_yaml("studies/metastasectomy.yml", PUBLISHED.read_bytes()).value)
    found, mistakes = read_claims(tmp_path, {"metastasectomy": study}, None)
    assert (mistakes, len(found["metastasectomy"])) == ([], 6)
