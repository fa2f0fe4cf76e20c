"""What compares with an earlier release: a field as a share of the rows it concerns, and growth that is too much for one night."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from etl.landing.landed import Refusal
from etl.outcome import NOT_MET, Outcome
from etl.summary import _notices
from schemas.core.errors import ConfigurationError
from validations.expecting.anchor import creeps
from validations.expecting.baseline import Counted, all_from
from validations.expecting.beside import meets
from validations.expecting.checks import Parts, check_registry
from validations.expecting.plan import Measured, Planned, against
from validations.expecting.rules import BESIDE, WHOLE, Rule, entries, rules
from validations.expecting.words import detail
from validations.report.not_met import SUMMARIES

CONTACT = "fact_follow_up.contact"
RELEASE, OTHER = "0123456789ab", "ba9876543210"


def rule_of(name: str, thresholds: Mapping[str, Mapping[str, float]] | None = None) -> Rule:
    return next(rule for rule in rules(thresholds or {}) if rule.name == name)


def contacts(concerned: int, known: int, rows: int = 440) -> Measured:
    return Measured({"fact_follow_up": rows}, {CONTACT: (concerned, concerned - known)}, None)


def kept(now: Measured, before: Mapping[str, int]) -> Planned:
    rule = rule_of("fact_follow_up_contact_kept")
    return against(rule, now, all_from([rule], Counted(RELEASE, "2020-01-01", before))[rule.name])


def test_a_field_is_kept_where_fewer_rows_are_concerned() -> None:
    """A death registry links 30 % of the women: they need no contact any more, and nothing was lost."""
    before = contacts(440, 440).counts()
    assert before[f"{CONTACT} concerned"] == 440
    assert meets(kept(contacts(308, 308), before))
    assert meets(kept(contacts(308, 247), before))
    lost = kept(contacts(308, 246), before)
    assert meets(lost) is False
    said = f"246 of 308 now, 440 of 440 in release {RELEASE} of 2020-01-01, expected at least 247"
    assert detail(lost, met=False) == said


def test_rows_that_come_without_the_field_take_nothing_away() -> None:
    assert meets(kept(contacts(900, 440, rows=900), contacts(440, 440).counts()))


def test_a_release_that_did_not_count_what_is_concerned_is_compared_by_the_rows_of_the_table() -> None:
    old = {"fact_follow_up": 440, CONTACT: 440}
    assert meets(kept(contacts(308, 308), old)) is False
    assert meets(kept(contacts(220, 180, rows=220), old))


@pytest.mark.parametrize(("women", "before", "met"), [(660, 440, True), (661, 440, False), (880, 440, False), (150, 99, None)])
def test_women_delivered_again_under_new_numbers_are_told(women: int, before: int, met: bool | None) -> None:
    rule = rule_of("women_at_most")
    planned = against(
        rule, Measured({"dim_patient": women}, {}, None), all_from([rule], Counted(RELEASE, "", {"dim_patient": before}))[rule.name]
    )
    assert meets(planned) is met
    assert not rule.critical
    if met is False:
        assert detail(planned, met=False) == f"{women} now, 440 in release {RELEASE} of , expected at most 660"
    assert creeps(rule)


def test_the_registry_may_set_how_far_it_may_grow() -> None:
    assert rule_of("women_at_most", {"women_at_most": {"max": 3}}).maximum == 3
    check_registry({}, {"women_at_most": RELEASE})


def test_what_is_held_to_a_limit_of_its_own_cannot_be_accepted() -> None:
    for name in ("sex_known", "age_known", "sex_known.south"):
        with pytest.raises(ConfigurationError, match="compares with no earlier release"):
            check_registry({}, {name: RELEASE})


DOUBLED = ["women_at_most", "women_at_most.a", "women_at_most.a.since_anchor", "women_at_most.since_anchor", "tumours_at_most.b"]


@pytest.mark.parametrize(
    ("names", "lines"),
    [
        (["sex_known", "delivered_anew.a"], []),
        (["delivered_rows.a"], [f'delivered_rows.a: "{RELEASE}"']),
        (["stage_shares.since_anchor"], [f'stage_shares: "{RELEASE}"']),
        (["fresh_contacts.a", "fresh_contacts"], [f'fresh_contacts.a: "{RELEASE}"']),
        (DOUBLED, [f'release: "{RELEASE}"', f'women_at_most: "{RELEASE}"', f'tumours_at_most.b: "{RELEASE}"']),
        (["women_against_previous.since_last", "women_against_previous.a.since_last"], [f'{WHOLE}: "{OTHER}"']),
        (
            ["women_against_previous.a", "edits_judged.DATE-010"],
            [f'{WHOLE}: "{RELEASE}"', f'women_against_previous.a: "{RELEASE}"', f'edits_judged.DATE-010: "{RELEASE}"'],
        ),
    ],
)
def test_a_notice_prints_what_to_paste_as_a_refusal_does(tmp_path: Path, names: list[str], lines: list[str]) -> None:
    place = tmp_path / RELEASE
    place.mkdir()
    run = {"expectations_not_met": names, "previous_release": OTHER}
    (place / "run.json").write_text(json.dumps(run), encoding="utf-8")
    outcome = Outcome("r", "R", tmp_path, "published", 0, place, notices=[Refusal("", "", NOT_MET, "expectation x is not met")])
    told = _notices(outcome, verbose=False)
    assert told[0] == "notice: expectation x is not met"
    assert [line for line in told if re.fullmatch(r'[\w.-]+: "\w+"', line)] == lines
    check_registry({}, {line.partition(":")[0]: RELEASE for line in lines}, parts=Parts(["DATE-010"], ["a", "b"]))
    assert bool(lines) == any("put this under 'accepted:'" in line for line in told)


def test_the_rows_that_stand_for_several_are_those_judged_beside_the_suite() -> None:
    assert {entry["name"] for entry in entries() if entry["kind"] in BESIDE} == SUMMARIES
