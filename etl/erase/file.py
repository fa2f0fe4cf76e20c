"""One landed file without the rows of persons on the list, held against the file as it was: all others read as before."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from etl.erase import text, workbook, xml
from etl.erase.rows import Hers, Known, mentions, rows_of_listed
from etl.erase.withheld import REASON, Gone, Line
from etl.landing.landed import LandedFile
from etl.landing.manifest import private_file
from etl.readers import RawTable, read
from etl.readers.table import spans
from schemas.core.errors import UnreadableError

NO_TEXT = ("header", "footer", "blank", "continuation")  # why a line is no data, where it says nothing of its own
CHECKING = ".erased"  # begins the name of a file that is not held against the one before yet
OTHERS_CHANGED = "without these rows the others would not be read as before; ask the source for the file in another format"


@dataclass(frozen=True)
class Cleaned:
    """The file without her rows: its `content`, and what it holds no longer by each contract that reads it."""

    content: bytes
    gone: tuple[Gone, ...]

    @property
    def sha256(self) -> str:
        """Hash of the content."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Looked:
    """What one file held of the listed persons.

    `cleaned`: the file without it, None where it held nothing. `known_by`: hashes of further numbers of theirs. `rows`, `records`: how
    many were theirs. `unclear`: how many have a number of theirs, and nothing that tells whose it is.
    """

    cleaned: Cleaned | None
    known_by: frozenset[str]
    rows: int = 0
    records: int = 0
    unclear: int = 0


def look_through(files: Sequence[LandedFile], known: Known, scratch: Path) -> Looked:
    """The one file that several contracts may read (`files`: once per contract), without the rows of persons on the list.

    `scratch`: the landing folder, where it stands while it is held against the one before. Raises UnreadableError where a contract
    cannot read it, or rows cannot be taken out of it.
    """
    found = [rows_of_listed(file, known) for file in files]
    known_by = frozenset[str]().union(*(hers.known_by for hers in found))
    unclear = sum(hers.unclear for hers in found)
    content = files[0].path.read_bytes()
    lines, beside = _lines(files, found, known), _told_beside(content, files, found, known)
    if not (any(len(hers.rows) for hers in found) or lines or any(beside) or _is_told_of(content, files, known)):
        return Looked(None, known_by, unclear=unclear)
    cut = _cut(content, files, found, lines, beside)
    if cut == content:
        return Looked(None, known_by, unclear=unclear)
    with _standing(cut, files[0].path, scratch) as path:
        gone = tuple(_held_against(hers, path, cut, _refused(hers.raw, lines)) for hers in found)
    records = sum(n for hers in found for _, _, fate, _, n in hers.lines if fate == "withheld")
    return Looked(Cleaned(cut, gone), known_by, sum(len(hers.rows) for hers in found), records, unclear)


def _lines(files: Sequence[LandedFile], found: Sequence[Hers], known: Known) -> set[int]:
    """The physical lines of a text file to be emptied: those of her rows, and others that name her. For XML: the rows of such records."""
    lines: set[int] = set()
    for file, hers in zip(files, found, strict=True):
        if file.contract.format.kind in ("csv", "fixed") and (len(hers.rows) or _has_others(hers.raw)):
            stand = spans(file)
            others = text.other_lines(file, stand)
            lines |= set(others["source_row"].filter(mentions(others["line"], file.contract, known)))
            lines |= set(text.lines_of_rows(stand, hers.rows))
        elif file.contract.format.kind == "naaccr_xml":
            lines |= set(hers.rows) | set(_torn_records(file, hers, known))
    return lines


def _has_others(raw: RawTable) -> bool:
    """Whether a file has lines that are neither data nor header, footer, blank, or the rest of a row: most have none."""
    told = raw.ledger.filter(pl.col("n") > 0, pl.col("fate") != "goes_on", ~pl.col("reason").is_in(NO_TEXT))
    return told.height > 0


def _told_beside(content: bytes, files: Sequence[LandedFile], found: Sequence[Hers], known: Known) -> list[set[int]]:
    """Of a workbook the rows of each contract's sheet that are no data and name her."""
    if files[0].contract.format.kind != "excel":
        return [set() for _ in files]
    told = []
    for file, hers, sheet in zip(files, found, _sheets(content, files), strict=True):
        others = sorted(workbook.other_rows(content, sheet, hers.raw.rows["source_row"]).items()) if _has_others(hers.raw) else []
        others = others[: len(others) - file.contract.format.footer_rows]
        texts = pl.Series("text", [text for _, text in others], dtype=pl.String)
        told.append({number for (number, _), is_told in zip(others, mentions(texts, file.contract, known), strict=True) if is_told})
    return told


def _sheets(content: bytes, files: Sequence[LandedFile]) -> list[str]:
    """The sheet of a workbook that each contract reads."""
    return [workbook.sheet_of(file.name, content, file.contract.format) for file in files]


