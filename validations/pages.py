"""The generated pages docs/edits.md (the catalogue of edits, how often they fire, what an edit may read) and docs/expectations.md.

`python -m validations.pages` writes them; `--check` names those that differ from what they are made from, and exits 1.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from schemas.items import INTERVAL_PARTS, RECORDS, identity
from schemas.pages import DOCS, written
from schemas.reading_edits import reading_edits
from validations.computed import computed
from validations.edit import Edit
from validations.edit_counts import NIGHTS, Fired, bundled_counts, reading_counts
from validations.expecting.page import expectation_page
from validations.known import known_section
from validations.load import built_in_edits, retired, subjects
from validations.markdown import table
from validations.views.set import origin, view_columns, view_dates

GENERATED = (
    "<!-- Generated from validations/edits/, schemas/date_order.csv, schemas/reading_edits.csv and tests/golden/ "
    "by `python -m validations.pages`; change those, not this page. -->"
)
INTRODUCTION = """
An edit is a consistency check on one record: a pair of SQL conditions over the columns of the record's *edit view* (below).
`applies` says for which records the edit means something, `violated` what is wrong with them. Each record gets one of five
outcomes: `violated` (certainly), `possible` (the dates leave it open), `satisfied`, `not_applicable`, `not_judgeable` (what
the edit needs is missing or was not understood). All five are counted, so that the denominators are part of the result.

An `error` that is certainly violated puts the record into quarantine, its child records with it; with scope `patient` it
holds all records of the person, because her survival would be wrong. What is left is judged again, until what is loaded
passes every error edit. `warning` and `notice` hold nothing.

An edit that judged nothing, or under half of what it judged in the last release in which it was heard, *fell silent*; so did one
that decides (violated or satisfied) under half as much, because the rest became `possible`. It is a finding of its own (LOAD-SILENT).
Where counts or survival hang on the edit it says `critical: true`, and a load in which it fell silent is not published
(exit 3); how far it may fall stands in [expectations.md](expectations.md) (`edits_judged`).

`before(a, b)` says that date a lies on an earlier day than b; `days_between(a, b)` is the number of days from a to b;
`a is null` asks whether the date was delivered at all. certainty: V read in the named source, S shown by the seed paper,
D derived, K general knowledge, U usage differs.

A project writes edits of its own, in the same form and with the same outcomes, in `edits.yml`:

```yaml
edits:
  - edit: OURS-001
    title: Fewer than ten nodes examined after a mastectomy
    severity: warning
    record: tumour
    applies: operation_code = 'mastectomy' and nodes_examined is not null
    violated: nodes_examined < 10
    reason: With fewer than ten nodes the N category says little.
    action: Take the number from the pathology report of the axilla.
```

Where two statements contradict each other, `between: [m_code, stage_code]` names them by the columns that the edit reads (of another
record as `follow_up.death`, several with a blank between). Where two sources made the two statements and no one source
made both, the quality report counts it among the contradictions between sources. An edit that finds something missing or unusual has none.

An edit whose conditions are rewritten under the same code asks another question: over-rides that were given on the old one are
stale (OVR-REWRITTEN, [overrides.md](overrides.md)); another title, reason or spelling changes nothing of them.

`oncomart check` names every mistake in it with its line: a column, code or function that is not there, a code that a built-in
or retired edit has, an error that finds the same on every record (of another severity that is worth a second look). Each edit
has cases, for a project in `edit_cases/CODE.yml`: small records and the outcome that the first of them must have. What a case does not
give is not known; a date is written as `2009-03-04`, `2009-03`, `2009`,
as a window `2009-03-01..2009-04-10` (either side may be open) or as `days 10..20 from treatment_start`. `unread: tumour.m_code
event.lost` says of which columns a cell was not understood (`lost`: a record of that kind was not delivered for it). Cases are
judged as of 2020-06-30; `oncomart check` names each that the edit does not meet.

