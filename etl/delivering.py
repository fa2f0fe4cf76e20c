"""Reading and normalising what was landed, one file after another; a file that breaks its contract is refused alone."""

from __future__ import annotations

import datetime
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import polars as pl

from etl.corrections import REPORT, in_force, judge
from etl.erase.withheld import accounted
from etl.landing.emptied import check_emptied
from etl.landing.land import LandedFile, Landing, refuse
from etl.landing.manifest import Entry, read_manifest
from etl.linking.leading_zeros import zeros_lost
from etl.nights.compared_rows import check_same_records
from etl.nights.delivered_fields import FILLED, filled_fields
from etl.nights.item_numbers import check_item_numbers
from etl.nights.legibility import check_legible
from etl.nights.legible_before import LastReadings
from etl.nights.other_women import check_other_women
from etl.nights.renamed import check_renamed
from etl.nights.repeated_rows import said_again
from etl.nights.volume import Measures, check_volume, measures
from etl.nights.zeros_lost import LastNumbers, check_zeros
from etl.normalise import Begun, begin
from etl.normalise.corrected import Corrections
from etl.normalise.people import People
from etl.normalise.result import BINS, UNLISTED, UNMAPPED, Normalised, no_bins
from etl.read_ahead import Ahead, is_workbook
from etl.readers import RawTable
from etl.superseding import replaced, row_keys, superseded, told_without
from etl.worklists.finding_rows import said
from etl.worklists.raw_rows import kept
from schemas.core.errors import UnreadableError
from schemas.core.frames import EDIT_COUNTS, FINDINGS, LEDGER, stack
from schemas.findings import SAID
from schemas.project import Project

# Files that are normalised at one time: each keeps one processor busy most of the time.
AT_ONCE = 2


@dataclass(frozen=True)
class Delivered:
    """What all files in force deliver.

    `parts`: one per file, in the order of the files. `ledger`: stages land, read and normalise. `findings` and `counts`: of
    the files, rows and cells. `unmapped`: spellings no vocabulary knows, `unlisted`: texts read beside words no list knows,
    `bins` how many texts fell into each bin. `lines`: physical lines (sheet rows) of each file that was read. `corrections`: what became
    of each (etl.corrections.REPORT).
    `fields`: what each source fills (FILLED). `packed`: rows of files that are slow to read again
    (raw_rows.kept), by name. `said`: what findings about rows and cells are told by (SAID). `held_to`: the rows by contract that
    snapshots were held to. `again`: by name of a file of which all count the rows that say what an earlier one of it says.
    """

    landing: Landing
    parts: tuple[Normalised, ...]
    ledger: pl.DataFrame
    findings: pl.DataFrame
    counts: pl.DataFrame
    unmapped: pl.DataFrame
    lines: dict[str, int]
    corrections: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=REPORT))
    bins: pl.DataFrame = field(default_factory=no_bins)
    unlisted: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=UNLISTED))
    fields: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=FILLED))
    packed: dict[str, bytes] = field(default_factory=dict)
    said: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SAID))
    held_to: Measures = field(default_factory=dict)
    again: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Noticed:
    """What reading one file noticed, kept when its raw text is dropped."""

    ledger: pl.DataFrame
    findings: pl.DataFrame
    counts: pl.DataFrame
    physical_rows: int
    said: pl.DataFrame
    again: int

    def without(self, file: LandedFile, rows: pl.Series) -> Noticed:
        """Without what it says of rows that another file replaces."""
        findings, counts = told_without(self.findings, self.counts, file, rows)
        return replace(self, findings=findings, counts=counts)


class _Going(NamedTuple):
    """A file that is being normalised: what will come of it, and the persons (PERSONS) whom it is the first to name."""

    file: LandedFile
    found: Future[tuple[Normalised, Noticed]]
    met: pl.DataFrame