def _is_told_of(content: bytes, files: Sequence[LandedFile], known: Known) -> bool:
    """Whether a workbook names her where no contract reads, or XML in a comment."""
    kind = files[0].contract.format.kind
    if kind not in ("excel", "naaccr_xml"):
        return False
    told = workbook.unread_texts(content, _sheets(content, files)) if kind == "excel" else xml.comments(files[0].name, content)
    texts = pl.Series("text", told, dtype=pl.String)
    return any(mentions(texts, file.contract, known, short=False).any() for file in files)


def _torn_records(file: LandedFile, hers: Hers, known: Known) -> pl.Series:
    """The rows of records of XML that could not be read and name her."""
    read, per_tumour = set(hers.raw.rows["source_row"]), file.contract.format.rows == "tumour"
    others = xml.other_records(file.name, file.path.read_bytes(), read, per_tumour=per_tumour)
    texts = pl.DataFrame({"source_row": list(others), "text": list(others.values())}, schema={"source_row": pl.Int64, "text": pl.String})
    return texts["source_row"].filter(mentions(texts["text"], file.contract, known))


def _cut(content: bytes, files: Sequence[LandedFile], found: Sequence[Hers], lines: set[int], beside: Sequence[set[int]]) -> bytes:
    first = files[0]
    layout = first.contract.format
    if layout.kind == "excel":
        gone = [{*hers.rows, *told} for hers, told in zip(found, beside, strict=True)]
        rows = dict(zip(_sheets(content, files), gone, strict=True))
        return workbook.emptied(first.name, content, rows)
    if layout.kind == "naaccr_xml":
        return xml.emptied(first.name, content, lines, per_tumour=layout.rows == "tumour")
    return text.emptied(first, content, lines)


@contextmanager
def _standing(content: bytes, like: Path, scratch: Path) -> Iterator[Path]:
    """The content as a file, as long as it is looked at."""
    path = scratch / f"{CHECKING}.{hashlib.sha256(content).hexdigest()}{like.suffix}"
    with private_file(path) as handle:
        handle.write(content)
    try:
        yield path
    finally:
        path.unlink()


def _refused(raw: RawTable, lines: set[int]) -> int:
    """How many of these lines were rows that could not be read: a finding tells of each."""
    told = raw.findings["source_row"].drop_nulls()
    return told.filter(told.is_in(list(lines)) & ~told.is_in(raw.rows["source_row"].implode())).n_unique()


def _held_against(hers: Hers, path: Path, content: bytes, refused: int) -> Gone:
    """What the file holds no longer. Raises UnreadableError where the rows that are read are not all the others, with the same cells.

    `refused`: rows among those that could not be read, which the file's own footer may count.
    """
    file = hers.raw.file
    before = file.gone.lines if file.gone is not None else ()
    expected = Gone(file.contract.contract, _summed([*before, *hers.lines, ("read", "row", "not_data", REASON, refused)]))
    now = replace(file, path=path, sha256=hashlib.sha256(content).hexdigest(), size=len(content), gone=expected)
    again = read(now, file.contract)
    if not _same(hers, again):
        raise UnreadableError("not_erasable", f"{file.name}: {OTHERS_CHANGED}")
    fewer = [(*line[1:5], int(line[5])) for line in _difference(hers.raw.ledger, again.ledger)]
    told = [line for line in hers.lines if line[0] != "read"]
    return replace(expected, lines=_summed([*before, *map(_erased, fewer), *told]))


def _same(hers: Hers, again: RawTable) -> bool:
    """Whether all other rows have the same cells; of numbered ones (XML on one line) those behind hers have moved up."""
    fields = list(hers.raw.contract.fields)
    left, right = hers.raw.rows.filter(~hers.is_hers), again.rows
    is_numbered = hers.raw.contract.format.kind == "naaccr_xml"
    columns = fields if is_numbered else ["source_row", *fields]
    return left.select(columns).equals(right.select(columns))


def _difference(before: pl.DataFrame, after: pl.DataFrame) -> Iterator[tuple[str, str, str, str, str, int]]:
    """The lines of the ledger of reading that the file has no more; below 0 those that it has now, the blank ones."""
    lost = pl.concat([before, after.with_columns(n=-pl.col("n"))]).group_by(pl.exclude("n"), maintain_order=True).agg(pl.col("n").sum())
    yield from lost.filter(pl.col("n") != 0).iter_rows()


def _erased(line: Line) -> Line:
    """A line that was refused is none of the data any more, and no finding tells of it."""
    stage, unit, fate, _, n = line
    return (stage, unit, "not_data", REASON, n) if fate == "refused" else line


def _summed(lines: Sequence[Line]) -> tuple[Line, ...]:
    counted: Counter[tuple[str, str, str, str]] = Counter()
    for *line, n in lines:
        counted[line[0], line[1], line[2], line[3]] += n
    return tuple((*line, n) for line, n in sorted(counted.items()) if n)
