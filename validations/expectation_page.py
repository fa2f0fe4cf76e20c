"""The generated page docs/expectations.md: what is expected of a load, with its limits (written by validations/pages.py)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from validations.expectation_rules import entries
from validations.markdown import table

EXPECTATIONS = "<!-- Generated from validations/expectations.yml by `python -m validations.pages`; change that, not this page. -->"
KINDS = {
    "rows": "rows of the table",
    "rows_against_previous": "rows as a share of those of the last release that met this",
    "known": "share of the rows it concerns in which the field is known",
    "share": "share of rows in which the condition holds",
    "fresh": "share of the delivered dates that are at most `max` days before the as-of date",
    "drift": "distance of the shares of its codes from those of the last release that met this",
    "judged_against_previous": "records that each edit judged, as a share of the last release in which it was not silent",
    "drift_by_source": "the distances of the shares (`…_shares`) of each source that fills the column, and what each still fills",
    "since_anchor": "all that compares, against its anchor; rows and fields kept: as a share",
}
EXPECTED = """
Whether a load as a whole behaves. One that is not met colours the quality report, has a place among its worst problems and is a notice
of the run (terminal, `notices` in `run.json`); a critical one stops the publish (exit 3).
`registry.yml` may give each of these, by its name, other limits:

```yaml
thresholds:
  women_loaded: {min: 100}
  fresh_contacts: {max: 800, critical: true}
  stage_shares.hospital_a: {max: 0.3}     # of one source
  since_anchor: {days: 90, min: 0.9}      # how old an anchor may be, and how much of the rows must be left
  edits_judged: {few: 50}                 # the silence alarm of all edits
  edits_judged.DATE-010: {min: 0.2}       # and of one; critical: false lets the load pass and reports it all the same
```

The distance of shares is half the sum of their differences (total variation): 0 the same, 1 nothing in common; it is judged where
both releases know at least `few` rows.

**By source.** Shares are also compared source by source (`stage_shares.hospital_a`), so that one hospital's swapped column does not hide
among the rows of the others. A row counts for each source that delivered or completed it, where a contract of the source fills the
column. A source alarms from `few` known rows on (`shares_by_source`), above the limit of the whole, and only where the difference is more
than chance (chi-square test of both counts, one false alarm in a thousand): a small source that delivers other women each time is quiet.
One row `shares_by_source` tells of all, and one of each that is not met. Registries with one source have the whole only.

**What one source no longer fills.** Where a source knew at least `fewest` (20) rows it must still know any; from `few` (100) on as large a
part of its rows that the field concerns as all sources must (`TABLE_FIELD_kept.hospital_a`: less than four fifths, and by more than
chance), at least `min` (half) of the rows that shares of a kind are taken from (`er_shares.hospital_a`), and of its contacts that are fresh
(`fresh_contacts.hospital_a`). Shares of a kind fall silent in the whole the same way. The rows themselves are held to the limits of the
whole (`tumours_at_most.hospital_a`), and stop nothing. A source that was taken out of `registry.yml` is silent by right; one that
delivers less by right is accepted by its line.

**Not delivered anew.** Where every file of a source had its bytes in a release more than `new_within_days` (92; per source under
`sources` in `registry.yml`) before this one already, by their as-of dates, `delivered_anew.SOURCE` is not met; an old export that comes
back is no new one. It stops nothing and ends with the next new file; the table of sources in the report says of each file since when.

**An alarm sounds until it is answered.** What compares with an earlier release (volumes, shares, a field that empties, an edit that
fell silent) compares with the last release that met the expectation, not with last night's: a bad night is no measure for the next.
So a table that misses its least or its most rows is no measure for either; fewer rows never lower the limit of growth; and in a load
that misses anything that compares, or with a file that multiplied or lost rows, an edit that judges half as much again or for the first
time is no measure, nor one that judges less and reads what is missed there (the table, the field). The report names that release and its
day.

**Rows that edits keep back.** Where a table would have its rows with those in quarantine, no file is cut off: the expectation names the
edit that keeps back most of them and how many, the refusal says it before all else, and it is the first of the worst problems.

**Less than half of the release before.** A delivery that multiplied and was not accepted is no measure, so the one that mends it is
published. Since nobody can tell that from one that was cut off, `women_against_previous.since_last` names it once where under `min` of
the release before is left, and stops nothing. Where the release before was wrong, nothing is to be done; where it was right, accept it
with the lines that are printed and run again: its files stand in until whole ones come. Files are held to the rows of the last one that
was a measure in the same way ([contracts.md](contracts.md)); one with more than half as many rows again, or with under 95 % of them
(`told_below`), is told with its name as `delivered_rows.CONTRACT` until it is accepted: repeated rows add nothing to any table, and
rows that are not there leave no trace in it.