@dataclass
class _Gathered:
    """What the files deliver so far, by name. `untold`: persons of files that were refused, of whom the next one in force tells; `wrong`:
    files that cannot be read, and why.
    """

    project: Project
    out: Path
    landing: Landing
    parts: dict[str, Normalised] = field(default_factory=dict)
    tables: dict[str, Noticed] = field(default_factory=dict)
    keys: dict[str, pl.DataFrame] = field(default_factory=dict)
    packed: dict[str, bytes] = field(default_factory=dict)
    untold: list[pl.DataFrame] = field(default_factory=list)
    wrong: list[tuple[LandedFile, UnreadableError]] = field(default_factory=list)

    def keep(self, raw: RawTable) -> None:
        """Keep of the text of a file what is asked for when it is gone."""
        if (named := row_keys(raw)) is not None:
            self.keys[raw.file.name] = named
        if (rows := kept(raw)) is not None:
            self.packed[raw.file.name] = rows

    def take(self, going: _Going) -> None:
        """Take what one file delivers, or refuse it."""
        self.untold.append(going.met)
        try:
            part, noticed = going.found.result()
        except UnreadableError as error:
            self.refuse(going.file, error)
            return
        self.parts[going.file.name], self.tables[going.file.name] = replace(part, persons=pl.concat(self.untold)), noticed
        self.untold = []

    def refuse(self, file: LandedFile, error: UnreadableError) -> None:
        """Refuse one file, when all others are read (`stand_ins`)."""
        self.keys.pop(file.name, None)
        self.packed.pop(file.name, None)
        # the places where it was raised hold the text of the file, in a circle with what is going
        self.wrong.append((file, error.with_traceback(None)))

    def stand_ins(self) -> list[LandedFile]:
        """What is to be read in the place of the files refused. Raises RefusedError where nothing is, and their source is required."""
        if not self.wrong:
            return []
        self.landing, found = refuse(self.project, self.out, self.landing, self.wrong)
        self.wrong = []
        return found

    def delivered(self) -> Delivered:
        """All of it."""
        files, rows = self.landing.files, replaced(self.landing.files, self.keys)
        tables = {
            **self.tables,
            **{file.name: self.tables[file.name].without(file, rows[file.name]) for file in files if file.name in rows},
        }
        return replace(_delivered(self.landing, superseded(files, self.parts, rows), tables), packed=self.packed)


@dataclass(frozen=True)
class _Opening:
    """What one file after the other is read and begun with; `last`: the rows by contract that snapshots are held to."""

    project: Project
    out: Path
    as_of: datetime.date
    ahead: Ahead
    people: People
    last: Measures
    numbers: LastNumbers
    readings: LastReadings

    @cached_property
    def corrections(self) -> Corrections:
        """Those of the project that hold on the as-of date."""
        return in_force(self.project.corrections, self.as_of)

    @cached_property
    def entries(self) -> list[Entry]:
        """The manifest as it was when the first file was opened."""
        return read_manifest(self.out)

    def begun(self, file: LandedFile, waiting: Sequence[LandedFile], *, held: int) -> Begun:
        """A file read and its persons met. Raises UnreadableError where it breaks its contract."""
        rank, day = self.project.registry.trust_rank(file.contract.source), self.as_of if self.as_of > datetime.date.min else None
        raw = self.ahead.read(file, waiting, held=held)
        check_volume(raw, self.last, self.out)
        check_emptied(raw, self.entries)
        check_renamed(raw, self.readings)
        check_item_numbers(raw, self.readings)
        compared = check_same_records(raw, self.readings)
        begun = begin(raw, self.project.vocabularies, self.people, rank, self.corrections, as_of=day)
        check_zeros(begun, self.numbers)
        check_other_women(raw, compared)
        self.people.taken()
        return begun


def deliver(project: Project, out: Path, landing: Landing, key: bytes, as_of: datetime.date = datetime.date.min) -> Delivered:
    """Read and normalise every file in force; where one cannot be read, its last good delivery stands in.

    A file is begun while those before it are normalised, AT_ONCE of them in threads of their own; persons are met and refusals told in
    the order of the files. The project's corrections that hold on the day `as_of` are applied. Raises RefusedError where a required
    source is left without a delivery.
    """
    people, gathered, going, waiting = People(key), _Gathered(project, out, landing), deque[_Going](), in_turn(landing.files)
    last = measures(out, project.registry.accepted, project.contracts)
    with Ahead() as ahead, ThreadPoolExecutor(AT_ONCE, "normalising") as threads:
        opening = _Opening(project, out, as_of, ahead, people, last, LastNumbers(out, key), LastReadings(out))
        while waiting or going:
            file, begun, wrong = waiting.pop(0) if waiting else None, None, None
            if file is not None:
                try:
                    begun = opening.begun(file, waiting, held=len(going))
                except UnreadableError as error:
                    wrong = error
            while going and (begun is None or len(going) == AT_ONCE):
                gathered.take(going.popleft())
            if file is not None and wrong is not None:
                gathered.refuse(file, wrong)
            elif file is not None and begun is not None:
                going.append(_Going(file, threads.submit(_normalised, begun, people.row_secret, opening.readings), begun.met))
                ahead.begin(waiting, held=len(going))
                gathered.keep(begun.raw)
            begun = None  # raw text is the peak of the memory
            if not waiting and not going:
                waiting = gathered.stand_ins()
    delivered = _with_zeros(gathered.delivered(), people)
    return _with_corrections(project, as_of, replace(delivered, held_to=last))


