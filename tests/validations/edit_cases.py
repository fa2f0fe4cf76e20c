"""The cases of the built-in edits: where they are, and what reads them."""

from __future__ import annotations

from pathlib import Path

from validations.cases import AS_OF, Case, cases_of, frame, interval, records_of

__all__ = ["AS_OF", "FOLDER", "Case", "cases_of", "frame", "interval", "records_of"]
FOLDER = Path(__file__).parent.parent / "edits"
