"""A table that lacks rows because an edit keeps them back says so, and names no cut file."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import report_examples
from report_examples import frame

from schemas.core.frames import EDIT_COUNTS, LEDGER
from validations.expecting.plan import Planned
from validations.expecting.rules import rules
from validations.expecting.told import refusal
from validations.expecting.volume_held import explained, held
from validations.expecting.words import detail
from validations.fates import QUARANTINE
from validations.report.not_met import WHOLE
from validations.report.problems import problems
from validations.report.report_input import RESULTS

VOLUMES = {rule.name: rule for rule in rules({}) if rule.name in ("women_against_previous", "tumours_against_previous", "women_loaded")}


def kept(*of: tuple[str, str, int]) -> pl.DataFrame:
    """What is kept back: so many records of a kind, by the code that is the reason."""
    rows = [{"record": record, "reason": code, "record_key": n} for record, code, many in of for n in range(many)]
    return pl.DataFrame(rows, schema=QUARANTINE)


def told(now: int, before: int, *of: tuple[str, str, int], name: str = "women_against_previous") -> tuple[str, str]:
    """What the expectation says, and why, of so many women where there were more."""
    least = before / 2 if name != "women_loaded" else 1
    one = explained(Planned(VOLUMES[name], of=before, hits=now, minimum=least), held(kept(*of)))
    return detail(one, met=False), one.rule.reason


def test_an_edit_that_keeps_back_what_is_missing_is_named_and_the_file_is_whole() -> None:
    says, why = told(242, 800, ("patient", "FUP-002", 500), ("patient", "DATE-003", 58), ("tumour", "TUM-001", 600))
    assert says.endswith("; FUP-002 keeps back 500 of 800 delivered, other edits 58")
    assert why.startswith(WHOLE) and "FUP-002" in why
    assert told(0, 0, ("patient", "FUP-002", 9), name="women_loaded")[1] == why


def test_rows_that_are_missing_are_still_a_cut_file() -> None:
    cut = VOLUMES["women_against_previous"].reason
    assert told(242, 800) == told(242, 800, ("patient", "FUP-002", 20)) == told(242, 800, ("tumour", "FUP-002", 800))
    assert told(242, 800)[1] == cut
    says, why = told(10, 800, ("patient", "FUP-002", 389))  # not most of what is missing
    assert ("FUP-002" in says, why) == (False, cut)
    assert told(450, 800, ("patient", "FUP-002", 350))[1] == cut  # met


def test_the_refusal_and_the_first_problem_say_so_once() -> None:
    results = []
    for name, record in (("women_against_previous", "patient"), ("tumours_against_previous", "tumour")):
        says, why = told(242, 800, (record, "FUP-002", 558), name=name)
        results.append((name, VOLUMES[name].subject, True, False, says, why))
    expectations = frame(results, RESULTS)
    text = refusal(expectations, "a" * 12).splitlines()
    assert text[1].startswith("rows are kept back, not missing: FUP-002") and "558 of 800" in text[2]
    data = replace(
        report_examples.empty(), rows={"dim_patient": 9}, edit_counts=frame([("FUP-002", "error", 558, 0, 0, 0, 0)], EDIT_COUNTS),
        expectations=expectations, ledger=pl.DataFrame(schema=LEDGER),
    )  # fmt: skip
    first, second = problems(data)
    assert first.title.startswith("Rows kept back, not missing: women_against_previous")
    assert "FUP-002 keeps back 558 of 800 delivered; and 1 more of one cause" in first.detail and first.action.startswith(WHOLE)
    assert second.title.startswith("FUP-002")
