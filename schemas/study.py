"""One study: who enters, which arms, what is published about them (docs/studies.md).

Models are frozen and refuse unknown keys. Conditions are SQL expressions over the columns of `mart_candidate`
(one row per tumour); they and the names in them are checked in `schemas.checks.study`.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field as Option

from schemas.model import Condition, Model, Name
from schemas.primary_site import DEFAULT, PrimarySite
from schemas.study_column import StudyColumn

# Begins the reason why no study has numbers where an export of a required source was never read; any other reason is that many are held.
NEVER_READ = "refused: no export was ever read by the contract"
Statistic = Literal["median", "min", "max", "q1", "q3", "mean", "sd"]
Estimator = Literal["kaplan_meier", "median_observed_time", "aalen_johansen"]
# Estimators that give a curve, which a horizon cuts.
CURVES = ("kaplan_meier", "aalen_johansen")
# What a study may say of its times beside what was published: `schemas.checks.analyses`.
Analysis = Literal["as_published", "delayed_entry", "landmark", "time_dependent"]
AS_PUBLISHED: Literal["as_published"] = "as_published"
DELAYED_ENTRY: Literal["delayed_entry"] = "delayed_entry"
LANDMARK: Literal["landmark"] = "landmark"
TIME_DEPENDENT: Literal["time_dependent"] = "time_dependent"
ListName = Literal["treatment", "event", "follow_up", "biomarker"]
Label = Annotated[str, Option(min_length=1)]
# Causes of the end of a time that every endpoint has: its own event, and one of several that cannot be told.
EVENT, UNDETERMINED = "event", "undetermined"
ENVELOPE: Literal["envelope"] = "envelope"
MIN_CELL = 5
# The widest time between two dates of which the year is known.
MAX_WIDTH_DAYS = 730
# No time of a person is longer: days beyond it are a slip of the pen.
MOST_DAYS = 43_830
MOST_MONTHS = MOST_DAYS // 30
RISING = f"'ticks_months' must begin with 0 and rise, to {MOST_MONTHS:,} at most: they are months"
# Text columns that the list views of Table 2 have beside the columns of their staging record.
LIST_COLUMNS: dict[str, tuple[str, ...]] = {
    "treatment": ("subject_label", "treatment_text", "procedure_text", "months_text"),
    "event": ("subject_label", "site_text", "months_text", "procedure_text"),
    "follow_up": ("subject_label", "months_text"),
    "biomarker": ("subject_label", "marker_text", "result_text"),
}


def id_part(name: str) -> str:
    """A name as it stands in a number_id: small letters and digits, every run of other characters a `_`."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower())


def _rise(ticks: tuple[int, ...]) -> bool:
    return ticks[0] == 0 and all(a < b for a, b in pairwise(ticks)) and ticks[-1] <= MOST_MONTHS


class Step(Model):
    """One exclusion step: who stays (`keep` certainly true)."""

    step: Name
    label: Label
    keep: Condition

    @property
    def keeps_everyone(self) -> bool:
        """Whether the step only counts."""
        return self.keep.strip().lower() == "true"


class Arm(Model):
    """One arm; the first whose condition holds takes the woman, the residual arm takes the rest."""

    arm: Name
    label: Label
    when: Condition | None = None
    residual: bool = False
    # The date on which the arm is decided, where that is after the time began; without it the arm is known from the beginning.
    decided: str | None = None

    def problems(self) -> Iterator[str]:
        """A condition or the rest, not both; the rest is decided by nothing."""
        if self.residual == (self.when is not None):
            yield "an arm has either 'when' or 'residual: true'"
        if self.residual and self.decided is not None:
            yield "the residual arm has no 'decided': it takes whoever is in no other arm"


class Subgroup(Model):
    """One group within an arm, counted below it."""

    arm: str
    subgroup: Name
    label: Label
    when: Condition