What was delivered and not understood is neither there nor missing. Where an edit asks whether a column is empty (`is null`,
`coalesce`, `case`, `if` …) and it is empty for that, the edit has no answer there: it neither finds the woman nor passes her, and
counts her as not judgeable. Nothing need be written for it. So it is with what the views make of several records:
`has_primary_hormonal` is empty where a cell of that kind was not understood, `n_distant_recurrences` where an event of hers was
lost, and the last contact may be later where the day of one was not understood. A date that is not understood (30 February, a word) is
neither there nor missing like any column; one that says that nobody knows the day is missing. `unread_columns` names them, as it does
in the mart. That a cell was not understood is known by person and column, not by record: of a woman with
two treatments, of whom one has an unknown word for its completion, neither is judged by what is missing there.

```yaml
edit: OURS-001
cases:
  - case: nine nodes
    outcome: violated
    boundary: true
    tumour: {nodes_examined: 9}
    treatment: {modality_code: surgery, procedure_code: mastectomy}
  - case: ten nodes
    outcome: satisfied
    boundary: true
    tumour: {nodes_examined: 10}
    treatment: {modality_code: surgery, procedure_code: mastectomy}
  - case: breast kept
    outcome: not_applicable
    tumour: {nodes_examined: 9}
    treatment: {modality_code: surgery, procedure_code: wide_local_excision}
  - case: number of nodes not known
    outcome: not_applicable
    tumour: {nodes_positive: 2}
    treatment: {modality_code: surgery, procedure_code: mastectomy}
  - case: operation not known
    outcome: not_judgeable
    tumour: {nodes_examined: 9}
```