**What creeps.** The same is compared with an older release too, its *anchor*: the first release it was judged on, or the one accepted last.
So a share that moves a point a night alarms after eleven nights (`stage_shares.since_anchor`), rows and fields that go little by little
when less than `min` of the anchor's are left, growth above `max` times it (from `few` rows now or there), and an edit when it judges less
than its own `min` of what it judged there. Shares must also differ by more than chance. An anchor older than `days` (365) gives way to a
release that met the expectation and is half as old; one that is not met stays. What moves less than its limit in half a year to a year is
taken for the way of the registry. Such an alarm stops nothing unless `since_anchor: {critical: true}`: the release before is no better.
Rows of a file have no such year: they are held to the most that it had since the first or the last accepted release
(`delivered_rows.CONTRACT.since_anchor`), for what goes from a snapshot leaves no trace in any table.

**To accept.** An alarm ends when the value comes back, or when `registry.yml` names the release whose counts are the new normal,
published or refused, as long as `out/` keeps it. A refusal and a warning print the lines to paste: `release`, or one for each. A name
counts as it is printed: `women_at_most.hospital_a.since_anchor` is `women_at_most.hospital_a`. A line for a volume speaks for the files
that deliver the table too (of that source), and so does `release`: their rows are what later files are held to.

```yaml
accepted:
  stage_shares: "3f2a1b4c5d6e"            # the run_id in quotes; of all sources, and the new anchor
  er_shares.hospital_a: "3f2a1b4c5d6e"    # of one source; the whole needs its own line where it is not met
  dim_tumour_grade_code_kept: "3f2a1b4c5d6e"
  dim_tumour_grade_code_kept.hospital_a: "3f2a1b4c5d6e"
  women_against_previous.hospital_a: "3f2a1b4c5d6e"   # a volume of one source; mostly of the whole too, see below
  women_against_previous: "3f2a1b4c5d6e"  # a volume: also the edits that fell silent in that release
  edits_judged.DATE-010: "3f2a1b4c5d6e"   # one edit; edits_judged: all of them
  release: "3f2a1b4c5d6e"                 # everything that this release counted
```

Each line counts once, for what it names: later releases that meet the expectation take the place of the one accepted, and
the line may stay, until one of the same name takes its place. Of several new lines for one expectation the latest release
counts. `thresholds` are for limits that are wrong for good.
A line for the volume of one source speaks for the anchor and the growth of the whole where that source alone explains it: every other
source of that release is within its own limits. What stops the publish is accepted by its own name, as the refusal prints it.

An edit that judged at least `few` records in the last release in which it was heard and now less than `min` of
them fell silent; where it judged at least `fewest`, it must still judge any. The same holds of what it judged for certain
(violated or satisfied): one that comes to nothing but `possible` finds nothing. One row `edits_judged` tells of all edits, and one
`edits_judged.CODE` of each that fell silent; it stops the publish where the edit says `critical: true` ([edits.md](edits.md)).

Beside them, expectations are made from the data dictionary: that every table has the columns declared, that no field declared
as never empty is empty, and that no field (`TABLE_FIELD_kept`) empties by more than a fifth of the rows it concerns. Those cannot be set,
only accepted.
"""


def expectation_page() -> str:
    """Text of docs/expectations.md: the hand-kept expectations with their limits; those made from the dictionary in a sentence."""
    header = ("name", "what is measured", "of", "limits", "critical", "reason")
    rows = [
        (
            f"`{one['name']}`",
            KINDS[one["kind"]],
            _subject(one),
            _limits(one),
            "stops the publish" if one.get("critical") else "",
            one["reason"],
        )
        for one in entries()
    ]
    return "\n".join([EXPECTATIONS, "", "# Expectations", EXPECTED, *table(header, rows)]).rstrip() + "\n"


def _subject(entry: Mapping[str, Any]) -> str:
    column = f".{entry['column']}" if entry.get("column") else ""
    of = f" among `{entry['of']}`" if entry.get("of") else ""
    if entry.get("means"):
        return f"{entry['means']}, in `{entry['table']}`"
    return f"`{entry['where']}`{of} in `{entry['table']}`" if entry.get("where") else f"`{entry['table']}{column}`"


def _limits(entry: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {entry[key]:g}" for key in ("min", "max", "few", "fewest", "days") if key in entry)
