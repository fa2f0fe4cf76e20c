"""The pages on corrections and linkage: their examples load, and every code and key has a word there."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from schemas.contract import Field
from schemas.corrections import BINDING, COLUMNS, read_corrections
from schemas.linkage import SURVIVORSHIP, Linkage, Probabilistic, survivorship_problems
from schemas.reading_edits import reading_edits

DOCS = Path(__file__).parents[2] / "docs"
LINKAGE, CORRECTIONS = ((DOCS / f"{name}.md").read_text(encoding="utf-8") for name in ("linkage", "corrections"))
FIELDS, REGISTRY = (YAML(typ="safe").load(text) for text in re.findall(r"```yaml\n(.*?)```", LINKAGE, re.S))


def frozen(value):
    """Lists as tuples, as the project reads them."""
    if isinstance(value, dict):
        return {key: frozen(child) for key, child in value.items()}
    return tuple(frozen(child) for child in value) if isinstance(value, list) else value


def test_the_example_of_a_contract_loads():
    assert [list(Field.model_validate(frozen(said)).problems()) for said in FIELDS["fields"].values()] == [[]] * 6


def test_the_example_of_a_registry_loads_and_shows_the_defaults():
    linkage = Linkage.model_validate(frozen(REGISTRY["linkage"]))
    assert list(linkage.problems()) == []
    assert list(linkage.probabilistic.problems()) == []
    assert REGISTRY["survivorship"] == SURVIVORSHIP
    assert list(survivorship_problems(REGISTRY["survivorship"])) == []


def test_the_example_of_corrections_has_the_columns_that_are_read():
    [text] = re.findall(r"```csv\n(.*?)```", CORRECTIONS, re.S)
    assert tuple(text.splitlines()[0].split(",")) == (*COLUMNS, BINDING)
    read = read_corrections(text, (), None)
    assert {mistake.message for mistake in read.unusable} == {"no contract reads the file that 'target' names"}
    assert len(read.corrections) == 1 and not read.mistakes


@pytest.mark.parametrize("code", [code for code in reading_edits() if code.startswith(("CORR-", "LINK-P", "LINK-I", "LINK-N", "LINK-T"))])
def test_the_pages_name_the_finding(code):
    assert code in LINKAGE + CORRECTIONS or code == "LINK-PARENT"


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"deterministic": (("nric",),)}, "begins with patient_id"),
        ({"deterministic": ("patient_id", ("birth", "sex"))}, "shared by many persons"),
        ({"deterministic": ("patient_id", "nric", "nric")}, "names a set twice"),
        ({"deterministic": ("patient_id", ("patient_id", "name"))}, "stands alone"),
    ],
)
def test_check_says_what_is_wrong_with_the_keys(said, says):
    assert says in " ".join(Linkage.model_validate(said).problems())


def test_check_says_what_is_wrong_with_thresholds_and_rules():
    said = Probabilistic(compare=("name", "postcode"), merge_from=0.7, review_from=0.9)
    assert len(list(said.problems())) == 2
    assert "knows the rule trust or latest" in " ".join(survivorship_problems({"follow_up.contact": "dead_wins"}))