def _normalised(begun: Begun, secret: str, last: LastReadings) -> tuple[Normalised, Noticed]:
    """What one file delivers, and what is kept of its text. Raises UnreadableError where too much of it cannot be read."""
    raw, part = begun.raw, begun.normalised()
    unread = check_legible(raw, part, last)
    noticed = (stack([raw.findings, unread.findings], FINDINGS), stack([raw.counts, unread.counts], EDIT_COUNTS))
    told = said(raw, stack([raw.findings, part.findings], FINDINGS), secret)
    return part, Noticed(raw.ledger, *noticed, raw.physical_rows, told, said_again(raw))


def in_turn(files: Sequence[LandedFile]) -> list[LandedFile]:
    """The files in the order in which they are read: the two largest texts, the workbooks, then the other texts, large ones first.

    Reading the largest takes the most memory, so it comes while hardly anything is gathered, beside the workbook that is begun at once
    in a thread of its own and takes longer: two texts are normalised meanwhile. The others follow while less and less is read ahead.
    """
    texts = sorted((file for file in files if not is_workbook(file)), key=lambda file: -file.size)
    return [*texts[:2], *(file for file in files if is_workbook(file)), *texts[2:]]


def _with_zeros(delivered: Delivered, people: People) -> Delivered:
    """What the files deliver, with the findings about person numbers that lack their leading zeros."""
    found, met, told = zeros_lost(delivered.landing.files, delivered.parts, people)
    return _beside(delivered, found, met, told)


def _with_corrections(project: Project, as_of: datetime.date, delivered: Delivered) -> Delivered:
    """What the files deliver, with the report and the findings about the corrections."""
    judged = judge(project.corrections, as_of, delivered.parts, delivered.landing.files, project.unusable_corrections)
    return _beside(replace(delivered, corrections=judged.report), judged.findings, judged.counts, judged.said)


def _beside(delivered: Delivered, found: pl.DataFrame, met: pl.DataFrame, told: pl.DataFrame) -> Delivered:
    """What the files deliver with more findings (FINDINGS), their counts (EDIT_COUNTS) and what identifies them (SAID)."""
    return replace(
        delivered,
        findings=stack([delivered.findings, found], FINDINGS),
        counts=stack([delivered.counts, met], EDIT_COUNTS),
        said=pl.concat([delivered.said, told]),
    )


def _delivered(landing: Landing, parts: dict[str, Normalised], tables: dict[str, Noticed]) -> Delivered:
    ordered = tuple(parts[file.name] for file in landing.files)
    stages: list[Landing | Noticed | Normalised] = [landing, *(tables[file.name] for file in landing.files), *ordered]
    gone = {file.name: file.gone for file in landing.files if file.gone is not None}
    return Delivered(
        landing,
        ordered,
        accounted(stack((stage.ledger for stage in stages), LEDGER), gone),
        stack((stage.findings for stage in stages), FINDINGS),
        stack((stage.counts for stage in stages), EDIT_COUNTS),
        stack((part.unmapped for part in ordered), UNMAPPED),
        {file.name: tables[file.name].physical_rows + (file.gone.physical if file.gone else 0) for file in landing.files},
        bins=stack((part.bins for part in ordered), BINS),
        unlisted=stack((part.unlisted for part in ordered), UNLISTED),
        fields=filled_fields(landing.files, ordered),
        said=stack((tables[file.name].said for file in landing.files), SAID),
        again={file.name: tables[file.name].again for file in landing.files if tables[file.name].again},
    )
