"""What an edit compares: columns of the record judged, and of the other records of its person or tumour."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from validations.compile import compiled
from validations.edit import Edit
from validations.views.set import of_kind, of_siblings, origin


@dataclass(frozen=True)
class Concerned:
    """Dictionary columns that an edit reads: `own` of the record it judges, `others` by kind of the other records.

    `types`: of these kinds of records the types (of an event, of a marker) that it looks at; of a kind that is not among them any.
    """

    own: tuple[str, ...] = ()
    others: tuple[tuple[str, str], ...] = ()
    types: tuple[tuple[str, str], ...] = ()

    def types_of(self, record: str) -> tuple[str, ...]:
        """The types of other records of that kind that count; none where any does."""
        return tuple(type_ for kind, type_ in self.types if kind == record)

    def of(self, record: str) -> tuple[str, ...]:
        """The columns that it reads of other records of that kind."""
        return tuple(column for kind, column in self.others if kind == record)


@dataclass(frozen=True, order=True)
class Stated:
    """A dictionary column of a statement: of the record judged (`is_own`), or of the others of that kind."""

    is_own: bool
    record: str
    column: str


@cache
def statements(edit: Edit) -> tuple[tuple[Stated, ...], ...]:
    """The two statements that contradict each other where an edit is violated; none where it finds no contradiction."""
    return tuple(tuple(_stated(edit, name) for name in text.split()) for text in edit.between or ())


def _stated(edit: Edit, name: str) -> Stated:
    owner, _, column = name.rpartition(".")
    return Stated(not owner, owner or edit.record, column)


def not_read(edit: Edit) -> list[str]:
    """What an edit says it compares and does not read."""
    says = concerned(edit)
    read = {*(Stated(True, edit.record, column) for column in says.own), *(Stated(False, *other) for other in says.others)}
    return [name for text in edit.between or () for name in text.split() if _stated(edit, name) not in read]


@cache
def concerned(edit: Edit) -> Concerned:
    """What an edit reads, each column once. Of its own kind a column stands in both where other records are looked at too."""
    own, others = dict[str, None](), dict[tuple[str, str], None]()
    types = dict[str, dict[str, None]]()
    for needed in compiled(edit).needs:
        for name in origin(edit.record, needed):
            owner, _, column = name.rpartition(".")
            if not owner:
                own[column] = None
            if owner or of_siblings(edit.record, needed):
                others[owner or edit.record, column] = None
                types.setdefault(owner or edit.record, {})[of_kind(edit.record, needed)] = None
    told = ((record, type_) for record, every in types.items() if "" not in every for type_ in every)
    return Concerned(tuple(own), tuple(others), tuple(told))