class Variable(Model):
    """One variable of Table 1: a number (`value`) or a level (`level`), `of` those for whom it has a meaning."""

    variable: Name
    label: Label
    value: Condition | None = None
    level: Condition | None = None
    levels: tuple[str, ...] = ()
    statistics: tuple[Statistic, ...] = ()
    of: Condition | None = None

    def problems(self) -> Iterator[str]:
        """A number with its statistics, or a level."""
        if (self.value is None) == (self.level is None):
            yield "a variable has either 'value' (a number) or 'level'"
        elif self.value is not None and (self.levels or not self.statistics):
            yield "a variable with 'value' needs 'statistics' and has no 'levels'"
        elif self.level is not None and self.statistics:
            yield "a variable with 'level' has no 'statistics': its levels are counted as n and percent"


class ListColumn(Model):
    """One column of Table 2: a text about the woman, or the texts of her records of one kind, joined."""

    column: Name
    label: Label
    text: Condition
    list: ListName | None = None
    where: Condition | None = None
    separator: str | None = None
    otherwise: str | None = None

    def problems(self) -> Iterator[str]:
        """A list with its condition and separator."""
        if self.list is not None and (self.where is None or self.separator is None):
            yield "a column with 'list' needs 'where' and 'separator'"
        if self.list is None and (self.where is not None or self.separator is not None):
            yield "'where' and 'separator' belong to a column with 'list'"


class Table2(Model):
    """Table 2: one row per woman of one arm."""

    arm: str
    published: bool = False
    order_by: Condition
    columns: Annotated[tuple[ListColumn, ...], Option(min_length=1)]


class Competing(Model):
    """An event after which that of the endpoint cannot come, or means something else: the first of `end` is its day."""

    competing: Name
    label: Label
    event: Condition
    end: Annotated[tuple[str, ...], Option(min_length=1)]


class Endpoint(Model):
    """One time, among some: from `origin` to its event where `event` holds, else to where follow-up ends (docs/studies.md)."""

    endpoint: Name
    label: Label
    # What the axis of the curve is called where the label is no share of women ("Time to ...").
    curve_label: Label | None = None
    origin: str
    end: Annotated[tuple[str, ...], Option(min_length=1)]
    censored: tuple[str, ...] = ()
    event: Condition
    among: Condition | None = None
    horizon_days: Annotated[int, Option(ge=1, le=MOST_DAYS)] | None = None
    ticks_months: Annotated[tuple[int, ...], Option(min_length=1)] | None = None
    estimators: Annotated[tuple[Estimator, ...], Option(min_length=1)]
    # The date from which she could be seen to have the event, where that is after the origin; the days to the landmark.
    entry: str | None = None
    landmark_days: Annotated[int, Option(ge=1, le=MOST_DAYS)] | None = None
    # In the order in which they count where two fall on one day, all after the event itself.
    competing: tuple[Competing, ...] = ()

    @property
    def event_dates(self) -> tuple[str, ...]:
        """The dates of the event: the first delivered is its day. Where `end` names several and `censored` none, all but the last."""
        return self.end if self.censored or len(self.end) == 1 else self.end[:-1]

    @property
    def censoring_dates(self) -> tuple[str, ...]:
        """The dates of whoever had no event: the last delivered is where she left."""
        return self.censored or self.end[-1:]

    @property
    def dates(self) -> tuple[str, ...]:
        """All dates at which the time may end, each once."""
        return tuple(dict.fromkeys((*self.end, *(name for other in self.competing for name in other.end), *self.censored)))

    @property
    def conditions(self) -> tuple[str | None, ...]:
        """Every condition of the endpoint: of the event, of those who count, of the events that compete."""
        return (self.event, self.among, *(other.event for other in self.competing))

    @property
    def is_curve(self) -> bool:
        """Whether a curve is estimated."""
        return any(name in self.estimators for name in CURVES)

    def problems(self) -> Iterator[str]:
        """A horizon only where something is cut at it; competing events and their estimator only together."""
        curve = "aalen_johansen" if self.competing else "kaplan_meier"
        if self.horizon_days is not None and not self.is_curve:
            yield f"'horizon_days' cuts the curve of '{curve}', and 'estimators' does not name it"
        yield from self._competing_problems()
        if self.ticks_months is not None and not _rise(self.ticks_months):
            yield RISING
        for key in ("entry", "landmark_days"):
            if getattr(self, key) is not None and not self.is_curve:
                yield f"'{key}' belongs to the curve of '{curve}', and 'estimators' does not name it"

    def _competing_problems(self) -> Iterator[str]:
        if self.competing and "kaplan_meier" in self.estimators:
            yield (
                "'kaplan_meier' would count those who had a competing event as if the event could still come, and overstate it: write "
                "'aalen_johansen', or an endpoint of its own whose 'event' is either of them"
            )
        elif self.competing and "aalen_johansen" not in self.estimators:
            yield "'competing' is estimated by 'aalen_johansen' only, and 'estimators' does not name it"
        elif not self.competing and "aalen_johansen" in self.estimators:
            yield "'aalen_johansen' needs 'competing': without competing events it is one minus 'kaplan_meier'"


