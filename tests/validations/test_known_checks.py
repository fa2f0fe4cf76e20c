"""The list of known checks names only what exists, and says why what is left out is."""

from __future__ import annotations

from importlib.resources import files

from schemas.claims import Claim
from schemas.facts import parse
from schemas.reading_edits import reading_edits
from validations.expecting.rules import rules
from validations.known import LEFT_OUT, TAKEN, known_checks
from validations.load import built_in_edits

CLAIMS = files("etl").joinpath("examples", "published", "claims", "metastasectomy.csv")


def named(*kinds: str) -> set[str]:
    return {name for row in known_checks() if row["taken_as"] in kinds for name in row["where"].split()}


def test_each_known_check_stands_there_once_with_a_word_of_the_list() -> None:
    checks = [row["check"] for row in known_checks()]
    assert len(checks) == len(set(checks)) == 166
    assert {row["taken_as"] for row in known_checks()} == set(TAKEN)


def test_what_is_left_out_has_a_reason_and_what_is_not_a_place_or_a_reason() -> None:
    assert [row["check"] for row in known_checks() if not (row["reason"] or row["where"])] == []
    assert [row["check"] for row in known_checks() if row["taken_as"] == LEFT_OUT and (row["where"] or not row["reason"])] == []


def test_every_edit_check_expectation_and_claim_that_it_names_exists() -> None:
    assert named("edit") <= {edit.edit for edit in built_in_edits()}
    assert named("reading", "linkage") <= set(reading_edits())
    rows, _ = parse(CLAIMS.read_text(encoding="utf-8"), "claims.csv", ())
    assert named("claim") <= {Claim(row).claim for row in rows}
    assert named("expectation") <= {rule.name for rule in rules({})}
