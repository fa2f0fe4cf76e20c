"""One file of text rows as (possibly partial) staging records, every row and cell accounted for."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import polars as pl

from etl.normalise.conditions import Places, are_among, conditions, holding
from etl.normalise.corrected import NONE, Corrections, corrected, told_whether_read
from etl.normalise.date_columns import DateColumns
from etl.normalise.delivered import ByRule, whole
from etl.normalise.distinct import Runs
from etl.normalise.fields import Prepared, narrow, prepare
from etl.normalise.identifiers import declared, identifiers, without_unknown
from etl.normalise.identifiers import numbers as numbers_of
from etl.normalise.identifiers import placed as placed_identifiers
from etl.normalise.issuers import columns, issued, issuers
from etl.normalise.notes import Notes
from etl.normalise.people import People
from etl.normalise.records import HERS, Build, deliver, rows_of
from etl.normalise.result import Normalised, delivered_schema, no_identifiers
from etl.normalise.treatment_lexicons import by_modality
from etl.normalise.values import mapped
from etl.readers import RawTable
from schemas.contract import PERSON, Contract, Mapping
from schemas.core.frames import ledger
from schemas.core.ids import source_row_ids
from schemas.items import RECORDS
from schemas.vocabulary import Vocabularies


@dataclass(frozen=True)
class Begun:
    """One file whose cells are taken apart and whose persons are known; what its rows deliver is found by `normalised`.

    Two steps, so that the second of one file can be taken beside the first of the next: persons are met in the order of the files,
    and all else of a file is its own. `keys`: that of the person of each row, per way of naming her, `identifiers` what tells of her,
    `met` (PERSONS) whom no file begun before this one names; `in_cells`: where corrections changed a cell, or would have (PLACES).
    """

    raw: RawTable
    corrections: Corrections
    trust_rank: int
    prepared: Prepared
    build: Build
    keys: list[pl.Series]
    identifiers: pl.DataFrame
    in_cells: pl.DataFrame
    met: pl.DataFrame

    def normalised(self) -> Normalised:
        """The records that the rows deliver, by the contract."""
        contract, file, notes = self.raw.contract, self.raw.file, self.build.notes
        delivered, in_records = _put_right(_delivered(self.prepared, self.build), self.corrections)
        rows = {name: pl.concat([frame["source_row"] for frame in frames]) for name, frames in delivered.items() if frames}
        records = ByRule(
            {name: [_placed(frame, file.name, file.source_key, self.trust_rank) for frame in frames] for name, frames in delivered.items()}
        )
        found = _with_person(notes.findings(), self.prepared.rows["source_row"], self.keys)
        in_cells = told_whether_read(self.in_cells.filter(~pl.col("is_contested")), contract, found)
        contested = frozenset(self.in_cells.filter("is_contested")["line"])
        return Normalised(
            records, found, notes.counts(found), _ledger(file.name, self.raw.rows["source_row"], rows, found), notes.unmapped(),
            contract.source, self.identifiers, corrected(contract, delivered, in_cells, in_records, file.source_key),
            notes.bins(), self.met, contested, notes.unread(), notes.unlisted(),
        )  # fmt: skip


def normalise(
    raw: RawTable, vocabularies: Vocabularies, people: People | bytes, trust_rank: int, corrections: Corrections = NONE,
    *, as_of: datetime.date | None = None,
) -> Normalised:  # fmt: skip
    """The records that the rows of one file deliver, by its contract (`begin`); `people` of the run, or of a key alone."""
    known = People(people) if isinstance(people, bytes) else people
    return begin(raw, vocabularies, known, trust_rank, corrections, as_of=as_of).normalised()


def begin(
    raw: RawTable, vocabularies: Vocabularies, people: People, trust_rank: int, corrections: Corrections = NONE,
    *, as_of: datetime.date | None = None,
) -> Begun:  # fmt: skip
    """The first step of normalising one file.

    `trust_rank` is the place of its source in the order of trust, 0 the most trusted; `people` makes the pseudonyms; `corrections` are
    applied to the cells before anything is read from them, and to the records after. `as_of` is the day on which the data is judged:
    what lies far beyond it has not happened.
    """
    contract, file = raw.contract, raw.file
    notes = Notes(contract, file.name, file.source_key)
    cells, in_cells = corrections.to_cells(raw.rows, contract, file.name, people.row_secret)
    prepared = prepare(cells, contract, by_modality(vocabularies), notes)
    clean: dict[str, pl.Series] = {}
    named = {_said(mapping): _person(prepared.rows, mapping, contract, people, clean) for mapping in ways_of_naming(contract)}
    keys = [key.alias(HERS + said) for said, (key, _) in named.items()]
    prepared = Prepared(prepared.rows.hstack(keys), prepared.components)
    _judge_issuers(prepared.rows, contract, notes)
    told = identifiers(prepared.rows, list(named.values()), contract, notes, clean) if declared(contract) else None
    known = placed_identifiers(told, contract.source, file.source_key, trust_rank) if told is not None else no_identifiers()
    dates = DateColumns(prepared.rows, vocabularies.months(), 1904 if raw.epoch == 1904 else 1900, as_of, contract.zone)
    build = Build(contract, vocabularies, notes, dates)
    return Begun(raw, corrections, trust_rank, prepared, build, keys, known, in_cells, people.met())


def _delivered(prepared: Prepared, build: Build) -> dict[str, list[pl.DataFrame]]:
    """Per staging record the frames of all its rules, with the `source_row` of each record and those columns that the rule fills."""
    prepared = Prepared(prepared.rows, {name: narrow(parts) for name, parts in prepared.components.items()})
    applies = holding(prepared.rows, conditions(build.contract))
    _judge_rules(applies, prepared.rows.height, build)
    _judge_persons(prepared.rows, applies, build)
    parts: dict[str, list[pl.DataFrame]] = {name: [] for name in RECORDS}
    for rule in build.contract.records:
        rows = rows_of(rule, prepared, applies)
        parts[rule.record].append(deliver(rule, rows, HERS + _said(rule.set[PERSON]), build))
    build.within.settle(build.notes)
    return parts


def _put_right(parts: dict[str, list[pl.DataFrame]], corrections: Corrections) -> tuple[dict[str, list[pl.DataFrame]], pl.DataFrame]:
    """The records with the corrections that name one, and which were applied; those look at all of a kind at once."""
    if not corrections.active:
        return parts, corrections.to_records({})[1]
    stacked = {name: whole(frames, {"source_row": pl.Int64, **delivered_schema(name)}) for name, frames in parts.items()}
    corrected_, told = corrections.to_records(stacked)
    return {name: [frame] for name, frame in corrected_.items()}, told


def ways_of_naming(contract: Contract) -> list[Mapping]:
    """The ways in which the rules of one contract name the person, each once."""
    return list({_said(rule.set[PERSON]): rule.set[PERSON] for rule in contract.records}.values())


def _said(mapping: Mapping) -> str:
    """What one way of naming the person is known by: the source column and the map applied to it."""
    return f"{mapping.from_} {sorted(mapping.map.items())}"


def _person(
    rows: pl.DataFrame, mapping: Mapping, contract: Contract, people: People, clean: dict[str, pl.Series]
) -> tuple[pl.Series, pl.Series]:
    """The key of the person in each row and her number, as her pseudonym is made of it: one of a known kind in its one form.

    A hospital's number is its own, so its source stands before it; a national one is the same everywhere. `clean` keeps the
    numbers of each field in their one form. Found once for neighbours that have the same number of the same hospital.
    """
    field = mapping.from_ or ""
    cells = rows.select(columns(contract, field))
    runs = Runs.of(*cells)
    number, one_form = person_number(cells.select(runs.each(cell) for cell in cells), mapping, contract)
    if one_form is not None and not mapping.map:
        clean[field] = runs.spread(one_form)
    return runs.spread(people.keys(number)), runs.spread(number)


def person_number(cells: pl.DataFrame, mapping: Mapping, contract: Contract) -> tuple[pl.Series, pl.Series | None]:
    """The numbers of persons as their pseudonyms are made of them, and in their one form alone where they are of a known kind.

    `cells` has the columns that make a number (`etl.normalise.issuers.columns`); null where nothing tells whose it is.
    """
    field = mapping.from_ or ""
    said = declared(contract).get(field)
    number = without_unknown(cells.select(mapped(field, mapping)).to_series())
    if said is None:
        return number, None
    one_form = numbers_of(number, said)
    return issued(one_form, said, contract, cells).alias(number.name), one_form


def other_number(cells: pl.DataFrame, field: str, contract: Contract) -> pl.Series:
    """The numbers of persons in a field that names nobody by itself, as pseudonyms would be made of them; `cells` as above."""
    said = declared(contract)[field]
    return issued(numbers_of(without_unknown(cells[field]), said), said, contract, cells)


def _judge_issuers(rows: pl.DataFrame, contract: Contract, notes: Notes) -> None:
    """Note the numbers of which nothing tells whose they are, by the column that should: they are nobody's."""
    for name, said in declared(contract).items():
        told = issuers(said, rows)
        if told is not None:
            column = columns(contract, name)[1]
            is_number = without_unknown(rows[name]).is_not_null()
            asked = rows.select("source_row", pl.when(is_number).then(pl.col(column).fill_null("")).alias(column))
            notes.judge("NORM-ISSUER", "row", column, asked, told.is_not_null())


