"""What each expectation is compared with: the last release that met it, carried forward from release to release.

So an alarm does not fall silent on the second night, when the release before is the bad one: it sounds until the value comes
back, or registry.yml accepts a release as the new normal (`accepted`). All of it is history (DESIGN 2.1): counts only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from validations.expecting.rules import AGAINST_EARLIER as COMPARED
from validations.expecting.rules import KEPT_BY_SOURCE, OF_EDITS, ROWS_BY_SOURCE, VOLUME, Rule

# One row per expectation (of one source or edit: NAME.PART) and count that it is compared with: rows of a table, of a field known, of
# a code, records an edit judged. run_id, as_of: of the release that they are from; accepted: the releases that registry.yml accepted
# for this expectation and that counted already, blank-separated, empty where none.
BASELINES: dict[str, type[pl.DataType]] = {
    "expectation": pl.String, "item": pl.String, "n": pl.Int64, "run_id": pl.String, "as_of": pl.String, "accepted": pl.String,
}  # fmt: skip
# Name of a drift expectation (of one source: NAME.SOURCE) -> code -> rows that have it.
Shares = Mapping[str, Mapping[str, int]]
# What an edit judged: `said` is their sum.
JUDGED = ("violated", "possible", "satisfied")
# So many times what it is compared with: perhaps read or sent twice, and no measure for the night that mends it.
GROWN = 1.5
# Rows of a table or of what a source told of it.
VOLUMES = (VOLUME, ROWS_BY_SOURCE)
# By source: rows that know the field (or are fresh), and the others that it concerns. `said` are the first.
KNOWN, UNKNOWN, ROWS = "known", "unknown", "rows"
# Behind the name of a field that does not concern every row of its table: how many it concerns.
CONCERNED = " concerned"


@dataclass(frozen=True)
class Counted:
    """What one release counted: `counts` by table and by `table.column`, `shares` by drift expectation and code, `edits` by edit and
    outcome (JUDGED). `started`: when its run began (UTC), to tell which of two came later.
    """

    run_id: str
    as_of: str
    counts: Mapping[str, int] = field(default_factory=dict)
    shares: Shares = field(default_factory=dict)
    edits: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    started: str = ""


@dataclass(frozen=True)
class Baseline:
    """What one expectation is compared with: the counts of a release by their name. `missing`: a release that registry.yml accepts
    and that is not kept any more.
    """

    run_id: str
    as_of: str
    counts: Mapping[str, int]
    accepted: str = ""
    missing: str = ""

    @property
    def words(self) -> str:
        """The release, as a person can name it in registry.yml."""
        gone = f" (the release {self.missing} that registry.yml accepts is not kept here)" if self.missing else ""
        return f"release {self.run_id} of {self.as_of}{gone}"


Baselines = Mapping[str, Baseline]


def counts_of(rule: Rule, counted: Counted) -> dict[str, int]:
    """The counts that a rule compares."""
    if rule.kind in ("drift", KEPT_BY_SOURCE, ROWS_BY_SOURCE):
        return dict(counted.shares.get(rule.name, {}))
    if rule.kind == OF_EDITS:
        return dict(counted.edits.get(rule.name.partition(".")[2], {}))
    names = (rule.table,) if rule.column is None else (rule.table, rule.subject)
    concerned = f"{rule.subject}{CONCERNED}"  # a release of an older version does not say
    more = {concerned: counted.counts[concerned]} if concerned in counted.counts else {}
    return {name: counted.counts.get(name, 0) for name in names} | more


def said(rule: Rule, counts: Mapping[str, int]) -> int:
    """Of the counts of a rule the one that it is about: rows of the table, of the field known, of all codes, records judged."""
    if rule.kind == KEPT_BY_SOURCE:
        return counts.get(KNOWN, 0)
    return sum(counts.values()) if rule.kind in ("drift", OF_EDITS, ROWS_BY_SOURCE) else counts.get(rule.subject, 0)


def all_from(rules: Sequence[Rule], counted: Counted) -> dict[str, Baseline]:
    """One release as what every rule is compared with, where it counted anything for it."""
    met = {rule.name: counts_of(rule, counted) for rule in rules if rule.kind in COMPARED}
    told = {rule.name: said(rule, met[rule.name]) for rule in rules if rule.kind in COMPARED}
    return {name: Baseline(counted.run_id, counted.as_of, counts) for name, counts in met.items() if told[name]}


def moved_on(rules: Iterable[Rule], earlier: Baselines, now: Counted, success: Mapping[str, bool | None]) -> dict[str, Baseline]:
    """By expectation, what the next release is compared with.

    This release, where it met the expectation or there is nothing better; else what this one was compared with. `success`: by name; None
    or missing where it could not be judged. A release with too few or too many rows in a table (or of one source in it) is no measure
    for any expectation there; one in which a single source does not meet its part of an expectation is none for the whole.
    """
    found = {}
    given = [rule for rule in rules if rule.kind in COMPARED]
    odd = {_place(rule) for rule in given if rule.kind in VOLUMES and success.get(rule.name) is False}
    partly = {name.partition(".")[0] for name, met in success.items() if met is False and "." in name}
    for rule in given:
        before, counts = earlier.get(rule.name), counts_of(rule, now)
        met = False if _place(rule) in odd or rule.name in partly else success.get(rule.name)
        if before is not None and not _moves(rule, before, counts, met):
            found[rule.name] = replace(before, missing="")
        elif said(rule, counts) or before is not None:
            found[rule.name] = Baseline(now.run_id, now.as_of, counts, before.accepted if before is not None else "")
    return found


def _place(rule: Rule) -> tuple[str, str]:
    """The table that a rule is about, and the source where it is about one."""
    return rule.table, rule.name.partition(".")[2]


def _moves(rule: Rule, before: Baseline, counts: Mapping[str, int], success: bool | None) -> bool:
    """Whether this release takes the place of the one before."""
    now, then = said(rule, counts), said(rule, before.counts)
    if rule.kind == "known":  # compared with another release only where nothing is known: what is known is held to a limit of its own
        return now > 0
    if success is not None:
        # what limits growth alone is met by every low night: the rows that come back after it are none
        return success and (now >= then or rule.kind not in VOLUMES or rule.minimum is not None)
    # not judged: only a baseline of which nothing can be said gives way
    return now > 0 and then < max(1, rule.few)


def as_frame(baselines: Baselines) -> pl.DataFrame:
    """BASELINES, sorted."""
    rows = [
        (name, item, n, one.run_id, one.as_of, one.accepted)
        for name, one in sorted(baselines.items())
        for item, n in sorted(one.counts.items())
    ]
    return pl.DataFrame(rows, schema=BASELINES, orient="row")


def from_frame(frame: pl.DataFrame) -> dict[str, Baseline]:
    """What `as_frame` wrote."""
    found: dict[str, Baseline] = {}
    for (name,), part in frame.group_by("expectation", maintain_order=True):
        first = part.row(0, named=True)
        counts = dict(part.select("item", "n").iter_rows())
        found[str(name)] = Baseline(first["run_id"], first["as_of"], counts, first["accepted"] or "")
    return found
