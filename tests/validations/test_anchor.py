"""What creeps a little every night is held to an older release, until it comes back or registry.yml accepts it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import pytest

from validations.expecting.accepted import with_accepted
from validations.expecting.accepted_parts import with_wholes
from validations.expecting.anchor import Anchors, accepting, anchors_frame, anchors_from, renewed
from validations.expecting.baseline import Baselines, Counted, all_from, moved_on
from validations.expecting.beside import judged_beside, meets
from validations.expecting.plan import Measured, against
from validations.expecting.rows import Row
from validations.expecting.rules import compared_rules, rules
from validations.reference import Reference

STAGES, WOMEN, KEPT = "stage_shares", "women_against_previous", "dim_tumour_stage_code_kept"
RULES = tuple(rule for rule in rules({}) if rule.name in (STAGES, WOMEN, KEPT, "women_at_most"))
Thresholds = Mapping[str, Mapping[str, float]]


def stages(first: int, of: int = 1000) -> dict[str, int]:
    return {"I": first, "IIA": of - first}


class Nights:
    """A registry by its counts alone: each night is judged, and hands on what the next is compared with through its files."""

    def __init__(self, thresholds: Thresholds | None = None, step: int = 1) -> None:
        self.thresholds, self.step = thresholds or {}, step
        self.base: Baselines = {}
        self.anchors = Anchors()
        self.releases: dict[str, Counted] = {}
        self.last: Baselines = {}

    def night(self, shares: Mapping[str, int], women: int = 1000, accepted: Mapping[str, str] | None = None) -> list[Row]:
        """The rows of what is not met since an older release (the suite's own are taken for what they are)."""
        known, n = sum(shares.values()), len(self.releases) + 1
        run_id, as_of = f"{n:012x}", (date(2020, 1, 1) + timedelta(days=n * self.step)).isoformat()
        measured = Measured(
            {"dim_patient": women, "dim_tumour": 1000}, {"dim_tumour.stage_code": (1000, 1000 - known)}, None, {STAGES: shares}
        )
        given = accepted or {}
        base = with_accepted(self.base, given, RULES, self.releases.get)
        anchors = accepting(self.anchors, given, RULES, self.releases.get)
        met = {rule.name: meets(against(rule, measured, base.get(rule.name))) for rule in RULES}
        beside = judged_beside(RULES, measured, met, Reference(self.thresholds, (base, anchors), self.last))
        now = Counted(run_id, as_of, measured.counts(), measured.shares, started=as_of)
        self.releases[run_id] = now
        self.last = all_from(RULES, now)
        self.base = moved_on(beside.rules, base, now, beside.success)
        self.anchors = anchors_from(anchors_frame(renewed(beside.rules, anchors, now, beside.since_anchor, beside.days)))
        return [row for row in beside.rows if "." in row[0]]


def names(rows: list[Row]) -> list[str]:
    return [row[0] for row in rows]


def test_a_share_that_drifts_one_point_a_night_is_told_once_it_has_drifted_as_far_as_it_may() -> None:
    nights = Nights()
    told = [nights.night(stages(500 - 10 * n)) for n in range(15)]
    assert [names(rows) for rows in told] == [[]] * 11 + [["stage_shares.since_anchor"]] * 4
    _, subject, critical, success, detail, reason = told[11][0]
    assert (subject, critical, success) == ("dim_tumour.stage_code", False, False)
    assert detail.replace("\N{NO-BREAK SPACE}", " ") == (
        "shares moved by 11.0 % (most: I, 50 % before and 39 % now) since release 000000000001 of 2020-01-02, expected at most 10 %"
    )
    assert "small steps add up" in reason


def test_growth_of_a_little_every_night_is_told_once_it_is_twice_the_anchor() -> None:
    nights = Nights()
    told = [names(nights.night(stages(500), women=n)) for n in (1000, 1400, 1900, 2100)]
    assert told == [[], [], [], ["women_at_most.since_anchor"]]
    young = Nights()
    assert not any(young.night(stages(500), women=n) for n in (110, 150, 210, 300, 420))
    small = Nights()
    told = [names(small.night(stages(500), women=n)) for n in (800, 1160, 1682, 2440)]
    assert told == [[], [], *[["women_at_most.since_anchor"]] * 2], "a small registry that multiplies past 1,000"


def test_it_is_told_until_the_shares_come_back() -> None:
    nights = Nights()
    for n in range(12):
        told = nights.night(stages(500 - 10 * n))
    assert names(told) == ["stage_shares.since_anchor"]
    assert [names(nights.night(stages(n))) for n in (390, 395, 400, 410)] == [
        ["stage_shares.since_anchor"],
        ["stage_shares.since_anchor"],
        [],
        [],
    ]


@pytest.mark.parametrize("line", [STAGES, "release"])
def test_an_accepted_release_is_the_new_anchor_and_counts_once(line: str) -> None:
    nights = Nights()
    for n in range(12):
        nights.night(stages(500 - 10 * n))
    accepted = {line: f"{12:012x}"}  # 39 %
    told = [names(nights.night(stages(380 - 10 * n), accepted=accepted)) for n in range(12)]
    assert told == [[]] * 10 + [["stage_shares.since_anchor"]] * 2
    # the line in registry.yml stays, and a second one moves the anchor on
    assert names(nights.night(stages(270), accepted={line: f"{24:012x}"})) == []


def test_rows_that_go_a_few_every_night_are_told_at_a_fifth_and_stop_nothing() -> None:
    nights = Nights()
    told = [nights.night(stages(500), women) for women in (1000, 940, 880, 830, 800, 799, 750)]
    assert [names(rows) for rows in told] == [[]] * 5 + [["women_against_previous.since_anchor"]] * 2
    assert told[5][0][2:5] == (False, False, "799 now, 1,000 in release 000000000001 of 2020-01-02, expected at least 800")


def test_a_field_that_empties_by_and_by_is_told() -> None:
    nights = Nights()
    told = [names(nights.night(stages(known // 2, known))) for known in (1000, 900, 820, 790)]
    assert told == [[], [], [], [f"{KEPT}.since_anchor"]]


def test_what_is_told_since_the_last_release_is_not_told_twice() -> None:
    nights = Nights()
    nights.night(stages(500))
    assert nights.night(stages(300), 400) == []  # the suite itself says so: stage_shares and women_against_previous


def test_the_registry_may_set_its_own_limits() -> None:
    falls = (1000, 940, 880, 830, 790, 600)
    for thresholds, first in (({"since_anchor": {"min": 0.9}}, 880), ({WOMEN: {"min": 0.55}}, None)):
        nights = Nights(thresholds)
        told = [women for women in falls if names(nights.night(stages(500), women))]
        assert told[:1] == ([first] if first else [])


@pytest.mark.slow
def test_an_anchor_that_is_met_is_renewed_once_it_is_old() -> None:
    nights = Nights({"since_anchor": {"days": 90}})
    ages = []
    for n in range(400):
        assert nights.night(stages(500 + n % 2 * 40)) == []
        ages.append(
            (date.fromisoformat(list(nights.releases.values())[-1].as_of) - date.fromisoformat(nights.anchors.old[STAGES].as_of)).days
        )
    assert (min(ages[100:]), max(ages)) == (45, 89)


def test_an_anchor_that_is_not_met_stays_however_old() -> None:
    nights = Nights({"since_anchor": {"days": 90}}, step=30)
    told = [bool(nights.night(stages(max(200, 500 - 60 * n)))) for n in range(24)]
    assert told == [False] * 2 + [True] * 22
    assert nights.anchors.old[STAGES].as_of == "2020-01-31"


def test_a_small_registry_that_grows_is_not_told_of_chance() -> None:
    nights = Nights()
    nights.night(stages(60, 120))
    assert [names(nights.night(stages(first, of))) for first, of in ((66, 140), (69, 160), (70, 180))] == [[], [], []]  # 50 % to 39 %
    assert names(nights.night(stages(60, 200))) == ["stage_shares.since_anchor"], "30 % of 200 is more than chance"


def test_what_lost_half_since_a_release_that_was_no_measure_is_told_and_stops_nothing() -> None:
    nights = Nights()
    assert [names(nights.night(stages(500), women)) for women in (370, 800, 800)] == [[], [], []]  # the suite itself tells of the growth
    ((name, subject, critical, success, told, reason),) = nights.night(stages(500), 360)
    assert (name, subject, critical, success) == (f"{WOMEN}.since_last", "dim_patient", False, False)
    assert told == "360 now, 800 in release 000000000003 of 2020-01-04, expected at least 400"
    assert "accept the release before and run again" in reason
    assert nights.base[WOMEN].run_id == f"{4:012x}", "it is the measure again, for it may be the one that mends it"
    assert nights.night(stages(500), 360) == []


def test_what_lost_half_since_a_release_that_was_a_measure_is_told_by_the_suite_alone() -> None:
    nights = Nights()
    assert [names(nights.night(stages(500), women)) for women in (800, 360)] == [[], []]


PARTS = tuple(compared_rules([f"{whole}.{source}" for whole in (WOMEN, "women_at_most") for source in ("a", "b")]))


def by_source(a: int, b: int, as_of: str = "") -> tuple[Measured, Counted]:
    """What two sources tell of their women, who are others."""
    shares = {f"{whole}.{source}": {"rows": n} for whole in (WOMEN, "women_at_most") for source, n in (("a", a), ("b", b))}
    measured = Measured({"dim_patient": a + b}, {}, None, shares)
    return measured, Counted(as_of.replace("-", "0"), as_of, measured.counts(), shares, started=as_of)


def three_nights(first: tuple[int, int], second: tuple[int, int], line: str, third: tuple[int, int] | None = None) -> list[list[str]]:
    """What is not met since an older release in the second night, and in the third, which accepts the second in that line."""
    volumes = tuple(rule for rule in RULES if rule.name in (WOMEN, "women_at_most"))
    releases: dict[str, Counted] = {}
    base, anchors, told = {}, Anchors(), []
    for night, rows in enumerate((first, second, third or second), start=1):
        measured, now = by_source(*rows, f"2020-01-0{night}")
        accepted = {line: "2020001002"} if night == 3 else {}
        base = with_accepted(base, accepted, (*volumes, *PARTS), releases.get)
        anchors = accepting(anchors, accepted, (*volumes, *PARTS), releases.get)
        met = {rule.name: meets(against(rule, measured, base.get(rule.name))) for rule in volumes}
        beside = judged_beside(volumes, measured, met, Reference({}, (base, anchors)))
        releases[now.run_id] = now
        base = moved_on(beside.rules, base, now, beside.success)
        anchors = renewed(beside.rules, anchors, now, beside.since_anchor, beside.days)
        told.append([row[0] for row in beside.rows if row[0].endswith(".since_anchor")])
    assert told[0] == []
    return told[1:]


def test_a_line_for_the_source_that_explains_it_alone_speaks_for_the_anchor_of_the_whole() -> None:
    both = [f"{WOMEN}.since_anchor", f"{WOMEN}.a.since_anchor"]
    assert three_nights((1000, 800), (500, 800), f"{WOMEN}.a") == [both, []]
    assert three_nights((1000, 800), (500, 800), WOMEN) == [both, []], "a line for the whole speaks for its sources, as ever"
    assert three_nights((2000, 100), (4500, 100), "women_at_most.a")[1] == [], "growth too"


def test_the_whole_grows_with_the_source_that_was_accepted_against_the_last_release_too() -> None:
    growth = [rule for rule in (*RULES, *PARTS) if rule.name.startswith("women_at_most")]
    first, second = (by_source(a, 1000, f"2020-01-0{n}")[1] for n, a in ((1, 1000), (2, 2500)))
    before = moved_on(growth, {}, first, {})
    found = with_accepted(before, {"women_at_most.a": second.run_id}, growth, {second.run_id: second}.get)
    whole = with_wholes(found, before, growth, {second.run_id: second}.get)["women_at_most"]
    assert (whole.run_id, whole.counts, whole.accepted) == (second.run_id, {"dim_patient": 3500}, second.run_id)


def test_it_does_not_where_another_source_lost_rows_too() -> None:
    told = three_nights((1000, 1000), (500, 700), f"{WOMEN}.a")
    assert told[1] == [f"{WOMEN}.since_anchor", f"{WOMEN}.b.since_anchor"]


def test_what_goes_after_it_is_told_from_there_on() -> None:
    told = three_nights((1000, 1000), (500, 1000), f"{WOMEN}.a", third=(500, 600))
    assert told[1] == [f"{WOMEN}.since_anchor", f"{WOMEN}.b.since_anchor"]