`python -m validations.mutate --project FOLDER` certifies the edits of a project by their cases, as the built-in ones are: it
makes every small mistake that could be in an edit (a mutant: an operator flipped, a part dropped, a number or day off by one,
a code left out, two dates exchanged, a column taken for another) and prints each that no case tells from the edit. A mutant
that means the same as the edit is listed, with the reason, in `edit_cases/equivalent.csv` (columns edit, part, mutant, reason).
"""


def catalogue() -> str:
    """Text of docs/edits.md."""
    edits = built_in_edits()
    lines = [GENERATED, "", "# Edits", INTRODUCTION, *_summary(edits), *_fired(edits)]
    named = subjects()
    for subject in sorted(set(named.values())):
        lines += [f"## {subject.replace('_', ' ').capitalize()}", ""]
        lines += [line for edit in edits if named[edit.edit] == subject for line in _entry(edit)]
    lines += [*_retired(), *_reading(), *known_section(), *_views()]
    return "\n".join(lines).rstrip() + "\n"


def _summary(edits: Iterable[Edit]) -> list[str]:
    rows = [
        (f"[{edit.edit}](#{edit.edit.lower()})", edit.title, edit.severity, edit.scope, edit.record, "critical" if edit.critical else "")
        for edit in edits
    ]
    return ["## All of them", "", *table(("edit", "title", "severity", "scope", "record", "silence"), rows)]


def _entry(edit: Edit) -> list[str]:
    silence = " · critical" if edit.critical else ""
    return [
        f"### {edit.edit}",
        "",
        f"**{edit.title}** · {edit.severity} · scope {edit.scope} · record {edit.record} · since {edit.since}{silence}",
        "",
        f"- applies: `{edit.applies}`",
        f"- violated: `{edit.violated}`",
        *([f"- contradicts: {' with '.join(_names(statement.split()) for statement in edit.between)}"] if edit.between else []),
        f"- reason: {edit.reason}",
        f"- action: {edit.action}",
        f"- source: {edit.source} ({edit.certainty})",
        "",
    ]


def _fired(edits: Iterable[Edit]) -> list[str]:
    """How often each judged and fired on each bundled registry, and which never did."""
    counts = {(row.edit, row.registry): row for row in bundled_counts()}
    registries = sorted({registry for _, registry in counts})
    silent = [edit.edit for edit in edits if not any(counts[edit.edit, registry].has_fired for registry in registries)]
    header = ["edit", *(f"{registry}: judged · violated · possible" for registry in registries)]
    rows = [[edit.edit, *(_three(counts[edit.edit, registry]) for registry in registries)] for edit in edits]
    words = (
        "How many records each edit judged (violated, possible or satisfied) in the bundled registries, and how many of them it found; "
        "the registry called `registry` is simulated, with every defect known."
    )
    never = f"Edits that found nothing in any of them: {', '.join(silent)}." if silent else "Each edit found something in one of them."
    return ["## How often they fire", "", words, "", never, "", *table(header, rows)]


def _three(row: Fired) -> str:
    return " · ".join(f"{number:,}" for number in (row.judged, row.violated, row.possible)) if row.judged else ""


def _retired() -> list[str]:
    rows = [(row["edit"], row["title"], row["retired"], row["reason"]) for row in retired()]
    words = "Codes of edits that are no more; a code is never given again, so that findings of old releases keep their meaning."
    return ["## Retired", "", words, "", *(table(("edit", "title", "retired", "reason"), rows) if rows else ["None so far.", ""])]


def _reading() -> list[str]:
    rows = [(edit.edit, edit.title, edit.severity, edit.reason, edit.action) for edit in reading_edits().values()]
    words = "Made while files are read, normalised and linked; they are counted and shown like edits, and hold nothing."
    checks = table(("check", "title", "severity", "reason", "action"), rows)
    return ["## Checks while reading", "", words, "", *checks, *_read()]


def _read() -> list[str]:
    """How often each check while reading judged and fired, and where those do that find nothing in a bundled registry."""
    counts = {(row.edit, row.registry): row for row in reading_counts()}
    registries = [*sorted({registry for _, registry in counts} - {NIGHTS}), NIGHTS]
    rows = [
        [edit, *(_three(counts[edit, registry]) if (edit, registry) in counts else "" for registry in registries)]
        for edit in reading_edits()
    ]
    words = (
        "How many files, rows, cells or records each judged, and how many of them it found. In the registry called `registry` every defect "
        "has a label; the labelled nights are small registries (tests/etl/labelled) for what can find nothing there: its contracts leave "
        "nothing open, its tumours are numbered, its dates are no durations, none of its files is XML, and nothing was answered the night "
        "before. Each of their findings has a label too. One of them is run for a second night: an answer is in, and its file came anew "
        "without a field, so that `WORK-NOT-FIXED` and `LOAD-SILENT` have a night to compare with."
    )
    header = ["check", *(f"{name.replace('_', ' ') if name == NIGHTS else name}: judged · violated · possible" for name in registries)]
    return ["### How often they fire while reading", "", words, "", *table(header, rows)]


def _views() -> list[str]:
    lines = ["## What an edit may read", ""]
    lines += ["The columns of the edit view of each record. A clinical date X is also there as its six columns "]
    lines[-1] += ", ".join(f"`X_{part}`" for part, _, _ in INTERVAL_PARTS) + "."
    for record in RECORDS:
        lines += ["", f"### View {record}", "", f"One row per {record.replace('_', ' ')}, identified by {', '.join(identity(record))}.", ""]
        lines += [f"- dates: {_names(view_dates(record))}", f"- columns: {_names(_plain(record))}"]
    rows = [(f"`{one.column}`", one.label, " ".join(f"`{name}`" for name in one.reads)) for one in computed().values()]
    return [*lines, "", "### Computed columns", "", *table(("column", "meaning", "made from"), rows)]


def _plain(record: str) -> list[str]:
    parts = {f"{date}_{part}" for date in view_dates(record) for part, _, _ in INTERVAL_PARTS}
    return [name for name in view_columns(record) if name not in parts and origin(record, name)]


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def pages() -> dict[str, str]:
    """Text of every generated page by file name."""
    return {"edits.md": catalogue(), "expectations.md": expectation_page()}


def main(arguments: list[str], docs: Path = DOCS) -> int:
    """Write the pages of edits and expectations, or with --check compare them; 1 where one differs."""
    return written(pages(), arguments, docs, "what it is made from: run `python -m validations.pages`")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
