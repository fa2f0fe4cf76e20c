"""The truth of the simulated registry: every clean record, with all published margins exact for any size and seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from etl.simulate.cases import cases
from etl.simulate.events import events
from etl.simulate.known import labels
from etl.simulate.lives import NEVER, Lives, lives
from etl.simulate.people import LEAST_WOMEN, groups_of, identities
from etl.simulate.staged import staging
from etl.simulate.thirteen import Thirteen, records
from etl.simulate.times import YEAR, Draws, dates
from etl.simulate.treatments import treatments
from etl.simulate.tumours import described
from schemas.core.errors import ConfigurationError, Mistake
from schemas.items import PolarsType, polars_schema

__all__ = ["COLUMNS", "Truth", "make_truth", "staging"]

_KEYS: dict[str, PolarsType] = {"person_no": pl.Int32, "tumour_no": pl.Int32}
_OWN: dict[str, PolarsType] = {
    "birth_date": pl.Date, "diagnosis_date": pl.Date, "treatment_start_date": pl.Date, "treatment_date": pl.Date,
    "treatment_end_date": pl.Date, "event_date": pl.Date, "enrolment_date": pl.Date, "contact_date": pl.Date,
    "death_date": pl.Date, "is_nric_known_b": pl.Boolean,
    "height_cm": pl.Float64, "weight_kg": pl.Float64, "er_percent": pl.Float64, "pr_percent": pl.Float64, "her2_ihc_score": pl.Int32,
    "her2_ish_ratio": pl.Float64, "table2_no": pl.Int32, "follow_up_no": pl.Int32,
}  # fmt: skip
# The columns of each frame of the truth, in order; types are those of the data dictionary or of _OWN, else text.
COLUMNS: dict[str, tuple[str, ...]] = {
    "person": (
        "person_no", "nric", "family_name", "given_name", "birth_date", "sex_code", "ethnicity_code", "hospital", "number_b",
        "is_nric_known_b", "height_cm", "weight_kg",
    ),
    "tumour": (
        "person_no", "tumour_no", "diagnosis_date", "treatment_start_date", "enrolment_date", "age_at_diagnosis_years",
        "basis_of_diagnosis_code", "laterality_code", "topography_code", "histology_code", "grade_code", "stage_code", "t_code", "n_code",
        "m_code", "prefix", "node_status_code", "nodes_positive", "nodes_examined", "tumour_size_mm", "menopausal_status_code", "er_code",
        "pr_code", "her2_code", "er_percent", "pr_percent", "her2_ihc_score", "her2_ish_ratio",
    ),
    "treatment": (
        "person_no", "tumour_no", "course_code", "component_no", "setting_code", "modality_code", "is_given", "regimen_code", "drug_code",
        "course_regimen_code", "cycles", "interval_days", "completion_code", "duration_years", "not_given_reason_code",
        "stop_reason_code", "dose_gy", "boost_gy", "fractions", "fields", "volume_code", "procedure_code", "intent_code", "treatment_date",
        "treatment_end_date", "course_text",
    ),
    "event": (
        "person_no", "tumour_no", "event_type_code", "event_no", "event_date", "site_code", "organ_code", "topography_code",
        "laterality_code", "procedure_code", "lesion_count", "resection_margin_code", "is_histology_confirmed", "is_adjacent_to_resection",
        "detection_code", "presentation_code",
    ),
    "follow_up": (
        "person_no", "follow_up_no", "contact_date", "vital_status_code", "death_date", "cause_of_death_code", "performance_status_code",
    ),
    "cohort": ("person_no", "tumour_no", "arm", "subgroup", "table2_no"),
}  # fmt: skip
_SORTED = {
    "person": ("person_no",), "tumour": ("person_no", "tumour_no"), "treatment": ("person_no", "tumour_no", "course_code", "component_no"),
    "event": ("person_no", "tumour_no", "event_type_code", "event_no"), "follow_up": ("person_no",), "cohort": ("person_no",),
}  # fmt: skip
TREATED = {"day": "treatment_date", "end_day": "treatment_end_date"}
DIAGNOSED = {"diagnosis": "diagnosis_date", "start": "treatment_start_date", "enrolment": "enrolment_date"}
HAPPENED = {"day": "event_date"}
_SHAPE = {"person": "patient", "cohort": "tumour"}


@dataclass(frozen=True)
class Truth:
    """Clean records. One row per person (person, follow_up, cohort), tumour, treatment component and event, sorted by key.

    All dates are real calendar days, all codes canonical, a null is a value that is not known to the hospitals.
    """

    women: int
    seed: int
    person: pl.DataFrame
    tumour: pl.DataFrame
    treatment: pl.DataFrame
    event: pl.DataFrame
    follow_up: pl.DataFrame
    cohort: pl.DataFrame


def make_truth(women: int, seed: int) -> Truth:
    """A registry of so many women (and one man per hundred), the same for the same seed.

    Raises ConfigurationError below 400 women, where the 322 of the study and the others would not fit, and for a negative seed.
    """
    if women < LEAST_WOMEN or seed < 0:
        said = f"{women} women and seed {seed}: a simulated registry has {LEAST_WOMEN} women or more, and its seed is not negative"
        raise ConfigurationError([Mistake("simulate", None, said)])
    known, people = records(), groups_of(women, seed)
    numbers = _numbers(people.height + known.person.height, seed)
    life = lives(people, seed)
    case = cases(life, people["sex_code"], seed)
    tumours, plan = described(case, seed)
    first = slice(0, people.height)
    persons = _persons(known, people, life, seed)
    born = persons.select("row", "birth_date")
    return Truth(
        women,
        seed,
        person=_finished("person", persons, numbers),
        tumour=_finished("tumour", _tumours(known, tumours, born), numbers),
        treatment=_finished("treatment", _with_days(known.treatment, treatments(case, plan, tumours, life, seed), TREATED), numbers),
        event=_finished("event", _with_days(known.event, events(life, tumours[first], plan.keeps_breast[first], seed), HAPPENED), numbers),
        follow_up=_finished("follow_up", _follow_up(known, life, seed), numbers),
        cohort=_finished("cohort", _cohort(known, people, life), numbers),
    )


def _numbers(persons: int, seed: int) -> pl.Series:
    """The person_no of each row: 1 to the number of persons, shuffled, so that the women of the study stand anywhere."""
    numbers = np.empty(persons, np.int32)
    numbers[Draws(seed, "person_no", persons).order("order")] = np.arange(1, persons + 1, dtype=np.int32)
    return pl.Series(numbers)


def _finished(name: str, frame: pl.DataFrame, numbers: pl.Series) -> pl.DataFrame:
    """The columns of the truth in order and type, by key; a column that nothing fills is null. `frame` is used up.

    Column by column, so that a registry of a million is never in memory twice.
    """
    kinds = polars_schema(_SHAPE.get(name, name)) | _OWN | _KEYS
    frame = frame.with_columns(person_no=numbers.gather(frame["row"]))
    order = frame.select(pl.arg_sort_by(_ranked(frame[column]) for column in _SORTED[name])).to_series()
    columns = []
    for column in COLUMNS[name]:
        kind = kinds.get(column, pl.String)
        given = (
            frame.drop_in_place(column).rechunk().gather(order)
            if column in frame.columns
            else pl.Series([None], dtype=kind).new_from_index(0, len(order))
        )
        columns.append(given.cast(kind).alias(column))
    return pl.DataFrame(columns)


def _ranked(column: pl.Series) -> pl.Series:
    """A column to sort by: few texts as their places in the alphabet, which are sorted in a fraction of the time."""
    return column.cast(pl.Enum(column.unique().sort())).to_physical() if column.dtype == pl.String else column


def _behind(frame: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """`frame` with its rows counted behind the thirteen."""
    return frame.with_columns(pl.col("row").cast(pl.Int64) + known["row"].n_unique())


def _with_days(known: pl.DataFrame, drawn: pl.DataFrame, days: Mapping[str, str]) -> pl.DataFrame:
    """The thirteen and the others, days as dates."""
    dated = drawn.with_columns(pl.col(day).cast(pl.Date).alias(date) for day, date in days.items()).drop(days)
    others = _behind(dated, known)
    kinds = {column: kind for column, kind in others.schema.items() if column in known.columns}
    return pl.concat([known.with_columns(pl.col(column).cast(kind) for column, kind in kinds.items()), others], how="diagonal")


def _persons(known: Thirteen, people: pl.DataFrame, life: Lives, seed: int) -> pl.DataFrame:
    """Everybody with a made-up identity; the thirteen keep their age and ethnic group, and are treated in hospital a (two in both)."""
    n = people.height
    birthday = Draws(seed, "birthday", n).between("day", 5, 360)
    birth = life.diagnosis - np.floor(life.age * YEAR).astype(np.int32) - birthday
    fixed = known.person["birth_date"].cast(pl.Int32).to_numpy()
    sex = pl.concat([pl.repeat("female", len(fixed), eager=True), people["sex_code"]])
    number = pl.concat([known.person["table2_no"], pl.Series([None] * n, dtype=pl.Int32)])
    made = identities(np.concatenate([fixed, birth]).astype(np.int32), number, sex, known.person["ethnicity_code"], seed)
    return made.with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))


def _tumours(known: Thirteen, drawn: pl.DataFrame, born: pl.DataFrame) -> pl.DataFrame:
    """The thirteen and the others with their age in whole years; a day that never came is null."""
    came = [pl.when(pl.col(day) != NEVER).then(day).alias(day) for day in ("start", "enrolment")]
    tumours = _with_days(known.tumour, drawn.with_columns(came), DIAGNOSED).join(born, on="row", how="left", maintain_order="left")
    (year, day), (born_year, born_day) = (_year_and_day(pl.col(date)) for date in ("diagnosis_date", "birth_date"))
    age = year - born_year - (day < born_day).cast(pl.Int32)
    return tumours.with_columns(age_at_diagnosis_years=age).drop("birth_date")


def _year_and_day(date: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """The year, and a number that orders the days within any year."""
    return date.dt.year(), date.dt.month().cast(pl.Int32) * 100 + date.dt.day()


def _follow_up(known: Thirteen, life: Lives, seed: int) -> pl.DataFrame:
    """One row per person; the last contact of a few living persons outside the study is missing."""
    draws = Draws(seed, "follow_up", len(life.age))
    dead = life.death != NEVER
    by_disease = (life.distant != NEVER) | (life.outcome == "de_novo").to_numpy()
    missing = draws.happens("contact_missing", 0.012) & ~dead & (life.outcome != "in_window").to_numpy()
    cause = pl.when(pl.Series(by_disease)).then(pl.lit(draws.code("cause"))).otherwise(pl.lit(draws.code("cause_other")))
    drawn = pl.select(
        row=pl.Series(np.arange(len(dead), dtype=np.int64)),
        contact_date=pl.when(pl.Series(~missing)).then(pl.lit(dates(life.contact))),
        vital_status_code=pl.lit(labels(("alive", "dead"), dead.astype(np.int32))),
        death_date=pl.when(pl.Series(dead)).then(pl.lit(dates(life.death))),
        cause_of_death_code=pl.when(pl.Series(dead)).then(cause),
        performance_status_code=pl.when(pl.Series(~dead & ~missing)).then(pl.lit(draws.code("performance"))),
    )
    together = pl.concat([known.follow_up, _behind(drawn, known.follow_up)], how="diagonal_relaxed")
    return together.with_columns(follow_up_no=pl.lit(1, pl.Int32))


def _cohort(known: Thirteen, people: pl.DataFrame, life: Lives) -> pl.DataFrame:
    """What each person is to the study; `subgroup` of those outside says why they are."""
    women = known.person.select("row", "table2_no", arm=pl.lit("metastasectomy"))
    subgroup = pl.when(pl.col("arm") == "outside").then(pl.lit(life.outcome)).otherwise("subgroup")
    others = people.select("arm", subgroup=subgroup).with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    return pl.concat([women, _behind(others, women)], how="diagonal_relaxed").with_columns(tumour_no=pl.lit(1, pl.Int32))
