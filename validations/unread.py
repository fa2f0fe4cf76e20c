"""What of a person was delivered and not understood: edits that ask whether it is there have no answer (DESIGN 2.4)."""

from __future__ import annotations

import polars as pl
from sqlglot import exp

from schemas.core.asking import without_answer
from schemas.items import RECORDS, Item, identity
from schemas.items import items as dictionary
from schemas.unread import COLUMNS, LOST

TABLE = "unread"
# What the views ask of them: by flag the columns of which one is enough.
FLAGS = {
    "is_given_unread": ("treatment.is_given",),
    "is_setting_unread": ("treatment.setting_code",),
    "is_name_unread": ("treatment.drug_code", "treatment.regimen_code"),
    "is_procedure_unread": ("treatment.procedure_code",),
    "is_reason_unread": ("treatment.not_given_reason_code",),
    "is_status_unread": ("follow_up.vital_status_code",),
    "is_contact_unread": ("follow_up.contact",),
    "is_death_unread": ("follow_up.death",),
    "is_treatment_lost": ("treatment.lost",),
    "is_event_lost": ("event.lost",),
    "is_tumour_lost": ("tumour.lost",),
    "is_follow_up_lost": ("follow_up.lost",),
}


def flagged(unread: pl.DataFrame) -> pl.DataFrame:
    """UNREAD with FLAGS, as the views read it."""
    return unread.with_columns(
        pl.any_horizontal(pl.col(COLUMNS).str.contains(f" {name} ", literal=True) for name in names).alias(flag)
        for flag, names in FLAGS.items()
    )


def flagging() -> tuple[str, ...]:
    """The columns, and lost records, that leave open what the views make of several records."""
    return tuple(name for names in FLAGS.values() for name in names)


def with_unread(tree: exp.Expr, origin: tuple[tuple[str, tuple[str, ...]], ...]) -> exp.Expr:
    """An expression over an edit view, with no answer where it asks whether a column is empty that was not understood.

    `origin`: by column, or clinical date, of the view what it is made of: columns of the dictionary (`record.column`), and lost
    records (`record.lost`). One of them is enough.
    """
    names = dict(origin)

    def tells(column: exp.Column) -> exp.Expr | None:
        of = names.get(column.name)
        return None if of is None else exp.and_(_is_unknown(column.name, of), exp.or_(*(_holds(name) for name in of)))

    return without_answer(tree, tells)


def mistakes(text: str) -> list[str]:
    """The words of a text like those of UNREAD that name no column of a record."""
    named = (word.partition(".") for word in text.split())
    return [f"{r}.{c}" for r, _, c in named if r not in RECORDS or not (c == LOST or may_be_unread(r, c))]


def may_be_unread(record: str, column: str) -> bool:
    """Whether a column or date of a record can be empty because its cell was not understood: not its key."""
    item = _item(record, column)
    return item is not None and column not in identity(record)


def _is_unknown(column: str, of: tuple[str, ...]) -> exp.Expr:
    """Whether nothing is known in a column; a code for that is given where another source, or the day of diagnosis, leaves it open."""
    item = _item(*of[0].split(".")) if len(of) == 1 else None
    if item is None or item.type != "text" or not item.domain:
        return exp.column(column).is_(exp.null())
    unknown = exp.Literal.string("unknown")
    return exp.Coalesce(this=exp.column(column), expressions=[unknown]).eq(unknown.copy())


def _item(record: str, column: str) -> Item | None:
    return next((item for item in dictionary(record, "staging") if item.column == column), None)


def _holds(name: str) -> exp.Expr:
    return exp.column(COLUMNS).like(exp.Literal.string(f"% {name} %"))
