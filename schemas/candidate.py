"""What the conditions of one study may name: the columns and dates of `mart_candidate`, and those that the study makes itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, cached_property

import polars as pl
from sqlglot import exp

from schemas import items as dictionary
from schemas.core.asking import without_answer
from schemas.core.expression import ExpressionError, check_types, parse
from schemas.core.three_valued import ThreeValued, valued
from schemas.study_column import COUNTING, NUMBERS, SOURCES, StudyColumn

CANDIDATE = "mart_candidate"
Own = tuple[StudyColumn, ...]
NONE: Own = ()
# Before a name of mart_candidate that the records have too: what is meant is of the tumour that the study is about.
INDEX = "index_"
TYPES = {"any": "bool", "count": "int"}
# Beside what a study's column takes: whether an empty one may have been something, and of a date whether there is a record (null: open).
OPEN, HAD = ":open", ":had"
_EVENTS = ("recurrence", "distant_recurrence", "metastasectomy", "progression")
_TREATED = ("is_neoadjuvant", *(f"has_primary_{kind}" for kind in ("chemotherapy", "trastuzumab", "hormonal", "radiation")))
_AFTER = tuple(f"has_{kind}_after_recurrence" for kind in ("systemic", "chemotherapy", "trastuzumab", "hormonal"))
# Empty where a record was not understood, and for no other reason: who has none has a false, or a 0.
NEVER_UNDELIVERED = frozenset({*_AFTER, *(f"has_{event}" for event in _EVENTS), "recurrence_organs"})
# Columns and dates by what of the records gives them: an empty one of whom that was not understood may be it (`schemas.unread`).
_TNM = "t_code t_basis_code n_code n_basis_code m_code tnm_edition_code"
_MARKER = "biomarker.result_code biomarker.result_value biomarker.lost"
_DEAD = "follow_up.vital_status_code follow_up.death follow_up.lost"
_RADIATION = "treatment.is_given treatment.setting_code treatment.lost"
_OF_TUMOUR = {
    **{
        column: column
        for column in (
            "laterality_code", "topography_code", "histology_code", "grade_code", "m_code", "nodes_positive", "tumour_size_mm",
            "menopausal_status_code",
        )
    },
    "node_status_code": "node_status_code nodes_positive", "stage_code": f"stage_code stage_basis_code {_TNM}",
    "stage_delivered_code": "stage_code", "stage_derived_code": f"stage_code {_TNM}",
    "t_code": "t_code t_basis_code", "t_delivered_code": "t_code",
    "n_code": "n_code n_basis_code", "n_delivered_code": "n_code", "n_class_code": "n_code n_basis_code",
}  # fmt: skip
_GIVEN = {
    **{column: f"patient.{column}" for column in ("sex_code", "ethnicity_code", "birth")},
    "age_years": "tumour.age_at_diagnosis_years patient.birth tumour.diagnosis",
    **{date: f"tumour.{date}" for date in ("diagnosis", "treatment_start", "enrolment")},
    **{column: " ".join(f"tumour.{name}" for name in (*names.split(), "lost")) for column, names in _OF_TUMOUR.items()},
    **dict.fromkeys(("er_code", "pr_code", "her2_code", "er_value", "pr_value"), _MARKER),
    "vital_status_code": _DEAD,
    "cause_of_death_code": f"follow_up.cause_of_death_code {_DEAD}",
    **{date: f"follow_up.{date} follow_up.lost" for date in ("contact", "death")},
    "radiation_fields": f"treatment.fields {_RADIATION}",
    "radiation_dose_gy": f"treatment.dose_gy {_RADIATION}",
}


def _holds(names: str) -> str:
    """The condition that one of these columns of records was not understood."""
    return " or ".join(f"unread_columns like '% {name} %'" for name in names.split())


# Columns and dates that are empty, or not true, also where what was delivered was not understood, and the condition that tells.
UNREAD = {
    "operation": (
        "is_operation_unread or (operation is null and (treatment_unread like '%operation_code%'"
        f" or (operation_code is not null and {_holds('treatment.treatment')})))"
    ),
    "operation_code": "is_operation_unread or treatment_unread like '%operation_code%'",
    **{column: f"treatment_unread like '%{column}%'" for column in _TREATED},
    **{column: f"{column} is null" for column in NEVER_UNDELIVERED},
    **{event: f"has_{event} is null or (has_{event} and {event} is null and {_holds('event.event')})" for event in _EVENTS},
    "recurrence_organ_code": (
        "has_distant_recurrence is null or lost_records like '%event%'"
        f" or (has_distant_recurrence and recurrence_organ_code is null and ({_holds('event.organ_code event.site_code')}))"
    ),
    **{column: f"{column} is null and ({_holds(names)})" for column, names in _GIVEN.items()},
    "untreated_reason_code": "has_systemic_after_recurrence is null",
}


@dataclass(frozen=True)
class Known:
    """Columns that expressions may name: the items, as the dictionary has them.

    `counting`: those that a study makes by counting records. Who has none has a 0 or false, so an empty one says that it is not known.
    `taking`: those that take a value of them; OPEN tells an empty one that is not known. `of_records`: columns of the records
    themselves, empty also where a cell of one of that kind (`record`) was not understood.
    """

    items: tuple[dictionary.Item, ...]
    counting: frozenset[str] = frozenset()
    taking: frozenset[str] = frozenset()
    of_records: frozenset[str] = frozenset()
    record: str = ""

    @cached_property
    def columns(self) -> tuple[dictionary.Column, ...]:
        """Physical columns: a clinical date has six."""
        return tuple(column for item in self.items for column in dictionary.physical(item))

    @cached_property
    def carried(self) -> tuple[dictionary.Column, ...]:
        """Physical columns, and those that stand beside what a study takes: no condition can name them."""
        beside = (beside_taken(item) for item in self.items if item.column in self.taking)
        return (*self.columns, *(column for some in beside for column in some))

    @cached_property
    def plain(self) -> tuple[str, ...]:
        """Columns that may stand anywhere: all but the parts of dates."""
        return tuple(item.column for item in self.items if item.type != "interval")

    @cached_property
    def dates(self) -> tuple[str, ...]:
        """Clinical dates."""
        return tuple(item.column for item in self.items if item.type == "interval")

    def item(self, name: str) -> dictionary.Item | None:
        """One column or date by its name."""
        return self._by_name.get(name)

    @cached_property
    def _by_name(self) -> dict[str, dictionary.Item]:
        return {item.column: item for item in reversed(self.items)}  # the first of a name

    def parsed(self, text: str) -> exp.Expr:
        """An expression over these columns, see `schemas.core.expression.parse`."""
        return parse(text, self.plain, self.dates)

    def judged(self, text: str) -> ThreeValued:
        """A condition over these columns as two expressions; of a text, number (also of days) or flag the first says what it is."""
        return valued(self.with_unread(self.parsed(text)), self.dates)

    def named(self, *texts: str | None) -> frozenset[str]:
        """The columns and dates that expressions name."""
        trees = (self.with_unread(self.parsed(text)) for text in texts if text)
        return frozenset(column.name.removesuffix(OPEN) for tree in trees for column in tree.find_all(exp.Column))

    def with_unread(self, tree: exp.Expr) -> exp.Expr:
        """The expression, where it asks whether something was delivered (UNREAD), with no answer of whom that was not understood.

        So is a CASE or COALESCE around it: what stands for nothing delivered is not said of her.
        """
        return without_answer(tree, self._unread_where)

    def _unread_where(self, column: exp.Column) -> exp.Expr | None:
        """The condition that tells that a column was delivered and not understood; none of one of which nothing tells it."""
        if column.name in self.counting:
            return column.copy().is_(exp.null())
        if column.name in self.taking:
            return exp.column(f"{column.name}{OPEN}", quoted=True)
        if column.name in self.of_records:
            return exp.and_(column.copy().is_(exp.null()), exp.column("unread_records").like(exp.Literal.string(f"%{self.record}%")))
        is_apart = column.name.startswith(INDEX) and self.item(column.name) is not None
        name = column.name.removeprefix(INDEX) if is_apart else column.name
        tells = UNREAD.get(name) if is_apart or self.item(name) in _of_candidate() else None
        return self._apart(_unread(tells)) if tells is not None else None

    def _apart(self, tree: exp.Expr) -> exp.Expr:
        """A condition over mart_candidate by the names that its columns have here."""
        tree = tree.copy()
        for column in list(tree.find_all(exp.Column)):
            if self.item(f"{INDEX}{column.name}") is not None:
                column.this.set("this", f"{INDEX}{column.name}")
        return tree


@cache
def _unread(text: str) -> exp.Expr:
    """A condition of UNREAD, parsed once."""
    return parse(text, known().plain, known().dates)


@cache
def _of_candidate() -> frozenset[dictionary.Item]:
    """The items of mart_candidate: a column of a record, or of a study, that has the same name is none of them."""
    return frozenset(dictionary.items(CANDIDATE))


@cache
def known(own: Own = NONE) -> Known:
    """The columns of mart_candidate and, after them, those that a study makes."""
    items = (*dictionary.items(CANDIDATE), *(made(own[:place], column) for place, column in enumerate(own)))
    return Known(items, _counting(own), _taking(own))


def _counting(own: Own) -> frozenset[str]:
    return frozenset(column.column for column in own if column.take in COUNTING)


def _taking(own: Own) -> frozenset[str]:
    return frozenset(column.column for column in own) - _counting(own)


def beside_taken(item: dictionary.Item) -> tuple[dictionary.Column, ...]:
    """The columns that stand beside one that a study takes of records."""
    kinds = (OPEN, HAD) if item.type == "interval" else (OPEN,)
    return tuple(dictionary.Column(f"{item.column}{kind}", "bool", True, item.label, item) for kind in kinds)


@cache
def of_record(record: str, *texts: str) -> Known:
    """The columns and dates of one kind of staging record; `texts`: text columns that a list view of it has beside them."""
    beside = (dictionary.Item("mart", f"list_{record}", name, "text", "text", True, "", "", name, "") for name in texts)
    return Known((*dictionary.items(record, "staging"), *beside))


@cache
def of_rows(before: Own, column: StudyColumn) -> Known:
    """What the condition and the value of one column of a study may name: its records, then what is known of the tumour.

    `before`: the columns of the study above it. A name that both have means the record's; with INDEX before it that of mart_candidate.
    """
    rows = SOURCES[column.list].items
    names = {item.column for item in rows}
    found = (*rows, *(item for item in known(before).items if item.column not in names))
    there = {item.column for item in found}
    both = (item for item in dictionary.items(CANDIDATE) if item.column in names)
    apart = (replace(item, column=f"{INDEX}{item.column}") for item in both)
    items = (*found, *(item for item in apart if item.column not in there))
    of_records = frozenset(item.column for item in rows if item.type != "interval")
    return Known(items, _counting(before) - names, _taking(before) - names, of_records, SOURCES[column.list].record)


@cache
def made(before: Own, column: StudyColumn) -> dictionary.Item:
    """The column as the dictionary would declare it: the type and code list of what is taken."""
    taken = of_rows(before, column)
    plain = dictionary.Item("mart", CANDIDATE, column.column, "text", "code", True, "", "", column.label, "")
    if column.take in COUNTING:
        return replace(plain, type=TYPES[column.take], role="flag" if column.take == "any" else "measure")
    same = taken.item(column.taken)
    if same is not None:
        return replace(same, layer="mart", table=CANDIDATE, column=column.column, nullable=True, label=column.label, naaccr="")
    return replace(plain, type=_type(taken, column), role="measure" if column.take in NUMBERS else "code")


def _type(taken: Known, column: StudyColumn) -> str:
    """Type of an expression, as the dictionary calls it; text where it cannot be read, which is reported elsewhere."""
    try:
        found = check_types(taken.judged(column.taken).certain, {one.name: one.polars for one in taken.carried})
    except ExpressionError:
        return "text"
    if found == pl.Boolean:
        return "bool"
    return "int" if found.is_integer() else "float" if found.is_numeric() else "text"
