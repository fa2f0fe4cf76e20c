"""The laws: what is changed in the exports, and what must follow from it (docs/operating.md)."""

from __future__ import annotations

import codecs
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import PurePosixPath

import polars as pl

from etl.selfcheck.sample import Sample
from etl.selfcheck.text_export import ENDS, LINE, Row, TextExport, ended
from etl.selfcheck.tried import EXTRA, Differences
from schemas.contract import Contract
from schemas.contract_format import Format
from warehouse.differing.rows import GONE

BOM = "\ufeff"
COLUMN = "oncomart_selfcheck"
# Tables whose numbers are counts of people, each with the query of those behind it.
OF_PEOPLE = ("cohort_counts", "table_1")
REMOVED = 3


class NotApplicableError(Exception):
    """The exports have nothing that the law could be tried on; the text says why."""


@dataclass(frozen=True)
class Variant:
    """The exports in another way. texts: all of them; n: how many files (or persons) were changed; names: of the files that were;
    removed: the persons taken out; copied: the rows, as file and line of the exports before, that stand there once more.
    """

    texts: tuple[TextExport, ...]
    n: int
    names: frozenset[str] = frozenset()
    removed: frozenset[int] = frozenset()
    copied: frozenset[tuple[str, int]] = frozenset()


Made = Callable[[Sample, Mapping[str, Contract], random.Random], Variant]


def _each(sample: Sample, change: Callable[[TextExport], TextExport | None]) -> Variant:
    """Every text that can be changed is; NotApplicableError where none can."""
    made = [(text, change(text)) for text in sample.texts]
    names = frozenset(old.name for old, new in made if new is not None and new.text != old.text)
    if not names:
        raise NotApplicableError("no text export can be changed so")
    return Variant(tuple(old if new is None else new for old, new in made), len(names), names)


def _shuffled(sample: Sample, contracts: Mapping[str, Contract], draw: random.Random) -> Variant:
    """The rows of different persons in any order. Those of one stay in theirs: of two that contradict each other the first counts."""
    del contracts
    lines = sample.lines.group_by("source_file", "source_row").agg(pl.col("patient_key").min())
    whose = {(name, line): key for name, line, key in lines.iter_rows()}

    def change(text: TextExport) -> TextExport:
        rows = [ended(row, text.end) for row in text.rows]
        names = [whose.get((text.name, row.line), -row.line) for row in rows]
        hers: dict[int, Iterator[Row]] = {
            name: iter([row for row, _ in pairs]) for name, pairs in groupby(sorted(zip(rows, names, strict=True), key=_name), key=_name)
        }
        draw.shuffle(names)
        return replace(text, rows=tuple(next(hers[name]) for name in names))

    return _each(sample, change)


def _name(pair: tuple[Row, int]) -> int:
    return pair[1]


def _renamed(sample: Sample, contracts: Mapping[str, Contract], draw: random.Random) -> Variant:
    """Another name that the same contract reads, of files that are alone with it: of several the name says which came last."""
    del draw
    names = [text.name for text in sample.texts] + [*sample.whole]

    def change(text: TextExport) -> TextExport | None:
        (mine,) = [contract for name, contract in contracts.items() if name == text.name]
        alone = sum(contracts[name] is mine for name in names) == 1
        new = _other_name(text.name, mine.files)
        taken = new is None or new in names or any(_fits(new, other.files) for other in contracts.values() if other is not mine)
        return None if not alone or new is None or taken else replace(text, name=new)

    made = [(text, change(text)) for text in sample.texts]
    n = sum(new is not None for _, new in made)
    if not n:
        raise NotApplicableError("no contract reads a text export under another name")
    return Variant(tuple(old if new is None else new for old, new in made), n)


def _other_name(name: str, patterns: Iterable[str]) -> str | None:
    path = PurePosixPath(name)
    new = str(path.with_name(f"{path.stem}_b{path.suffix}"))
    return new if _fits(new, patterns) else None


def _fits(name: str, patterns: Iterable[str]) -> bool:
    return any(PurePosixPath(name).match(pattern) for pattern in patterns)


