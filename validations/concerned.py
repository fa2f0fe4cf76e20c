"""What an edit compares: columns of the record judged, and of the other records of its person or tumour."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from validations.compile import compiled
from validations.edit import Edit
from validations.view_set import of_siblings, origin


@dataclass(frozen=True)
class Concerned:
    """Dictionary columns that an edit reads: `own` of the record it judges, `others` by kind of the other records."""

    own: tuple[str, ...] = ()
    others: tuple[tuple[str, str], ...] = ()

    def of(self, record: str) -> tuple[str, ...]:
        """The columns that it reads of other records of that kind."""
        return tuple(column for kind, column in self.others if kind == record)


@cache
def concerned(edit: Edit) -> Concerned:
    """What an edit reads, each column once. Of its own kind a column stands in both where other records are looked at too."""
    own, others = dict[str, None](), dict[tuple[str, str], None]()
    for needed in compiled(edit).needs:
        for name in origin(edit.record, needed):
            owner, _, column = name.rpartition(".")
            if not owner:
                own[column] = None
            if owner or of_siblings(edit.record, needed):
                others[owner or edit.record, column] = None
    return Concerned(tuple(own), tuple(others))
