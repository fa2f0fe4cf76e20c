"""What the command line says at the end: a summary per registry."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from etl import own_words
from etl.outcome import NOT_MET, REFUSED, UNCHANGED, Outcome
from etl.progress import Progress
from schemas.study import NEVER_READ
from schemas.vocabularies.lookup import BESIDE_UNLISTED
from validations.expecting.told import warning
from validations.report.numbers import plural
from warehouse.publish import current
from warehouse.runs import stored_run

SHOWN = (("dim_patient", "patient"), ("dim_tumour", "tumour"), ("fact_treatment", "treatment"), ("fact_event", "event"))

MOST_NOTICES, MOST_FILES = 5, 3
# Above this share of the cells of codes and treatments a contract, or the words of a source, is still to be worked on.
MOST_UNREAD = 0.05
# So is a column of which a tenth is not understood, however well the others are read: a spelling of an operation is soon a quarter of it.
MOST_OF_COLUMN, FEWEST_CELLS, MOST_COLUMNS = 0.1, 10, 3


def show(outcomes: Sequence[Outcome], progress: Progress) -> None:
    """A few lines per registry: how it ended, what it holds, where the results are. Refusals go to standard error too when quiet."""
    for outcome in outcomes:
        if progress.quiet and (outcome.outcome == REFUSED or outcome.refusals):
            progress.complain("\n".join((_sentence(outcome), *(f"  {line}" for line in _refusals(outcome)))))
        progress.say("")
        progress.say(_sentence(outcome))
        for line in _details(outcome, verbose=progress.verbose):
            progress.say(f"  {line}")


def _sentence(outcome: Outcome) -> str:
    name = f"{outcome.registry} ({outcome.title})"
    if outcome.outcome == REFUSED:
        before = current(outcome.out)
        kept = f"release {before.name} stays current" if before is not None else "no release is current"
        return f"{name}: refused to publish, {kept}\n{outcome.reason}"
    return f"{name}: {outcome.outcome}, release {outcome.run_id}"


def _refusals(outcome: Outcome) -> list[str]:
    return [f"refused: {refusal.message}{_stand_in(refusal.carried_forward)}" for refusal in outcome.refusals]


def _notices(outcome: Outcome, *, verbose: bool) -> list[str]:
    """Expectations of the whole load that are not met; with -v all of them, and files and contracts that are only noticed."""
    told = [notice.message for notice in outcome.notices if verbose or notice.reason == NOT_MET]
    shown = told if verbose else told[:MOST_NOTICES]
    more = f"{len(told) - len(shown)} more expectations are not met: see the quality report"
    lines = [f"notice: {text}" for text in shown] + ([f"notice: {more}"] if len(told) > len(shown) else [])
    if outcome.outcome == REFUSED:
        return lines  # the reason says how to accept it
    run = stored_run(outcome.place)
    words = warning(run.get("expectations_not_met", ()), outcome.run_id, str(run.get("previous_release") or ""))
    return [*lines, *words]


def _details(outcome: Outcome, *, verbose: bool) -> list[str]:
    lines = _refusals(outcome) + _notices(outcome, verbose=verbose)
    if outcome.outcome == REFUSED:
        return [*lines, f"what was made lies in {outcome.place}"] if outcome.place is not None else lines
    place = outcome.out / "current"
    if outcome.outcome != UNCHANGED:
        counts = ", ".join(plural(outcome.rows.get(table, 0), word) for table, word in SHOWN)
        found = ", ".join(plural(outcome.findings[word], word) for word in ("error", "warning", "notice") if word in outcome.findings)
        lines += [f"{counts}; findings: {found or 'none'}"]
        lines += _unread(place)
    for study in outcome.studies:
        lines += _study(place, study, outcome.withheld.get(study))
    lines += [f"warehouse: {place / 'warehouse.duckdb'}", f"quality:   {place / 'share' / 'quality' / 'index.html'}"]
    return [*lines, f"studies:   {place / 'share' / 'studies'}"] if outcome.studies else lines


def _unread(place: Path) -> list[str]:
    """What the reading of codes leaves a person to look at: cells not understood, and those read beside words that no list knows."""
    with (place / "share" / "quality" / "vocabularies.csv").open(encoding="utf-8", newline="") as handle:
        cells = [row for row in csv.DictReader(handle) if (row["n"] or "0").isdecimal()]
    beside = sum(int(row["n"] or 0) for row in cells if row["reason"] == BESIDE_UNLISTED)
    listed = place / "internal" / "unlisted_words.csv"
    told = [f"read beside words that no list knows: {plural(beside, 'cell')}, to confirm or refuse in {listed}"] if beside else []
    return [*_not_understood(place, cells), *told]


def _not_understood(place: Path, cells: Sequence[dict[str, str]]) -> list[str]:
    """Where many cells of codes, or of one column, were not understood: how many, which file lists them, and what to do with them."""
    unread, n = _rejected(cells)
    columns = _unread_columns(cells)
    if unread <= MOST_UNREAD * n and not columns:
        return []
    says = f"not understood: {unread:,} of {n:,} cells of codes and treatments, listed by column in {place / 'internal' / 'unmapped.csv'}"
    return [
        says,
        *(f"  {column} of {contract}: {count:,} of {of:,}" for count, of, contract, column in columns[:MOST_COLUMNS]),
        *_own_words(place / "internal" / own_words.FILE),
        "  codes: write spelling and code into vocabularies/*.csv; treatments, numbers that are codes: a `map` or `codes` in the contract",
    ]


def _own_words(listed: Path) -> list[str]:
    """How many cells the words of the house would give back, where there are such; no word is told."""
    if not listed.is_file():
        return []
    with listed.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    if not rows:
        return []
    few = next(number for number, row in enumerate(rows, 1) if 2 * int(row["so_far"]) >= int(rows[-1]["so_far"]))
    half = f", the first {few} half of them" if few < len(rows) else ""
    of_all = f"{plural(len(rows), 'word')} would give {int(rows[-1]['so_far']):,} back"
    return [f"  words of the house beside a value: {of_all}{half}; look at {listed} and paste into {own_words.GOES_TO}"]


def _rejected(cells: Sequence[dict[str, str]]) -> tuple[int, int]:
    return sum(int(row["n"] or 0) for row in cells if row["bin"] == "rejected"), sum(int(row["n"] or 0) for row in cells)


def _unread_columns(cells: Sequence[dict[str, str]]) -> list[tuple[int, int, str, str]]:
    """Columns of which a tenth is not understood in one of its readings: cells, of how many, contract, column; the greatest share first."""
    readings: dict[tuple[str, str, str], list[dict[str, str]]] = {}
    for row in cells:
        readings.setdefault((row["contract"], row["column"], row["domain"]), []).append(row)
    told: dict[tuple[str, str], tuple[int, int]] = {}
    for (contract, column, _), rows in readings.items():
        unread, n = _rejected(rows)
        if unread >= max(FEWEST_CELLS, MOST_OF_COLUMN * n) and unread > told.get((contract, column), (0, 0))[0]:
            told[contract, column] = unread, n
    return sorted(((unread, n, *where) for where, (unread, n) in told.items()), key=lambda line: (-line[0] / line[1], *line[2:]))


def _stand_in(carried: str) -> str:
    """What stands in; of many files, as of a source that is appended, the first and the last (run.json names all)."""
    names = carried.split(", ")
    told = carried if len(names) <= MOST_FILES else f"{names[0]} … {names[-1]}, {len(names):,} files"
    return f" (carried forward: {told})" if carried else ""


def _study(place: Path, study: str, refused: str | None) -> Iterator[str]:
    """What became of a study: how many are analysed, and which endpoints nobody has an estimate of; or why it has no numbers."""
    if refused is not None:
        yield f"study {study}: its numbers are {refused}"
        if refused.startswith(NEVER_READ):
            waits = "where it has not come yet and the study is right without it, write `required: false` into its contract"
            yield f"  have the export sent again; {waits}"
        else:
            where = place / "internal" / "worklist.xlsx"
            yield f"  what holds them: {where}, its errors first; another limit: `max_held_share` of the study"
        return
    yield f"study {study}: {_analysed(place, study)}"
    path = place / "share" / "studies" / study / "survival.csv"
    for endpoint, reason in _not_estimated(path).items() if path.is_file() else ():
        yield f"  not estimated: {endpoint} ({reason})"


def _not_estimated(path: Path) -> dict[str, str]:
    """The endpoints of which no estimator gives anything for all women as published, each with the first reason."""
    with path.open(encoding="utf-8", newline="") as handle:
        rows = [row for row in csv.DictReader(handle) if (row["analysis"], row["arm"]) == ("as_published", "all")]
    made = {row["endpoint"] for row in rows if not row["reason"] or row["reason"].startswith("suppressed")}
    return {row["endpoint"]: row["reason"] for row in reversed(rows) if row["endpoint"] not in made}


def _analysed(place: Path, study: str) -> str:
    path = place / "share" / "studies" / study / "cohort_counts.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        rows = [row for row in csv.DictReader(handle) if row["step"] == "analysed"]
    whole = next((row["n"] for row in rows if row["arm"] == "all"), "0")
    if not whole:
        return _without_numbers(place, study)
    arms = ", ".join(f"{row['n'] or 'hidden:'} {row['arm']}" for row in rows if row["arm"] != "all")
    return f"{whole} analysed ({arms})"


def _without_numbers(place: Path, study: str) -> str:
    """Where the shared counts do not say how many are analysed: hidden for a small count, if the exact ones say it, else refused."""
    folder = place / "internal" / "studies" / study
    if not (folder / "cohort_counts.csv").is_file() or not _whole(folder / "cohort_counts.csv"):
        return "its numbers are refused: see the quality report"
    return (
        f"how many are analysed is hidden in share/, for a count under `min_cell` would follow from it; exact: {folder} "
        "(steps that leave out few are better one step: docs/studies.md, What is shared)"
    )


def _whole(path: Path) -> str:
    """How many are analysed in all, as the file says it."""
    with path.open(encoding="utf-8", newline="") as handle:
        return next((row["n"] for row in csv.DictReader(handle) if (row["step"], row["arm"]) == ("analysed", "all")), "")
