"""Words of the methods of a study: dates by their labels, conditions as they are written, lists."""

from __future__ import annotations

import re
from collections.abc import Sequence

from schemas.candidate import known
from schemas.study import Study

# Which tumour of a person it is about.
TUMOURS = {"first": "the first tumour", "first_with_distant_recurrence": "the first tumour with a distant recurrence"}


# What Markdown reads as markup or HTML wherever it stands, an underscore at the edge of a word, and what makes a heading, quotation or list
# of the beginning of a line.
MARKUP = re.compile(r"[\\`*\[\]<>|&~]|(?<!\w)_|_(?!\w)|^[-+#=]|(?<=^\d)[.)]|(?<=^\d\d)[.)]")


def code(text: str) -> str:
    """A condition as the study writes it, in one line, as Markdown shows what is not to be read as such."""
    line = " ".join(part.strip() for part in text.strip().splitlines())
    fence = "`" * (1 + max((len(found) for found in re.findall("`+", line)), default=0))
    edge = " " if line.startswith("`") or line.endswith("`") else ""  # Markdown takes one blank away at each end
    return f"{fence}{edge}{line}{edge}{fence}"


def plain(text: str) -> str:
    """Words of a study (a title, a label) in one line, so that Markdown shows them as they are written."""
    return MARKUP.sub(r"\\\g<0>", " ".join(text.split()))


def percent(share: float) -> str:
    """A share as the study gives it: one decimal, or as many as it has."""
    told = f"{share:.1%}"
    return told if float(told[:-1]) == round(100 * share, 10) else f"{100 * share:.10g}%"


def day(study: Study, name: str) -> str:
    """A date by its label, in small letters."""
    label = next(item.label for item in known(study.columns).items if item.column == name)
    return plain(label[0].lower() + label[1:])


def days(study: Study, names: Sequence[str]) -> str:
    """Dates by their labels."""
    return listed([day(study, name) for name in names], last="or")


def listed(names: Sequence[str], last: str = "and") -> str:
    """Names in a sentence."""
    *others, end = names
    return f"{', '.join(others)} {last} {end}" if others else end


def min_cell_of(text: str) -> int:
    """What a methods.md says of `min_cell`; 1 where it says nothing."""
    found = re.search(r"^- (?:No count is|In what is shared,) .*\(`min_cell: (\d+)`\)", text, re.MULTILINE)
    return int(found[1]) if found else 1