class Comparison(Model):
    """One log-rank test of an endpoint between arms."""

    endpoint: str
    arms: Annotated[tuple[str, ...], Option(min_length=2)]


class Study(Model):
    """One study as its file describes it."""

    study: Name
    title: Label
    citation: str | None = None
    # What tables and figures call those who are studied, in the plural.
    subjects: Annotated[str, Option(pattern=r"^[A-Za-zÀ-ÿ][\w -]*$", max_length=40)] = "women"
    days_per_month: Annotated[float, Option(gt=27, lt=32)] = 30
    min_cell: Annotated[int, Option(ge=1)] = MIN_CELL
    min_cell_reason: str | None = None
    max_held_share: Annotated[float, Option(ge=0, le=1)] = 0.05
    confidence_interval: Literal["log", "log-log", "plain"] = "log"
    date_convention: Literal["refuse", "midpoint", "envelope"] = "refuse"
    # Where the middle is taken: the widest that a time may be; who has a wider one is left out and counted.
    max_width_days: Annotated[int, Option(ge=1, le=MOST_DAYS)] = MAX_WIDTH_DAYS
    # The day taken for a death without a date: none, or the last contact.
    death_date: Literal["delivered", "last_contact"] = "delivered"
    # Of which organ her tumour is: what its topography begins with. One whose site is not known may be.
    primary_site: PrimarySite = DEFAULT
    tumour: Literal["first", "first_with_distant_recurrence"] = "first"
    # What the study makes of her records itself, beside the columns of mart_candidate; each may name those above it.
    columns: tuple[StudyColumn, ...] = ()
    steps: Annotated[tuple[Step, ...], Option(min_length=1)]
    # Steps that relative dates cannot judge and that the study holds to be met where they are possible.
    assume_met: tuple[str, ...] = ()
    arms: Annotated[tuple[Arm, ...], Option(min_length=1)]
    subgroups: tuple[Subgroup, ...] = ()
    table_1: tuple[Variable, ...] = ()
    # Whether Table 1 says how likely such differences between the arms are by chance.
    table_1_p_values: bool = False
    table_2: Table2 | None = None
    endpoints: tuple[Endpoint, ...] = ()
    analyses: Annotated[tuple[Analysis, ...], Option(min_length=1)] = (AS_PUBLISHED,)
    comparisons: tuple[Comparison, ...] = ()
    ticks_months: Annotated[tuple[int, ...], Option(min_length=1)] = (0, 12, 24, 36, 48, 60)
    # The last day that counts: what happened or was seen after it does not.
    data_cut_off: datetime.date | None = None

    @property
    def takes_middle(self) -> bool:
        """Whether the middle stands for a time that is not certain to the day."""
        return self.date_convention != "refuse"

    def problems(self) -> Iterator[str]:
        """A reason for small cells, one residual arm, rising ticks, a width only where middles are taken."""
        if "max_width_days" in self.model_fields_set and not self.takes_middle:
            yield "'max_width_days' is used by nothing: 'date_convention: refuse' takes no middle"
        if self.min_cell < MIN_CELL and not self.min_cell_reason:
            yield f"'min_cell' below {MIN_CELL} needs a 'min_cell_reason'"
        if self.table_1_p_values and not (self.table_1 and len(self.arms) > 1):
            yield "'table_1_p_values' compares arms in 'table_1': it needs two arms and a variable"
        residual = sum(arm.residual for arm in self.arms)
        if residual != 1:
            yield f"'arms' needs exactly one residual arm, here are {residual}"
        if not _rise(self.ticks_months):
            yield RISING
