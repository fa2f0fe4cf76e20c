"""The columns that a study makes of the records of its women, beside those of mart_candidate: one SELECT, made of its conditions.

Whether a record meets the condition has three answers, as everywhere: the files of `warehouse/taking/` say what is then taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files

import sqlglot
from sqlglot import exp

from schemas import items
from schemas.candidate import INDEX, Own, beside_taken, known, made, of_rows
from schemas.study_column import COUNTING, ORDERED, SOURCES, StudyColumn
from warehouse import ddl, own_reads

# What stands where no record may meet the condition.
NONE_FOUND: dict[str, exp.Expr] = {"any": exp.false(), "count": exp.Literal.number(0)}
# Which kinds of records of a woman were lost, and of which a cell was not understood.
LOST, UNREAD = "lost_records", "unread_records"
# Of the first of several a lost one may be earlier, of the last later: the other end stays known.
OPEN_END = {"first": "earliest", "last": "latest"}
CHOSEN, RANKED, VALUE, RECORD_KEY = "chosen", "ranked_record", "value", "record_key"
PARTS = tuple(part for part, _, _ in items.INTERVAL_PARTS)


def with_own(base: str, own: Own, rows: exp.Expr | None = None) -> exp.Select:
    """One row per row of the relation `base`, which has `tumour_key` and what these columns read: its columns, then the study's.

    `rows`: what `base` is, where no relation has that name.
    """
    made = relations(base, own)
    query = exp.select(exp.Column(this=exp.Star(), table=exp.to_identifier(base))).from_(ddl.named(base))
    for number in range(len(own)):
        query = _with_column(query, base, own, number)
    return after([(base, rows), *made] if rows is not None else made, query)


def _with_column(query: exp.Select, base: str, own: Own, number: int) -> exp.Select:
    """The query with the column of that place, by the tumour of its relation `base`."""
    name = name_of(number)
    shown = [exp.column(one.name, table=name, quoted=True) for one in _made(own[:number], own[number])]
    on = exp.column("tumour_key", table=name).eq(exp.column("tumour_key", table=base))
    return query.select(*shown, copy=False).join(ddl.named(name), on=on, join_type="left", copy=False)


def relations(base: str, own: Own) -> list[tuple[str, exp.Expr]]:
    """The relations of these columns in order. The last of each has one row per row of the base with nothing but its tumour and the
    column: sixty columns that each carried all of mart_candidate took 3 GB of 26,000 women."""
    return [one for number, column in enumerate(own) for one in _steps(name_of(number), base, own[:number], column)]


def after(before: Iterable[tuple[str, exp.Expr]], query: exp.Select) -> exp.Select:
    """A query with the relations that it reads before it, by name."""
    for name, step in before:
        query = query.with_(ddl.identifier(name), as_=step, copy=False)
    return query


def ranked_of(number: int) -> str:
    """The relation of `ranked_record.sql` of the column of that place, where it takes the first or the last."""
    return f"{name_of(number)}_ranked"


def name_of(number: int) -> str:
    """The relation with the column of that place."""
    return f"own_{number}"


def _steps(name: str, base: str, above: Own, column: StudyColumn) -> list[tuple[str, exp.Expr]]:
    """The relations of one column: the records that may meet its condition, what is taken of them, the tumours of the base with it."""
    names = {CHOSEN: f"{name}_chosen", RANKED: f"{name}_ranked"}
    chosen = _chosen(base, above, column)
    found: list[tuple[str, exp.Expr]] = [(names[CHOSEN], chosen)]
    if column.take in ORDERED:
        found.append((names[RANKED], _file(RANKED, names)))
    is_date = made(above, column).type == "interval"
    taken = f"take_{column.take}" if is_date or column.take not in ORDERED else f"take_{column.take}_value"
    found.append((f"{name}_taken", _file(taken, names)))
    return [*found, (name, _joined(base, f"{name}_taken", above, column))]


def _joined(base: str, taken: str, above: Own, column: StudyColumn) -> exp.Select:
    """The tumours of the base with the columns of one item; who has no record that may meet the condition has what stands for none."""
    item = made(above, column)
    parts = PARTS if item.type == "interval" else (VALUE,)
    values: list[exp.Expr] = [exp.column(part, table="taken", quoted=True) for part in parts]
    if column.take in NONE_FOUND:
        nobody = exp.column("tumour_key", table="taken", quoted=True).is_(exp.null())
        values = [exp.Case(ifs=[exp.If(this=nobody, true=NONE_FOUND[column.take].copy())], default=value) for value in values]
    values = [_unless_lost(column, part, value) for part, value in zip(parts, values, strict=True)]
    beside = [] if column.take in COUNTING else [_is_open(above, column, values)] + ([_is_had(column)] if item.type == "interval" else [])
    named = [
        exp.alias_(exp.cast(value, physical.duckdb, dialect="duckdb"), physical.name, quoted=True)
        for value, physical in zip([*values, *beside], _made(above, column), strict=True)
    ]
    rows = exp.alias_(ddl.named(base), "base", table=True)
    on = exp.column("tumour_key", table="taken").eq(exp.column("tumour_key", table="base"))
    return exp.select(exp.column("tumour_key", table="base"), *named).from_(rows).join(
        exp.alias_(ddl.named(taken), "taken", table=True), on=on, join_type="left"
    )  # fmt: skip


def _made(above: Own, column: StudyColumn) -> tuple[items.Column, ...]:
    """The physical columns of one column of a study, and those beside it."""
    item = made(above, column)
    return (*items.physical(item), *(() if column.take in COUNTING else beside_taken(item)))


def _unless_lost(column: StudyColumn, part: str, value: exp.Expr) -> exp.Expr:
    """The value, but of who has lost a record of the kind: it may have met the condition. That there is one stays known, and of the first
    the day until when, of the last that from when."""
    kept = exp.Case(ifs=[exp.If(this=value.copy(), true=exp.true())]) if column.take == "any" else exp.null()
    if part in PARTS and part != "precision" and not part.startswith(OPEN_END[column.take]):
        return value
    return exp.Case(ifs=[exp.If(this=_holds(column, LOST), true=kept)], default=value)


def _holds(column: StudyColumn, told: str) -> exp.Expr:
    """Whether a column that names kinds of records names that of the column."""
    return exp.column(told, table="base").like(exp.Literal.string(f"%{SOURCES[column.list].record}%"))


def _is_open(above: Own, column: StudyColumn, values: Sequence[exp.Expr]) -> exp.Expr:
    """Whether it is empty although a record may have given something: one was lost, one may meet the condition, its cell was not
    understood, its days are not certain. The days of a date say themselves that they are not known."""
    is_empty = exp.and_(*(value.copy().is_(exp.null()) for value in values if not isinstance(value, exp.Column) or value.name != "anchor"))
    reasons = [_holds(column, LOST), exp.column("is_open", table="taken")]
    if len(values) == 1:
        has_record = exp.column("tumour_key", table="taken").is_(exp.null()).not_()
        over = of_rows(above, column)
        reasons.append(has_record if over.named(column.value) & {*over.dates} else exp.and_(has_record, _holds(column, UNREAD)))
    return exp.and_(is_empty, exp.Coalesce(this=exp.paren(exp.or_(*reasons)), expressions=[exp.false()]))


def _is_had(column: StudyColumn) -> exp.Expr:
    """Whether there is such a record, with a day or without; null where that is not known."""
    nobody = exp.and_(exp.column("tumour_key", table="taken").is_(exp.null()), _holds(column, LOST).not_())
    ifs = [exp.If(this=exp.column("is_had", table="taken"), true=exp.true()), exp.If(this=nobody, true=exp.false())]
    return exp.Case(ifs=ifs)


def _chosen(base: str, above: Own, column: StudyColumn) -> exp.Select:
    """The records that may meet the condition: `is_certain`, the value taken, and the six columns of the date that orders them."""
    over = of_rows(above, column)
    condition = over.judged(column.where)
    date = own_reads.ordering(over, column)
    value = over.judged(column.taken).certain if column.taken not in ("", date) else exp.null()
    key = exp.alias_(ddl.field(SOURCES[column.list].key), RECORD_KEY)
    certain: exp.Expr = exp.Coalesce(this=condition.certain, expressions=[exp.false()])
    if SOURCES[column.list].is_open:
        certain = exp.and_(certain, ddl.field("is_open").not_())
    shown = [ddl.field("tumour_key"), key, exp.alias_(certain, "is_certain")]
    shown.append(exp.alias_(value, VALUE))
    shown += [exp.alias_(ddl.field(f"{date}_{part}"), part, quoted=True) for part in PARTS if column.take in ORDERED]
    may = exp.Coalesce(this=condition.possible, expressions=[exp.true()])
    return exp.select(*shown).from_(records(base, above, column)).where(may)


def records(base: str, above: Own, column: StudyColumn) -> exp.Subquery:
    """The records with what the column reads of the tumour, a row of the relation `base` and of the columns above, beside them."""
    source, beside = SOURCES[column.list], own_reads.beside(above, column)
    shown: list[exp.Expr] = [exp.Column(this=exp.Star(), table=exp.to_identifier("record")), *_of_tumour(above, column)]
    rows = exp.alias_(_relation(source.relation), "record", table=True)
    on = exp.column("tumour_key", table="base").eq(exp.column("tumour_key", table="record"))
    joined = exp.select(*shown).from_(rows).join(exp.alias_(ddl.named(base), "base", table=True), on=on)
    for number in (place for place, one in enumerate(above) if one.column in beside):
        joined = _with_column(joined, "base", above, number)
    return joined.subquery("record")


def _of_tumour(above: Own, column: StudyColumn) -> Iterator[exp.Expr]:
    """What the column reads of mart_candidate, by the names that it has in the condition."""
    names = own_reads.named(above, column) - {item.column for item in SOURCES[column.list].items}
    for item in known().items:
        for prefix in (prefix for prefix in ("", INDEX) if f"{prefix}{item.column}" in names):
            for one in items.physical(item):
                yield exp.alias_(exp.column(one.name, table="base", quoted=True), f"{prefix}{one.name}", quoted=True)


def _relation(name: str) -> exp.Expr:
    """A table of the star, or one of the SELECTs over it of `warehouse/mart/`."""
    return ddl.named(name) if not name.startswith("list_") else exp.Subquery(this=_parsed(f"mart/{name}").copy())


def _file(name: str, names: dict[str, str]) -> exp.Expr:
    """One file of `warehouse/taking/`, over the relations of its column."""
    tree = _parsed(f"taking/{name}").copy()
    for table in tree.find_all(exp.Table):
        if table.name in names:
            table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name)))
            table.set("this", ddl.identifier(names[table.name]))
    return tree


@cache
def _parsed(place: str) -> exp.Expr:
    folder, _, name = place.partition("/")
    return sqlglot.parse_one(files("warehouse").joinpath(folder, f"{name}.sql").read_text(encoding="utf-8"), dialect="duckdb")