def _written_otherwise(sample: Sample, contracts: Mapping[str, Contract], draw: random.Random) -> Variant:
    """Lines that end as on another system; of UTF-8 a byte order mark where there was none, and none where there was one."""
    del contracts, draw

    def change(text: TextExport) -> TextExport:
        end = "\n" if text.end == "\r\n" else "\r\n"
        rows = tuple(Row(row.line, _ending(row.own, end), _ending(row.below, end)) for row in text.rows)
        head, tail = _ending(text.head, end), _ending(text.tail, end)
        if codecs.lookup(text.encoding).name == "utf-8" and (head or text.layout.kind == "csv"):
            head = head.removeprefix(BOM) if head.startswith(BOM) else BOM + head
        return replace(text, head=head, rows=rows, tail=tail, end=end)

    return _each(sample, change)


def _ending(text: str, end: str) -> str:
    """The text with the ends of its lines in another way; within a quoted cell too, as a transfer between systems does."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", end)


def _with_copy(sample: Sample, contracts: Mapping[str, Contract], draw: random.Random) -> Variant:
    """One row of somebody, of each file, stands at its end once more."""
    copied, of_somebody = set(), {(name, line) for name, line in sample.lines.select("source_file", "source_row").iter_rows()}

    def change(text: TextExport) -> TextExport | None:
        if contracts[text.name].delivery == "upsert":
            return None
        hers = [place for place, row in enumerate(text.rows) if (text.name, row.line) in of_somebody]
        place = draw.choice(hers or range(len(text.rows)))
        copied.add((text.name, text.line_of(place)))
        rows = [*text.rows[:-1], ended(text.rows[-1], text.end), replace(ended(text.rows[place], text.end), below="")]
        return text.with_rows(rows)

    variant = _each(sample, change)
    return replace(variant, copied=frozenset(copied))


def _with_column(sample: Sample, contracts: Mapping[str, Contract], draw: random.Random) -> Variant:
    del draw

    def change(text: TextExport) -> TextExport | None:
        contract, lines = contracts[text.name], LINE.findall(text.head)
        heads = [place for place, line in enumerate(lines) if _is_head(line, text.layout)]
        if text.layout.kind != "csv" or text.layout.heads != 1 or contract.columns != "open" or not heads:
            return None
        header, layout = lines[heads[-1]], text.layout
        lines[heads[-1]] = _longer(header, layout, COLUMN)
        rows = tuple(Row(row.line, _longer(row.own, layout, "x"), _rows_longer(row.below, layout, header)) for row in text.rows)
        return replace(text, head="".join(lines), rows=rows, tail=_rows_longer(text.tail, layout, header))

    return _each(sample, change)


def _is_head(line: str, layout: Format) -> bool:
    return bool(line.strip()) and not (layout.comment and line.lstrip(BOM).startswith(layout.comment))


def _rows_longer(text: str, layout: Format, header: str) -> str:
    """Lines that are no data, with a cell more where they have one per header: a row of sums would else end the file cut off."""
    wide = header.count(str(layout.delimiter))
    lines = LINE.findall(text)
    return "".join(_longer(line, layout, "") if line.count(str(layout.delimiter)) == wide else line for line in lines)


def _longer(line: str, layout: Format, cell: str) -> str:
    bare = line.rstrip(ENDS)
    return f"{bare}{layout.delimiter}{cell}{line[len(bare) :]}"


def _without_persons(sample: Sample, contracts: Mapping[str, Contract], draw: random.Random) -> Variant:
    """A few persons taken out with all their rows; nobody of whom a file tells that cannot be cut, or who shares a row with another."""
    del contracts
    names = [text.name for text in sample.texts]
    shared = sample.lines.group_by("source_file", "source_row").agg(pl.col("patient_key").n_unique().alias("n")).filter(pl.col("n") > 1)
    of_others = sample.lines.join(shared, on=["source_file", "source_row"], how="semi")
    elsewhere = sample.lines.filter(~pl.col("source_file").is_in(names))
    barred = {*of_others["patient_key"], *elsewhere["patient_key"]}
    free = [key for key in sample.lines["patient_key"].unique().sort() if key not in barred]
    if len(free) <= REMOVED:
        raise NotApplicableError("of hardly anybody all rows stand in text exports, and in none of another person")
    gone = frozenset(draw.sample(free, REMOVED))
    mine = sample.lines.filter(pl.col("patient_key").is_in(gone))
    taken = set(mine.select("source_file", "source_row").iter_rows())
    texts = tuple(text.with_rows(row for row in text.rows if (text.name, row.line) not in taken) for text in sample.texts)
    if not all(text.rows for text in texts):
        raise NotApplicableError("a text export would have no row left")
    return Variant(texts, REMOVED, removed=gone)


def _same(found: Differences, variant: Variant) -> Iterator[str]:
    del variant
    yield from found.told()


def _copies(found: Differences, variant: Variant) -> Iterator[str]:
    """Every record that the copied rows deliver is a duplicate; what goes on to the edits is as before.

    What is wrong with a row is told of its copy as well: both are to be mended at the source.
    """
    yield from found.without_copies_of(variant.copied).told(with_ledger=False)
    more = found.ledger.get(("normalise", "record", "goes_on"), 0)
    duplicates = found.ledger.get(("link", "record", "duplicate"), 0)
    if more != duplicates or not more:
        yield f"the copied rows deliver {more:,} records more, of which {duplicates:,} are duplicates"
    others = {place: n for place, n in found.ledger.items() if place[0] in ("edit", "load") or place == ("link", "record", "goes_on")}
    if others:
        yield "fates differ: " + ", ".join(f"{' '.join(place)} {n:+,}" for place, n in sorted(others.items()))


def _one_notice_each(found: Differences, variant: Variant) -> Iterator[str]:
    """Every file with a column more has its notice, which tells of all its columns that are not read; other files have none more."""
    yield from found.told()
    before, after = found.extra
    if after != before | variant.names or found.findings.get(EXTRA, 0) != len(after) - len(before):
        yield f"of {variant.n:,} files with a column more {len(variant.names - after):,} have no notice of it"


def _only_theirs(found: Differences, variant: Variant) -> Iterator[str]:
    """Of the star only their rows are gone; who stands behind which number is compared by `people_left`."""
    rows = found.rows.whose.join(found.rows.alike, on="alike")
    others = rows.filter(~(pl.col("patient_key").is_in(variant.removed) & (pl.col("kind") == GONE)))
    if others.height:
        yield f"{others['n'].sum():,} rows of the star differ that are not theirs, of {others['patient_key'].n_unique():,} persons"


def people_left(numbers: Iterable[tuple[str, frozenset[int], frozenset[int]]], removed: frozenset[int]) -> Iterator[str]:
    """Numbers behind which others stand than before, those removed apart."""
    wrong = [number for number, before, after in numbers if before - removed != after]
    if wrong:
        yield f"behind {len(wrong):,} numbers stand others than before without those removed: {', '.join(wrong[:3])}"


@dataclass(frozen=True)
class Law:
    """One law. law: its name; says: what must hold; made: the exports in the other way; broken: what does not hold, without a value.

    Two laws have none: one is about how the records are judged (`etl.selfcheck.certain`), one needs other exports and another project
    (`etl.selfcheck.times`).
    """

    law: str
    says: str
    made: Made | None = None
    broken: Callable[[Differences, Variant], Iterator[str]] = _same


LAWS = (
    Law("rows_in_another_order", "the order in which persons stand in a file changes nothing", _shuffled, _same),
    Law("files_with_other_names", "the name of a file changes nothing", _renamed, _same),
    Law("written_otherwise", "line ends and a byte order mark change nothing", _written_otherwise, _same),
    Law("rows_delivered_twice", "a row that comes twice adds duplicates and nothing else", _with_copy, _copies),
    Law("column_more", "a column that no contract knows adds one notice and nothing else", _with_column, _one_notice_each),
    Law("persons_removed", "who is taken out takes out what she contributed, and nothing of others", _without_persons, _only_theirs),
    Law("dates_earlier", "with every date twenty-eight years earlier times are as they were"),
    Law("days_forgotten", "what is certain of a month was certain of the day"),
)
