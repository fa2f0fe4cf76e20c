"""Numbers of tumours, events and treatments that are each source's own (`linkage: tumours: {numbers: local}`).

The tumours of one person in two sources are brought together by side, date of diagnosis and place, her events and treatments
by kind, date and place; what is not the same gets a number of its own. Persons with one origin keep their numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from etl.linking.finding_names import DOUBTED, NOT_SAID, texts
from etl.linking.matching import ORIGIN, Likeness, Matches, match, things
from etl.normalise.narrow import filled, having, narrow_kind
from schemas.items import identity, polars_schema
from schemas.linkage import Linkage

WITH_TUMOUR = ("tumour", "treatment", "event", "biomarker")
UNKNOWN_SIDES = ("unknown", "not_applicable")
# One row per tumour, event or treatment that was matched with one of another origin, renumbered, or left apart because it fits several.
RENUMBERED: dict[str, type[pl.DataType]] = {
    "record": pl.String, "patient_key": pl.Int64, "own_key": pl.Int64, "source_row_id": pl.Int64, "from_number": pl.String,
    "to_number": pl.String, "evidence": pl.String, "outcome": pl.String,
}  # fmt: skip


@dataclass(frozen=True)
class Numbered:
    """`pieces`: with numbers that mean the same in all sources of a person. `told`: RENUMBERED. `judged`: how many tumours were compared.
    `doubted`: DOUBTED, the things that fit several others.
    """

    pieces: dict[str, pl.DataFrame]
    told: pl.DataFrame
    judged: int
    doubted: pl.DataFrame


def renumber(pieces: Mapping[str, pl.DataFrame], linkage: Linkage) -> Numbered:
    """The pieces of all sources, their tumours, events and treatments numbered per person; codes are texts here."""
    found = {record: _plain(record, frame) for record, frame in pieces.items()}
    told, doubted = [pl.DataFrame(schema=RENUMBERED)], [pl.DataFrame(schema=DOUBTED)]
    tumours = _tumours(found)
    matches = match(tumours, Likeness(("patient_key",), ("laterality_code", "place"), (), linkage.tumours.same_within_days))
    numbers = _tumour_numbers(tumours, matches)
    told.append(_told("tumour", tumours, matches, numbers, ["tumour_no"]))
    doubted.append(_doubted("tumour", told[-1], tumours, ["tumour_no"]))
    for record in WITH_TUMOUR:
        found[record] = _written(found[record], numbers, ["tumour_no"])
    for record, give in (("event", _event_numbers), ("treatment", _treatment_numbers)):
        local = [part for part in identity(record) if part != "patient_pseudonym"]
        own = _own(record, found[record])
        like = _likeness(record, linkage.events.same_within_days)
        matches_ = match(own, like)
        numbers = give(own, matches_)
        told.append(_told(record, own, matches_, numbers, local))
        doubted.append(_doubted(record, told[-1], own, local))
        found[record] = _written(found[record], numbers, local)
    narrow = {record: filled(frame, (*pieces[record].columns, "source", "own_key")) for record, frame in found.items()}
    kinds = {record: {name: narrow_kind(name, kind) for name, kind in frame.schema.items()} for record, frame in narrow.items()}
    return Numbered(
        {record: frame.cast(pl.Schema(kinds[record])) for record, frame in narrow.items()},
        pl.concat(told),
        tumours.height,
        pl.concat(doubted),
    )


def _plain(record: str, pieces: pl.DataFrame) -> pl.DataFrame:
    """The pieces with all columns of their record, codes as texts."""
    own = {name: kind for name, kind in polars_schema(record).items() if name != "patient_pseudonym"}
    return having(pieces, own | {name: pl.String if kind == pl.Categorical else kind for name, kind in pieces.schema.items()})


def _likeness(record: str, days: int) -> Likeness:
    if record == "event":
        return Likeness(
            ("patient_key", "tumour_no", "event_type_code"), ("organ_code", "laterality_code"), ("site_code", "procedure_code"), days
        )
    kinds = ("regimen_code", "drug_code", "setting_code", "volume_code")
    return Likeness(("patient_key", "tumour_no", "modality_code"), kinds, ("procedure_code", "dose_gy"), days)


def _tumours(pieces: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """One row per tumour as one origin numbers it, also such as only treatments or events name."""
    own = pieces["tumour"]
    columns = ["patient_key", *ORIGIN, "tumour_no", "trust", "delivery", "source_row_id"]
    others = [pieces[record].select(columns) for record in WITH_TUMOUR if record != "tumour"]
    facts = ["laterality_code", "topography_code", "diagnosis_earliest_date", "diagnosis_latest_date"]
    found = things(pl.concat([own.select(*columns, *facts), *others], how="diagonal"), ["tumour_no"], facts[:2], "diagnosis")
    side = pl.when(~pl.col("laterality_code").is_in(UNKNOWN_SIDES)).then("laterality_code")
    return found.with_columns(laterality_code=side, place=pl.col("topography_code").str.head(3))


def _tumour_numbers(found: pl.DataFrame, matches: Matches) -> pl.DataFrame:
    """`thing` and its new `tumour_no`: those of the most trusted origin stay, the others follow in the order of diagnosis."""
    rooted = found.join(matches.roots, on="thing")
    roots = rooted.filter(pl.col("thing") == pl.col("root"))
    first = pl.col("origin") == pl.col("origin").min().over("patient_key")
    highest = pl.col("tumour_no").filter(first).max().over("patient_key")
    later = roots.with_columns(first=first, highest=highest).sort(
        "patient_key", "first", "early", "late", "origin", "tumour_no", nulls_last=True
    )
    place = (~pl.col("first")).cum_sum().over("patient_key")
    later = later.with_columns(new_tumour_no=pl.when("first").then("tumour_no").otherwise(pl.col("highest") + place).cast(pl.Int32))
    return rooted.join(later.select("root", "new_tumour_no"), on="root").select(
        "patient_key", *ORIGIN, "tumour_no", "thing", "new_tumour_no"
    )


def _own(record: str, pieces: pl.DataFrame) -> pl.DataFrame:
    local = [part for part in identity(record) if part != "patient_pseudonym"]
    like = _likeness(record, 0)
    facts = [name for name in (*like.differs, *like.agrees, *like.within) if name not in ("patient_key", *local)]
    return things(pieces, local, facts, record)


def _event_numbers(found: pl.DataFrame, matches: Matches) -> pl.DataFrame:
    """Events of one kind that several origins tell, in the order of their dates; of one origin, as it numbers them."""
    group = ["patient_key", "tumour_no", "event_type_code"]
    rooted = found.join(matches.roots, on="thing").with_columns(n=pl.col("origin").n_unique().over(group))
    roots = rooted.filter(pl.col("thing") == pl.col("root")).sort(*group, "early", "late", "origin", "event_no", nulls_last=True)
    number = pl.when(pl.col("n") > 1).then(pl.int_range(1, pl.len() + 1).over(group)).otherwise("event_no").cast(pl.Int32)
    new = roots.with_columns(new_event_no=number).select("root", "new_event_no")
    given = rooted.join(new, on="root").with_columns(new_tumour_no="tumour_no", new_event_type_code="event_type_code")
    return given.select("patient_key", *ORIGIN, "thing", *(part for name in (*group[1:], "event_no") for part in (name, f"new_{name}")))


def _treatment_numbers(found: pl.DataFrame, matches: Matches) -> pl.DataFrame:
    """A treatment that several origins tell has the course and number of the most trusted; another one the next free number."""
    rooted = found.join(matches.roots, on="thing")
    course = ["patient_key", "tumour_no", "course_code"]
    roots = rooted.filter(pl.col("thing") == pl.col("root")).sort(*course, "origin", "early", "late", "component_no", nulls_last=True)
    taken = ~pl.struct(*course, "component_no").is_first_distinct()
    free = pl.col("component_no").max().over(course) + taken.cum_sum().over(course)
    roots = roots.with_columns(
        new_course_code="course_code", new_component_no=pl.when(taken).then(free).otherwise("component_no").cast(pl.Int32)
    )
    given = rooted.join(roots.select("root", "new_course_code", "new_component_no"), on="root").with_columns(new_tumour_no="tumour_no")
    names = ("tumour_no", "course_code", "component_no")
    return given.select("patient_key", *ORIGIN, "thing", *(part for name in names for part in (name, f"new_{name}")))


def _written(pieces: pl.DataFrame, numbers: pl.DataFrame, local: list[str]) -> pl.DataFrame:
    """The pieces with the new numbers."""
    if numbers.is_empty():
        return pieces
    by = ["patient_key", *ORIGIN, *local]
    joined = pieces.join(numbers.select(*by, *(f"new_{name}" for name in local)), on=by, how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce(f"new_{name}", name).alias(name) for name in local).select(pieces.columns)


def _told(record: str, found: pl.DataFrame, matches: Matches, numbers: pl.DataFrame, local: list[str]) -> pl.DataFrame:
    """What became of each thing that does not keep its place (RENUMBERED)."""
    before = pl.concat_str([pl.col(name).cast(pl.String) for name in local], separator="/")
    after = pl.concat_str([pl.col(f"new_{name}").cast(pl.String) for name in local], separator="/")
    rows = found.select("thing", "source_row_id").join(numbers, on="thing").join(matches.roots, on="thing", maintain_order="left")
    doubtful = pl.col("thing").is_in(matches.doubtful["thing"].implode())
    outcome = (
        pl.when(pl.col("thing") != pl.col("root"))
        .then(pl.lit("merged"))
        .when(doubtful)
        .then(pl.lit("doubtful"))
        .when(before != after)
        .then(pl.lit("renumbered"))
    )
    told = rows.with_columns(
        record=pl.lit(record), from_number=before, to_number=after, outcome=outcome, evidence=pl.col("by").fill_null("")
    )
    return told.filter(pl.col("outcome").is_not_null()).select(pl.col(c).cast(kind) for c, kind in RENUMBERED.items())


def _doubted(record: str, told: pl.DataFrame, found: pl.DataFrame, local: list[str]) -> pl.DataFrame:
    """DOUBTED for the things that fit several others (`told`: RENUMBERED), identified by the columns that are compared; `rest` tells
    apart those that are alike in these.
    """
    at = found.join(told.filter(outcome="doubtful").select("own_key", "source_row_id"), on=["own_key", "source_row_id"], how="semi")
    says = set(at.columns) - NOT_SAID - {name for name in local if name.endswith("_no")}
    said = at.with_columns(record=pl.lit(record), facts=texts(at, says), rest=texts(at, local))
    return said.select(pl.col(c).cast(kind) for c, kind in DOUBTED.items())