def _judge_rules(applies: dict[str, Places], height: int, build: Build) -> None:
    """Note the rules whose condition holds for no row, where there are rows that no rule reads: mostly they were meant for those."""
    silent = [] if len(applies) < len(build.contract.records) else [rule for rule, places in applies.items() if not len(places)]
    if silent and not are_among(applies.values(), height).all():
        build.notes.about_file("NORM-RULE-SILENT", silent)


def _judge_persons(rows: pl.DataFrame, applies: dict[str, Places], build: Build) -> None:
    """Note the rows that name nobody. Where rules name the person by several columns, each is asked of the rows of its own rules.

    A row that no rule reads is asked for too, unless one of the columns names her.
    """
    ways = ways_of_naming(build.contract)
    keys = {_said(mapping): rows[HERS + _said(mapping)] for mapping in ways}
    nobody = rows.select(pl.all_horizontal(key.is_null() for key in keys.values()).alias("nobody")).to_series()
    for mapping in ways:
        source, key = mapping.from_ or "", keys[_said(mapping)]
        among = None if len(ways) == 1 else nobody | _asked_of(mapping, applies, rows.height, build.contract)
        build.notes.judge("NORM-PERSON", "row", source, rows.select("source_row", pl.lit("").alias(source)), key.is_not_null(), among=among)


