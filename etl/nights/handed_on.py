"""The files of a release that the next run compares with are as they were written: run.json has their hashes.

Without one of them what compares with earlier releases would begin anew, and a load that fell would be nobody's.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from etl.landing.delivery import sha256_of
from etl.nights.delivered_anew import STOOD as FILES
from etl.nights.history import ANCHORED, BASE, CODES, COUNTED, EDITS, MEASURES, STOOD
from etl.nights.last_told import FINDINGS
from etl.nights.own_releases import damaged
from etl.nights.volume import HELD_TO

KEPT = "handed_on"
# What lies under share/ people open, and a spreadsheet that saves it writes other bytes: that it is there is enough.
NAMES = (HELD_TO, BASE, ANCHORED, CODES, STOOD, FILES, FINDINGS, EDITS, MEASURES, COUNTED)


def handed_on(release: Path) -> dict[str, str]:
    """SHA-256 (hex) of each of these files of a release, by its name."""
    return {name: sha256_of(release / name) for name in NAMES if (release / name).is_file()}


def check_handed_on(release: Path | None, run: Mapping[str, Any]) -> None:
    """Raises RefusedError where a file that the release handed on (`run`: its run.json) is gone or has other bytes; a release of an older
    version does not say.
    """
    told: Mapping[str, str] = run.get(KEPT, {})
    for name, sha256 in told.items():
        path = release / name if release is not None else Path(name)
        if not path.is_file() or (name.startswith("internal/") and sha256_of(path) != sha256):
            raise damaged(path)
