"""Of several receptors in one cell each has the sign that is glued to it; a minus between two names without a blank may join them."""

from __future__ import annotations

import polars as pl
import pytest

from etl.normalise.markers import read_results
from schemas.vocabulary import load

P, N = "positive", "negative"


@pytest.mark.parametrize(
    ("text", "er", "pr", "her2"),
    [
        ("ER- PR-", N, N, None), ("ER- PR- HER2+", N, N, P), ("ER+ PR- HER2-", P, N, N), ("HER2- ER+ PR+", P, P, N),
        ("ER -ve PR -ve HER2 +ve", N, N, P), ("ER- PR negative", N, N, None), ("ER- positive, PR- negative", P, N, None),
        ("ER-PR+", None, P, None), ("ER - PR positive", None, P, None),  # of ER nobody can tell
        ("ER- PR- positive", None, P, None), ("ER- PR- pending", None, "unknown", None),  # a dash, it may be
        ("ER- PR- HER2 positive", N, N, P), ("ER+, mother HER2+", None, None, None),
        ("ER- PR- ?", None, None, None), ("mother ER- PR-", None, None, None),
        ("ER+ HER2 +", P, None, None),  # apart from its name + may be a score
    ],
)  # fmt: skip
def test_gives_each_its_own_sign(text: str, er: str | None, pr: str | None, her2: str | None) -> None:
    asked = pl.DataFrame({"raw": [text] * 3, "context": ["er", "pr", "her2"]})
    assert read_results(load(), asked, within_text=True)["code"].to_list() == [er, pr, her2]