def _asked_of(mapping: Mapping, applies: dict[str, Places], height: int, contract: Contract) -> pl.Series:
    """In which rows a rule that names the person in this way is to deliver a record."""
    rules = [rule for rule in contract.records if _said(rule.set[PERSON]) == _said(mapping)]
    if any(rule.when is None for rule in rules):
        return pl.repeat(True, height, dtype=pl.Boolean, eager=True)
    return are_among((applies[rule.rule] for rule in rules), height)


def _with_person(findings: pl.DataFrame, rows: pl.Series, keys: list[pl.Series]) -> pl.DataFrame:
    """The findings with the key of the person of their row, null where it names none; the first way of naming her that does."""
    if findings.is_empty():
        return findings
    hers = pl.DataFrame([rows.alias("source_row"), *keys]).select("source_row", patient_key=pl.coalesce(key.name for key in keys))
    told = hers.filter(pl.col("source_row").is_in(findings["source_row"].unique().implode()) & pl.col("patient_key").is_not_null())
    return findings.drop("patient_key").join(told, on="source_row", how="left", maintain_order="left").select(findings.columns)


def _placed(delivered: pl.DataFrame, source_file: str, source_key: int, trust: int) -> pl.DataFrame:
    """The records with the file, the row and the trust they come with."""
    placed = delivered.with_columns(
        source_row_id=source_row_ids(source_key), source_file=pl.lit(source_file, pl.Categorical), trust=pl.lit(trust, pl.Int32)
    )
    return placed.drop("source_row")


def _ledger(source_file: str, rows: pl.Series, delivered: dict[str, pl.Series], findings: pl.DataFrame) -> pl.DataFrame:
    """Rows that deliver records, rows that deliver none and why, and the records."""
    used = pl.concat([pl.Series("source_row", [], dtype=pl.Int64), *delivered.values()])
    last: int = rows.to_frame().select(pl.all().max().fill_null(0)).item()
    is_used = pl.repeat(False, last + 1, dtype=pl.Boolean, eager=True).scatter(used, True)
    idle = rows.filter(~is_used.gather(rows))
    nobody = findings.filter(pl.col("edit").is_in(["NORM-PERSON", "NORM-KEY", "NORM-GRAMMAR"]))["source_row"]
    refused = int(idle.is_in(nobody.implode()).sum())
    records = sum(len(series) for series in delivered.values())
    return ledger(
        [
            (source_file, "normalise", "row", "goes_on", "", int(is_used.sum())),
            (source_file, "normalise", "row", "no_record", "not_understood", refused),
            (source_file, "normalise", "row", "no_record", "no_rule", len(idle) - refused),
            (source_file, "normalise", "record", "goes_on", "", records),
        ]
    )
