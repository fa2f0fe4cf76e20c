"""Courses of chemotherapy as a notation writes them: `AC x4; paclitaxel x4` as blocks with their counts and paces."""

from __future__ import annotations

import re
from dataclasses import dataclass

BLOCK = re.compile(r"(?P<name>[A-Za-z][A-Za-z0-9-]*)(?: x(?P<cycles>[1-9]\d?))?(?: q(?P<days>[1-9]\d?))?(?: x(?P<behind>[1-9]\d?))?")
FORM = "blocks in order with ';' between them, each a drug or regimen code with its count and, where it must be written, its pace"
EXAMPLE = "as in 'AC x4; paclitaxel x4 q21'"


@dataclass(frozen=True)
class Block:
    """One block of a course: its name, and the count and the pace that must be written (None: any)."""

    name: str
    cycles: int | None
    interval_days: int | None


def one_block(text: str) -> Block:
    """`AC q14 x4` as name, count and pace. Raises ValueError where the text is no block."""
    found = BLOCK.fullmatch(text)
    if found is None or (found["cycles"] and found["behind"]):
        raise ValueError(FORM)
    cycles = found["cycles"] or found["behind"]
    return Block(found["name"], int(cycles) if cycles else None, int(found["days"]) if found["days"] else None)


def blocks(text: str) -> tuple[Block, ...]:
    """The blocks of `AC x4; paclitaxel x4` in order. Raises ValueError where one is none."""
    return tuple(one_block(part.strip()) for part in text.split(";"))
