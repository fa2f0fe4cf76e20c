"""A proposal tried on its own file: which cells it reads, and which records come of it. Nothing is written."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from etl.draft import longer
from etl.draft.by_cells import may_tell
from etl.draft.columns import Column, Export, Seen, contract, names
from etl.draft.doubted import doubted
from etl.draft.instances import with_tumours
from etl.draft.long import Long, long_of, proposed
from etl.draft.nothing_there import nothing_there
from etl.draft.proposal import Proposal, proposal_of
from etl.draft.redcap import choices, has_kinds_of_rows
from etl.draft.rules import WHICH, Rule
from etl.draft.taken_apart import part_of
from etl.normalise import begin
from etl.normalise.people import People
from schemas.code_sets import MANY_ITEMS
from schemas.contract import PERSON
from schemas.facts import shipped
from schemas.vocabulary import Vocabularies

# A column of which fewer cells can be read as what its header says is something else.
LEAST_READ = 0.5
# What texts alone can tell: code lists whose words are nobody else's.
BY_CELLS = {
    "sex": "patient.sex_code", "laterality": "tumour.laterality_code", "stage": "tumour.stage_code", "histology": "tumour.histology_code",
    "menopausal_status": "tumour.menopausal_status_code", "vital_status": "follow_up.vital_status_code",
    "event_type": "event.event_type_code", "cause_of_death": "follow_up.cause_of_death_code",
}  # fmt: skip
MOST_TEXTS, NEARLY_ALL = 500, 0.95
MOST_PERSONS = 5


@dataclass(frozen=True)
class Tried:
    """`unread`: cells that are there and were not understood, by header, of a file with a row per item by item. `records`: how many of
    each kind. `by_cells`: columns whose meaning their cells tell, not their header. `long`: its items, where it has a row for each.
    `zoneless`: the headers of dates that come as instants and need a zone, empty where there are none."""

    proposal: Proposal
    columns: tuple[Column, ...]
    unread: dict[str, int]
    records: dict[str, int]
    by_cells: frozenset[str] = frozenset()
    long: Long | None = None
    zoneless: str = ""


def tried(export: Export, table: Seen, vocabularies: Vocabularies) -> Tried:
    """The proposal for these columns without what the file itself speaks against."""
    table = replace(table, columns=tuple(with_tumours(table.columns)))
    known = _told_by_cells(table, vocabularies)
    by_cells = frozenset(new.name for old, new in zip(table.columns, known, strict=True) if new.meaning != old.meaning)
    long = long_of(replace(table, columns=tuple(known)))
    found = _tried_wide(export, table, known, vocabularies) if long is None else _tried_long(export, table, long, vocabularies)
    return replace(found, by_cells=by_cells)


def _tried_wide(export: Export, table: Seen, known: list[Column], vocabularies: Vocabularies) -> Tried:
    """A row says several things, each column its own."""
    left = choices(known)
    left |= {name: why for name, why in doubted(known, table.cells).items() if name not in left}
    known = [replace(c, meaning=None) if c.name in left else c for c in known]
    items = 1 if table.laid.said["kind"] == "naaccr_xml" else MANY_ITEMS  # its items are NAACCR's, however few they are
    while True:
        made = proposal_of(known, table.n_rows, items, of_kinds=has_kinds_of_rows(known))
        for name, texts in nothing_there(known, table.cells).items():
            if name in made.fields:
                made.fields[name]["null_tokens"] = tuple(texts)
        bad, records, zoneless = _read(export, table, made, vocabularies)
        unread = dict(bad.group_by("columns").agg(pl.col("source_row").n_unique()).iter_rows())
        if apart := _apart(table, known, made, unread) | _longer(table, known, made, unread, vocabularies):
            known = [apart.get(c.name, c) for c in known]
            continue
        wrong = [c for c in known if c.name in made.fields and unread.get(c.header, 0) > (1 - LEAST_READ) * c.filled]
        if not wrong:
            made.left |= left
            return Tried(made, tuple(known), unread, records, zoneless=zoneless)
        second = {c.name: _second(c, known) for c in wrong}
        gone = [c for c in wrong if second[c.name] is None]
        more = {c.name: longer.told(c, table.cells[c.name], unread[c.header], vocabularies) for c in gone}
        left |= {c.name: _against(c, unread[c.header], table.n_rows) + more[c.name] for c in gone}
        known = [replace(c, meaning=second[c.name]) if c in wrong else c for c in known]


def _apart(table: Seen, known: Sequence[Column], made: Proposal, unread: Mapping[str, int]) -> dict[str, Column]:
    """By name the columns of whose cells a part is taken, because as a whole they cannot be read."""
    asked = [(c, part_of(c, table.cells[c.name], unread.get(c.header, 0))) for c in known if c.name in made.fields]
    return {c.name: replace(c, part=part) for c, part in asked if part is not None}


def _longer(
    table: Seen, known: Sequence[Column], made: Proposal, unread: Mapping[str, int], vocabularies: Vocabularies
) -> dict[str, Column]:
    """By name the columns whose value stands in longer texts."""
    asked = [c for c in known if c.name in made.fields and unread.get(c.header, 0)]
    found = [c for c in asked if longer.is_longer(c, table.cells[c.name], unread[c.header], vocabularies)]
    return {c.name: replace(c, is_longer=True) for c in found}


def _tried_long(export: Export, table: Seen, long: Long, vocabularies: Vocabularies) -> Tried:
    """A row says one thing, which one of its columns names."""
    while True:
        made = proposed(long)
        bad, records, zoneless = _read(export, table, made, vocabularies)
        item = table.cells.select("source_row", item=pl.col(long.by.name))
        unread = dict(bad.join(item, on="source_row").group_by("item").agg(pl.col("source_row").n_unique()).iter_rows())
        wrong = [item.text for item in long.items if unread.get(item.text, 0) > (1 - LEAST_READ) * item.n_rows]
        if not wrong:
            return Tried(made, table.columns, unread, records, long=long, zoneless=zoneless)
        long = long.without(wrong)


def _second(column: Column, known: Sequence[Column]) -> str | None:
    """What else the header may say (second_meanings.csv), where no other column says it."""
    rows = shipped("second_meanings.csv", "meaning", "word", "instead")
    fits = [row["instead"] for row in rows if row["meaning"] == column.meaning and row["word"] in ("", column.header.strip().lower())]
    taken = {other.meaning for other in known}
    return next((meaning for meaning in fits if meaning not in taken), None)


def _against(column: Column, unread: int, n_rows: int) -> str:
    """Why a column is not what its header says, and what can be done where it is after all."""
    empty = n_rows - column.filled
    if (column.meaning or "").startswith("person.") and 0 < empty <= unread:
        says = f"its header says that it names the person, but {empty:,} of {n_rows:,} rows have none"
        return f"{says}; where these have another number of hers see docs/linkage.md"
    says = f"its header says {column.meaning}, but {unread:,} of {column.filled:,} cells cannot be read so"
    if 2 * column.commas > column.filled:
        return f'{says}; {column.commas:,} have a decimal comma: give the field `decimal: ","`'
    if len(column.packed) != 1 and column.is_packed:
        return f"{says}; eight digits: write their `formats` (`%Y%m%d`, `%d%m%Y`, `%m%d%Y`, `%Y%d%m`)"
    if column.meaning == "tumour.tumour_size_mm" and 2 * column.fractions > column.filled:
        return f"{says}: numbers such as 2.8 may be centimetres; write `tumour_size_mm: {{from: {column.name}, unit: cm}}`, or `unit: mm`"
    return says + ("; numbers that are codes need `codes` or a `map`" if column.coded else "")


def _read(export: Export, table: Seen, made: Proposal, vocabularies: Vocabularies) -> tuple[pl.DataFrame, dict[str, int], str]:
    """Cells not understood (`columns`, `source_row`), records by kind, and the headers of instants without a zone.

    Where nobody knows the person, the column that differs most stands in.
    """
    if not made.rules:
        return pl.DataFrame(schema={"columns": pl.String, "source_row": pl.Int64}), {}, ""
    headers = dict(zip(names(table.laid.called or table.laid.headers), table.laid.headers, strict=True)) | made.headers
    stand_in = max(table.columns, key=lambda column: column.distinct).name
    rules = [replace(r, set=r.set | {PERSON: stand_in}) if r.set[PERSON] == WHICH else r for r in made.rules]
    fields = {name: {"header": headers[name], **made.fields.get(name, {})} for name in (*made.fields, *_persons(rules))}
    asked = contract("draft", table.laid, fields, [rule.said() for rule in rules], **({"codes": made.codes} if made.codes else {}))
    # nobody's secret: the pseudonyms are dropped with the trial
    begun = begin(export.rows(asked), vocabularies, People(bytes(32)), 0, as_of=datetime.date.today())
    found = begun.normalised()
    bad = found.findings.filter(pl.col("edit").str.starts_with("NORM-"), pl.col("source_row").is_not_null())
    records = {name: frame.height for name, frame in found.records.items()}
    zoneless = found.findings.filter(edit="NORM-DATE-ZONE")["columns"].to_list()
    return bad.select("columns", "source_row"), {name: n for name, n in records.items() if n}, " ".join(zoneless)


def _persons(rules: Iterable[Rule]) -> set[str]:
    """The columns that name the person."""
    return {str(rule.set[PERSON]) for rule in rules}


def _told_by_cells(table: Seen, vocabularies: Vocabularies) -> list[Column]:
    """The columns, those of no known header with the meaning that nearly all their cells have in one code list only."""
    columns = table.columns
    taken = {column.meaning for column in columns}
    asked = [c for c in columns if c.meaning is None and 1 < c.distinct <= MOST_TEXTS]
    fits = {c.name: _meaning(table.cells[c.name], vocabularies) for c in asked}
    told = {c.name: m if (m := fits[c.name]) is not None and may_tell(c.header, m, table.cells[c.name]) else None for c in asked}
    once = {name: meaning for name, meaning in told.items() if meaning not in taken and list(told.values()).count(meaning) == 1}
    return [replace(c, meaning=once[c.name]) if once.get(c.name) else c for c in columns]


def _meaning(cells: pl.Series, vocabularies: Vocabularies) -> str | None:
    """The one meaning of BY_CELLS that nearly all cells have, and more than one code."""
    counted = cells.drop_nulls().alias("raw").value_counts(name="n")
    if not counted["raw"].str.contains(r"\p{L}").all():
        return None
    fits = [meaning for domain, meaning in BY_CELLS.items() if _reads(domain, counted, vocabularies)]
    return fits[0] if len(fits) == 1 else None


def _reads(domain: str, counted: pl.DataFrame, vocabularies: Vocabularies) -> bool:
    codes = vocabularies.in_column(domain, vocabularies.normalise(domain, counted["raw"]))["code"]
    n = int(counted["n"].filter(codes.is_not_null()).sum())
    return n >= NEARLY_ALL * int(counted["n"].sum()) and codes.drop_nulls().n_unique() > 1


def persons(columns: Iterable[Column], n_rows: int) -> list[str]:
    """Headers of at most five columns that may name the person: each row has one, and few rows the same; those without any twice first."""
    likely = [c for c in columns if c.meaning is None and c.filled >= 0.98 * n_rows and c.distinct >= 0.5 * n_rows and not c.open]
    return [c.header for c in sorted(likely, key=lambda c: c.distinct < c.filled)][:MOST_PERSONS]
