"""Why a time with late entry is not estimated, and who is left out of an analysis."""

from __future__ import annotations

import polars as pl

from schemas.study import AS_PUBLISHED, LANDMARK, TIME_DEPENDENT
from warehouse.numbers import ALL
from warehouse.survival.analyses import AMONG_UNKNOWN, AT_RISK, NOT_BEGUN, TOO_WIDE, Analysis
from warehouse.survival.late_entry import empty_from, entering_from
from warehouse.survival.reasons import HAPPENED, kept

# By risk_state of the mart.
LEFT_OUT = {
    "among_unknown": "whether the endpoint is about them is not known for {k} of {n} {subjects}",
    "not_begun": "the time begins after the data cut-off {cut_off} for {k} of {n} {subjects}",
    "after_cut_off": "the entry comes on the day of the data cut-off {cut_off} or later for {k} of {n} {subjects}",
    "ended_before": "the time ended by the day of entry for {k} of {n} {subjects}",
    "after_horizon": "the entry comes when the curve has ended for {k} of {n} {subjects}",
    "too_wide": "the dates leave more than {most} days open for {k} of {n} {subjects}",
}
# Of a landmark whose women enter on its day and on no other.
BY_THE_LANDMARK = {
    "ended_before": "the time ended by the day of the landmark for {k} of {n} {subjects}",
    "after_cut_off": "the landmark comes on the day of the data cut-off {cut_off} or later for {k} of {n} {subjects}",
}


def left_out(rows: pl.DataFrame, one: Analysis) -> tuple[int, str]:
    """How many of these women are left out, and why."""
    if one.name == AS_PUBLISHED:
        return _too_wide(rows, one)
    words = LEFT_OUT | (BY_THE_LANDMARK if one.name == LANDMARK and one.endpoint.entry is None else {})
    n, found = int(rows["n"].sum()), {state: int(rows.filter(pl.col("risk_state") == state)["n"].sum()) for state in words}
    named = {"n": n, "subjects": one.study.subjects, "cut_off": one.study.data_cut_off, "most": one.study.max_width_days}
    told = [words[state].format(k=k, **named) for state, k in found.items() if k]
    return sum(found.values()), "; ".join(told)


def _too_wide(rows: pl.DataFrame, one: Analysis) -> tuple[int, str]:
    """As published nobody else is left out: who has not begun, or whom the endpoint may not be about, has a column of her own."""
    begun = rows.filter(~pl.col("risk_state").is_in([NOT_BEGUN, AMONG_UNKNOWN]))
    k, n = (int(frame["n"].sum()) for frame in (begun.filter(pl.col("risk_state") == TOO_WIDE), begun))
    return k, LEFT_OUT[TOO_WIDE].format(k=k, n=n, subjects=one.study.subjects, most=one.study.max_width_days) if k else ""


def why_not_at_risk(rows: pl.DataFrame, one: Analysis, arm: str) -> str:
    """The reason why it is not known from when these women are at risk, or in which arm; empty where it is."""
    if not rows.height or (one.name == AS_PUBLISHED and not (rows["risk_state"] == TOO_WIDE).any()):
        return ""
    inside = rows.filter(pl.col("risk_state") == AT_RISK)
    if not inside.height:
        return f"nobody is left: {left_out(rows, one)[1]}"
    n, many = int(inside["n"].sum()), f"for {{k}} of {{n}} {one.study.subjects}"
    unplaced, bounded = pl.col("entry_days").is_null(), pl.col("entry_latest_days").is_not_null()
    obstacles = [
        (~pl.col("is_arm_certain"), _doubt(one, many)),
        (unplaced & ~bounded, f"the day of entry is not delivered {many}; {_with_entry(one, arm)}"),
        (unplaced & bounded, f"the day of entry is not certain {many}{_convention(one)}"),
    ]
    found = [(int(inside.filter(condition)["n"].sum()), text) for condition, text in obstacles]
    return "; ".join(text.format(k=k, n=n) for k, text in found if k)


def why_no_curve(times: pl.DataFrame, one: Analysis) -> str:
    """The reason why a curve cannot go on: nobody is left at risk although others enter then or later; empty where it can."""
    day = empty_from(times)
    if day is None:
        return ""
    many = f"for {entering_from(times, day)} of {int(times['n'].sum())} {one.study.subjects}"
    return f"nobody is left at risk before the entry {many}: the curve would be 0, or stand still, from there"


def _convention(one: Analysis) -> str:
    return f" (date_convention {one.study.date_convention})"


def _doubt(one: Analysis, many: str) -> str:
    """Why an arm is not certain; where it changes with time, because a condition of an arm cannot be judged."""
    if one.name != TIME_DEPENDENT:
        return f"whether the arm was decided by the landmark is not certain {many}{_convention(one)}; {_on_one_side(one)}"
    judged = " and ".join(f"(({arm.when}) or not ({arm.when}))" for arm in one.study.arms if arm.when is not None)
    return f"whether she ever came into the arm is not certain {many}; {kept(judged)}"


def _on_one_side(one: Analysis) -> str:
    """A step that keeps those of whom it is known whether each arm was decided by the landmark."""
    sides = []
    for arm in one.study.arms:
        if arm.decided is not None:
            days = f"days_between({one.endpoint.origin}, {arm.decided})"
            sides.append(f"({_none(arm.decided)} or {days} <= {one.begins} or {days} > {one.begins})")
    return kept(" and ".join(sides))


def _with_entry(one: Analysis, arm: str) -> str:
    """A step that keeps those whose entry has a date."""
    own = [known.decided for known in one.study.arms if known.arm == arm and known.decided is not None and one.name != LANDMARK]
    dated = [f"{one.endpoint.entry} is not null"] if one.endpoint.entry is not None else []
    return kept(" and ".join((*dated, *(f"({_none(name)} or {name} is not null)" for name in own if arm != ALL))))


def _none(name: str) -> str:
    return f"not {HAPPENED[name]}" if name in HAPPENED else f"{name} is null"
