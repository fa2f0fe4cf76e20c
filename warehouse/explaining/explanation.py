"""An explained number as plain objects, and as the text that the terminal shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Cell:
    """One column of a record and the header it came from; `text` is the cell, only where it was asked for."""

    column: str
    header: str
    steps: str
    text: str | None = None


@dataclass(frozen=True)
class Origin:
    """One source row that delivered or completed a star row. `source_row` is the physical line of the file."""

    source_file: str
    sha256: str
    source_row: int
    contract: str
    rule: str
    step: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class StarRow:
    """One row of a star table, with the values that matter for the number (dates in words).

    verdicts: for each column that the study makes of such rows, whether this one was counted, and what does not hold of it.
    """

    table: str
    row_key: int
    patient_key: int
    values: Mapping[str, object]
    origins: tuple[Origin, ...] = ()
    verdicts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fired:
    """One edit that found records of the subject violated or possible at one place; `n`: how many of them."""

    edit: str
    severity: str
    outcome: str
    record: str
    source_file: str | None
    source_row: int | None
    columns: str | None
    n: int = 1


@dataclass(frozen=True)
class Subject:
    """One person behind the number; without pseudonym where an error edit holds all her records, so that none was loaded."""

    pseudonym: str | None
    subject_label: str | None
    rows: tuple[StarRow, ...]
    findings: tuple[Fired, ...]


@dataclass(frozen=True)
class Explanation:
    """One number and those behind it; `total`: how many they are, where `subjects` are only the first of them.

    corrections: those that changed a cell shown, by their reason. refused: the study, where its numbers are refused: there is nothing else.
    """

    number_id: str
    value: float | None
    subjects: tuple[Subject, ...]
    corrections: tuple[str, ...] = field(default=())
    total: int | None = None
    refused: str = ""


def render(explanation: Explanation) -> str:
    """The explanation as plain text; subjects that it leaves out are counted."""
    if explanation.refused:
        why = f"the numbers of study {explanation.refused} are refused (its methods.md says why)"
        return f"{explanation.number_id}: {why}; of those held alone there are numbers (cohort_counts.held…)"
    value = "not available" if explanation.value is None else f"{explanation.value:.15g}"
    shown = explanation.subjects
    n = len(shown) if explanation.total is None else explanation.total
    lines = [f"{explanation.number_id} = {value}, from {n} subject{'' if n == 1 else 's'}"]
    lines += [line for subject in shown for line in ("", *_subject(subject))]
    if n > len(shown):
        lines += ["", f"… and {n - len(shown)} more (--all shows them)"]
    lines += ["", f"corrections: {', '.join(explanation.corrections) or 'none'}"]
    return "\n".join(lines)


def _subject(subject: Subject) -> Iterator[str]:
    name = f"pseudonym {subject.pseudonym}" if subject.pseudonym else "a person of whom no record was loaded"
    yield f"subject {subject.subject_label}, {name}" if subject.subject_label else name
    for row in subject.rows:
        yield f"  {row.table} {row.row_key}"
        for name, value in row.values.items():
            yield f"    {name} = {_shown(value)}"
        yield from (f"    {verdict}" for verdict in row.verdicts)
        for origin in row.origins:
            yield from _origin(origin)
        if not row.origins:
            yield "    no file delivered any of these columns"
    for finding in subject.findings:
        times = f", {finding.n} times" if finding.n > 1 else ""
        yield f"  edit {finding.edit}: {finding.outcome} ({finding.severity}) on {finding.record}{_place(finding)}{times}"
    if not subject.findings:
        yield "  no edit fired on these records"


def _origin(origin: Origin) -> Iterator[str]:
    yield f"    {origin.step} by {origin.source_file} line {origin.source_row} (contract {origin.contract}, rule {origin.rule})"
    for cell in origin.cells:
        place = f'column "{cell.header}"' if cell.header else "no column"
        text = "" if cell.text is None else f" [{cell.text}]"
        yield f"      {place}{text} > {cell.steps} > {cell.column}"


def _place(finding: Fired) -> str:
    return f", {finding.source_file} line {finding.source_row}" if finding.source_file else ""


def _shown(value: object) -> str:
    if value is None:
        return "(empty)"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
