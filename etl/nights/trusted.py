"""A registry that trusts its sources in another order than at the last release: women known to several have another number, so other keys.

That follows from registry.yml and is no fault of a file, but whoever answered findings must be told why the answers are gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from validations.expecting.rows import as_results, warning

NAME, TRUST = "trust_as_before", "trust"
WHY = (
    "A woman whom several sources know goes by the number of the one trusted most, so her records have other keys now: over-rides and "
    "answers to them come as record_gone (OVR-STALE), and their findings are open again. Put the order back, or take the new record_key "
    "and fingerprint from this release (internal/findings.csv, the work list). It is told once."
)


def trust_changed(trust: Sequence[str], run: Mapping[str, Any]) -> pl.DataFrame:
    """RESULTS: one row where the order of trust is not that of the last release (`run`: its run.json) with others behind it.

    It stops nothing. A release of an older version does not say its order.
    """
    last = run.get(TRUST)
    if last is None or [*trust] == last or (last and [*trust[: len(last)]] == last):
        return as_results()
    said = f"`trust` is {', '.join(trust) or 'nothing'}, and release {run.get('run_id')} was made with {', '.join(last) or 'nothing'}"
    return as_results([warning(NAME, "registry.yml", f"{said}, expected the same order", WHY)])
