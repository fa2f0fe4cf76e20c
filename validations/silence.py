"""The silence alarm: an edit that judged nothing, or far less than it did, protects nobody (DESIGN 2.4).

It compares counts of two releases, so it stands beside Great Expectations, which sees the warehouse of this one; what it finds
is shown, overridden, accepted and made critical like every other expectation. Each edit is compared with the last release in which it
was heard, and with its anchor (validations/expecting/anchor.py): one that judges a little less every night falls silent too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from schemas.reading_edits import findings as as_findings
from validations.expecting.anchor import Anchors, Compared, renewed
from validations.expecting.baseline import GROWN, JUDGED, Baseline, Baselines, Counted, moved_on
from validations.expecting.rows import Row, as_results
from validations.expecting.rules import SINCE, SINCE_ANCHOR, Rule, rule_of_kind, silence_rule

EDIT = "LOAD-SILENT"
# What these judge is no record of a source: the files that came tonight (a folder that is emptied after each night holds few), and the
# lines and answers that people wrote (filed away when they are done with).
OF_NO_RECORD = ("READ-NO-CONTRACT", "CORR-", "OVR-", "WORK-")
# What is compared: the records that the edit judged, and those that it judged for certain. One that comes to nothing but `possible`
# (a date order that is not proved any more) looks at every record and holds none of them.
FALLS: dict[str, tuple[str, ...]] = {"judged": JUDGED, "judged for certain": ("violated", "satisfied")}
# One row per edit that fell silent, identified by edit: what it judged now and in the release before (`how`: which of FALLS fell;
# `against`: that release in words), whether it fell by and by, and whether that stops the publish.
SILENT: dict[str, type[pl.DataType]] = {
    "edit": pl.String,
    "how": pl.String,
    "judged": pl.Int64,
    "before": pl.Int64,
    "against": pl.String,
    "slowly": pl.Boolean,
    "critical": pl.Boolean,
    "expected": pl.String,
    "reason": pl.String,
}
NOTHING = "not judgeable: no earlier release to compare with"


@dataclass(frozen=True)
class Silence:
    """What came of the alarm: `silent` (SILENT), the same as `results` (RESULTS), what the next release compares with."""

    silent: pl.DataFrame
    results: pl.DataFrame
    baselines: Baselines = field(default_factory=dict)
    anchors: Anchors = field(default_factory=Anchors)

    def heard_before(self, compared: Compared) -> Silence:
        """Without what an edit judged for the first time: on a night unlike those before it (rows told twice) that is no measure."""
        earlier, anchors = compared
        old, young = ({name: one for name, one in some.items() if name in anchors.old} for some in (self.anchors.old, self.anchors.young))
        baselines = {name: one for name, one in self.baselines.items() if name in earlier}
        return replace(self, baselines=baselines, anchors=Anchors(old, young))

    @property
    def overnight(self) -> list[str]:
        """The edits that fell silent since the last release in which they were heard."""
        return self.silent.filter(~pl.col("slowly"))["edit"].to_list()


def listen(
    counts: pl.DataFrame, compared: Compared, critical: Collection[str], thresholds: Mapping[str, Mapping[str, Any]], place: tuple[str, str]
) -> Silence:
    """Judge every edit. counts: EDIT_COUNTS of this release; compared: what each is compared with, by `edits_judged.CODE`; critical:
    codes of critical edits; place: run_id and as-of date of this release.
    """
    earlier, anchors = compared
    now = Counted(*place, edits={edit: n for edit, n in by_edit(counts).items() if not edit.startswith(OF_NO_RECORD)})
    rules = [silence_rule(thresholds, edit) for edit in now.edits]
    slow = rule_of_kind(SINCE_ANCHOR, thresholds)
    silent = fallen_silent(now.edits, compared, critical, thresholds)
    fell = {f"{silence_rule(thresholds).name}.{edit}": slowly for edit, slowly in silent.select("edit", "slowly").iter_rows()}
    heard: dict[str, bool | None] = {rule.name: fell.get(rule.name, True) for rule in rules}
    always: dict[str, bool | None] = {rule.name: rule.name not in fell for rule in rules}
    mine = Anchors(*({name: one for name, one in some.items() if name in heard} for some in (anchors.old, anchors.young)))
    return Silence(
        silent,
        results(silent, earlier, silence_rule(thresholds)),
        moved_on(rules, earlier, now, heard),
        renewed(rules, mine, now, always, slow.days),
    )


def multiplied(earlier: Baselines, now: Baselines) -> dict[str, Baseline]:
    """The baselines of edits that are not moved to tonight because the edit judged far more than before (GROWN).

    On a night with doubled rows, or the living reported dead, an edit judges so much that the next good night would look silent.
    """
    both = ((name, one, now[name]) for name, one in earlier.items() if name in now)
    return {name: one for name, one, new in both if sum(new.counts.values()) > GROWN * sum(one.counts.values())}


def fallen(earlier: Baselines, now: Baselines, reads: Mapping[str, Collection[str]], odd: Collection[str]) -> dict[str, Baseline]:
    """The baselines of edits that are not moved to tonight because the edit judged less and a field or table that it reads is odd.

    Otherwise the baseline would follow a field that empties in steps down to silence. reads: by edit its fields (or its table); odd: the
    tables and fields that do not meet their expectations.
    """
    tables = {one.partition(".")[0] for one in odd}
    touched = {edit: any({one, one.partition(".")[0]} & {*odd} or one in tables for one in of) for edit, of in reads.items()}
    both = ((name, one, now[name]) for name, one in earlier.items() if name in now and touched.get(name.partition(".")[2]))
    return {
        name: one
        for name, one, new in both
        if any(sum(new.counts.get(n, 0) for n in of) < sum(one.counts.get(n, 0) for n in of) for of in FALLS.values())
    }


def by_edit(counts: pl.DataFrame) -> dict[str, dict[str, int]]:
    """By edit what it judged (JUDGED). counts: EDIT_COUNTS."""
    return {edit: dict(zip(JUDGED, n, strict=True)) for edit, *n in counts.select("edit", *JUDGED).sort("edit").iter_rows()}


def last_heard(history: pl.DataFrame) -> dict[str, Baseline]:
    """What every edit of the last release judged in the last one in which it was not silent. history: EDIT_HISTORY, of a release that
    hands on no baselines of edits.
    """
    last = history.filter(pl.col("release_no") == pl.col("release_no").max())
    heard = (
        history.filter(~pl.col("is_silent")).sort("release_no").unique("edit", keep="last").join(last.select("edit"), on="edit", how="semi")
    )
    rows = heard.select("edit", "run_id", "as_of", *JUDGED).sort("edit").iter_rows()
    return {edit: Baseline(run_id, as_of, dict(zip(JUDGED, n, strict=True))) for edit, run_id, as_of, *n in rows}


def fallen_silent(
    now: Mapping[str, Mapping[str, int]],
    compared: Compared,
    critical: Collection[str],
    thresholds: Mapping[str, Mapping[str, Any]] | None = None,
) -> pl.DataFrame:
    """SILENT, sorted by edit. now: what each edit judged; compared: as `listen`; critical: codes of critical edits.

    Each of FALLS may fall. Where the edit judged under `fewest` before, nothing is expected; under `few`, only that it judges at
    all. An edit that is no more (retired, taken out of edits.yml) is silent by right.
    """
    given = thresholds or {}
    earlier, anchors = compared
    slow = rule_of_kind(SINCE_ANCHOR, given)
    rows = []
    for edit, counts in sorted(now.items()):
        rule = silence_rule(given, edit)
        stops = rule.critical if _says(given, rule.name) else edit in critical or rule.critical
        if fell := _fell(rule, counts, earlier.get(rule.name)):
            rows.append((edit, *fell[0], False, stops, fell[1], rule.reason))
        elif fell := _fell(rule, counts, anchors.old.get(rule.name)):
            rows.append((edit, *fell[0], True, slow.critical, fell[1], f"{rule.reason} {slow.reason}"))
    return pl.DataFrame(rows, schema=SILENT, orient="row")


def _fell(rule: Rule, now: Mapping[str, int], before: Baseline | None) -> tuple[tuple[str, int, int, str], str] | None:
    """How the edit fell (how, judged, before, against) and what was expected of it; None where it did not."""
    if before is None:
        return None
    for how, outcomes in FALLS.items():
        judged, then = (sum(counts.get(outcome, 0) for outcome in outcomes) for counts in (now, before.counts))
        share = rule.minimum or 0.0
        least = 0 if then < rule.fewest or not share else 1 if then < rule.few else max(1, -int(-share * then // 1))
        if judged < least:
            return (how, judged, then, before.words), f"at least {least:,}"
    return None


def _says(thresholds: Mapping[str, Mapping[str, Any]], name: str) -> bool:
    """The registry says itself whether the silence of this edit stops the publish."""
    return "critical" in thresholds.get(name, {})


def results(silent: pl.DataFrame, earlier: Baselines, rule: Rule) -> pl.DataFrame:
    """The alarm as expectations (RESULTS): one for all edits, then one for each that fell silent."""
    n = sum(name.startswith(f"{rule.name}.") and any(one.counts.values()) for name, one in earlier.items())
    success = None if not n else not silent.height
    detail = NOTHING if success is None else f"{silent.height:,} of {n:,} edits that judged in an earlier release fell silent"
    rows = [(rule.name, rule.table, False, success, detail, rule.reason), *_each(silent, rule)]
    return as_results(rows)


def _each(silent: pl.DataFrame, rule: Rule) -> Iterable[Row]:
    for edit, how, judged, before, against, slowly, critical, expected, reason in silent.select(SILENT.keys()).iter_rows():
        told = f"{judged:,} {how} now, {before:,} in {against}, expected {expected}"
        yield f"{rule.name}.{edit}{f'.{SINCE}' if slowly else ''}", f"{rule.table}.{edit}", critical, False, told, reason


def silence_findings(silent: pl.DataFrame) -> pl.DataFrame:
    """The alarm as findings (FINDINGS): one row per edit that fell silent; `columns` names it. Not for the warehouse: it is history."""
    return as_findings(silent.select(record=pl.lit("edit"), columns=pl.col("edit")), EDIT)
