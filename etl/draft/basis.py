"""Of clinical and pathological categories in one file a draft takes T and N of one kind, for a stage is made of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from etl.draft.columns import Column

CATEGORIES = ("tumour.t_code", "tumour.n_code", "tumour.m_code")
STAGED = CATEGORIES[:2]  # M is clinical beside pathological T and N too
KINDS = {
    "clinical": re.compile(r"^c[tnm](?![a-z])|clin|臨床|临床|임상", re.IGNORECASE),
    "pathological": re.compile(r"^p[tnm](?![a-z])|path|病理|병리", re.IGNORECASE),
}


def kind_of(column: Column) -> str | None:
    """Whether a column of T, N or M says in its header that it is clinical or pathological; None where it says neither, or both."""
    if column.meaning not in CATEGORIES:
        return None
    said = [kind for kind, pattern in KINDS.items() if pattern.search(column.header.strip())]
    return said[0] if len(said) == 1 else None


def one_kind(columns: Sequence[Column]) -> str | None:
    """The kind to take of a file that has T or N of both: that of which it has T and N, then the fuller, then the pathological."""
    of = {kind: [c for c in columns if c.filled and c.meaning in STAGED and kind_of(c) == kind] for kind in KINDS}
    both = {c.meaning for c in of["clinical"]} & {c.meaning for c in of["pathological"]}
    if not both:
        return None
    return max(KINDS, key=lambda kind: (len({c.meaning for c in of[kind]}), sum(c.filled for c in of[kind]), kind))
