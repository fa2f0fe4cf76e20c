"""One line of registry.yml, and all that it speaks for; what a refusal tells to paste."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import pytest

from validations.expecting.accepted import speaking_for, with_accepted
from validations.expecting.baseline import Baseline, Counted
from validations.expecting.rules import BESIDE, compared_rules, entries, plain, rules
from validations.expecting.told import refusal
from validations.report.not_met import SUMMARIES, not_met, warned
from validations.report.report_input import RESULTS

OLD, BAD, LATER = "a" * 12, "b" * 12, "c" * 12
EDIT, OTHER, SOURCE, STAGES, WOMEN = (
    "edits_judged.DATE-010",
    "edits_judged.DATE-011",
    "stage_shares.a",
    "stage_shares",
    "women_against_previous",
)
NAMES = (EDIT, OTHER, SOURCE, STAGES, WOMEN)
RULES = (*rules({}), *compared_rules(name for name in NAMES if "." in name))


def counted(run_id: str, n: int, started: str) -> Counted:
    """A release that counted n of everything."""
    edits = {code: {"violated": 0, "possible": 0, "satisfied": n} for code in ("DATE-010", "DATE-011")}
    return Counted(run_id, "2020-01-01", {"dim_patient": n}, {STAGES: {"I": n}, SOURCE: {"I": n}}, edits, started)


KEPT = {OLD: counted(OLD, 100, "2020-01-01T01"), BAD: counted(BAD, 30, "2020-01-02T01"), LATER: counted(LATER, 20, "2020-01-03T01")}
BASE = with_accepted({}, {"release": OLD}, RULES, KEPT.get)


def moved(accepted: Mapping[str, str], earlier: Mapping[str, Baseline] = BASE) -> dict[str, int]:
    """What of NAMES is compared with another release than before, and with how many."""
    after = with_accepted(earlier, accepted, RULES, KEPT.get)
    return {name: sum(after[name].counts.values()) for name in NAMES if after[name].run_id != earlier[name].run_id}


@pytest.mark.parametrize(
    ("line", "speaks_for"),
    [
        (EDIT, {EDIT}),
        ("edits_judged", {EDIT, OTHER}),
        (SOURCE, {SOURCE}),
        (STAGES, {STAGES, SOURCE}),
        (WOMEN, {WOMEN, EDIT, OTHER}),  # the edits that fell silent because the women are gone
        ("release", set(NAMES)),
        ("grade_shares", set()),
    ],
)
def test_one_line_speaks_for_its_parts_a_volume_for_the_edits_and_release_for_all(line: str, speaks_for: set[str]) -> None:
    assert moved({line: BAD}) == dict.fromkeys(sorted(speaks_for, key=NAMES.index), 30)


def test_each_line_counts_once_and_the_latest_release_of_several() -> None:
    once = with_accepted(BASE, {WOMEN: BAD}, RULES, KEPT.get)
    assert once[EDIT].accepted.split() == [OLD, BAD]
    later = {name: Baseline(LATER, "2020-01-03", one.counts, one.accepted) for name, one in once.items()}
    assert moved({WOMEN: BAD}, later) == {}, "the line stays and moves nothing any more"
    assert moved({WOMEN: BAD, EDIT: LATER}) == {WOMEN: 30, EDIT: 20, OTHER: 30}
    assert moved({WOMEN: BAD, "release": LATER}, once) == dict.fromkeys(NAMES, 20)


def test_accepting_what_is_compared_with_already_is_remembered() -> None:
    base = with_accepted(BASE, {STAGES: OLD}, RULES, KEPT.get)
    moved_on = {name: Baseline(LATER, "2020-01-03", one.counts, one.accepted) for name, one in base.items()}
    assert moved({STAGES: OLD}, moved_on) == {}


def test_what_speaks_for_a_rule_is_named() -> None:
    (edit,) = compared_rules([EDIT])
    told = speaking_for(edit, [WOMEN])
    assert list(dict.fromkeys(map(plain, told))) == [EDIT, "edits_judged", WOMEN, "release"]
    assert f"{EDIT}.since_anchor" in told, "as a notice prints it"


def results(*names: str, critical: bool = True) -> pl.DataFrame:
    return pl.DataFrame([(name, "of", critical, False, f"says {name}", "why") for name in names], schema=RESULTS, orient="row")


def pasted(*names: str) -> list[str]:
    return [line.strip() for line in refusal(results(*names), BAD).splitlines() if line.startswith("  ")]


@pytest.mark.parametrize(
    ("names", "lines"),
    [
        ((EDIT,), [f'edits_judged.DATE-010: "{BAD}"']),
        ((EDIT, OTHER), [f'edits_judged: "{BAD}"']),
        ((WOMEN, EDIT, OTHER), [f'women_against_previous: "{BAD}"']),
        (
            (WOMEN, "tumours_against_previous"),
            [f'release: "{BAD}"', f'women_against_previous: "{BAD}"', f'tumours_against_previous: "{BAD}"'],
        ),
        ((f"{STAGES}.since_anchor", STAGES), [f'stage_shares: "{BAD}"']),
        (("women_loaded", "dim_tumour_columns"), []),
    ],
)
def test_a_refusal_tells_what_to_paste(names: tuple[str, ...], lines: list[str]) -> None:
    assert pasted(*names) == lines
    first = refusal(results(*names), BAD).splitlines()[0]
    assert first.startswith(f"critical expectations are not met: {', '.join(names)} (release {BAD} is refused; ")


def test_a_refusal_tells_what_cannot_be_accepted() -> None:
    assert refusal(results(WOMEN, "women_loaded"), BAD).endswith(
        "that does not help women_loaded: what compares with no release has its limit under 'thresholds:'"
    )


def test_a_warning_is_told_once_as_a_sentence_and_nothing_critical_with_it() -> None:
    frame = pl.concat([results("edits_judged", EDIT, critical=False), results(WOMEN)])
    assert warned(frame) == [f"expectation {EDIT} (of) is not met: says {EDIT}"]
    assert not_met(frame)["name"].to_list() == [EDIT, WOMEN]
    assert {entry["name"] for entry in entries() if entry["kind"] in BESIDE} == SUMMARIES
