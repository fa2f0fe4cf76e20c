"""Words of the methods of a study: dates by their labels, conditions as they are written, lists."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.candidate import known
from schemas.study import Study

# Which tumour of a person it is about.
TUMOURS = {"first": "the first tumour", "first_with_distant_recurrence": "the first tumour with a distant recurrence"}


def code(text: str) -> str:
    """A condition as the study writes it, in one line, as Markdown shows what is not to be read as such."""
    line = " ".join(text.split())
    fence = "``" if "`" in line else "`"
    return f"{fence}{line}{fence}"


def day(study: Study, name: str) -> str:
    """A date by its label, in small letters."""
    label = next(item.label for item in known(study.columns).items if item.column == name)
    return label[0].lower() + label[1:]


def days(study: Study, names: Sequence[str]) -> str:
    """Dates by their labels."""
    return listed([day(study, name) for name in names], last="or")


def listed(names: Sequence[str], last: str = "and") -> str:
    """Names in a sentence."""
    *others, end = names
    return f"{', '.join(others)} {last} {end}" if others else end
