"""The benchmark of judging: what it judges, not how fast."""

from __future__ import annotations

import pytest

from tests.benchmarks import edits as benchmark
from validations.load import built_in_edits


def test_judges_every_edit_on_repeated_women(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark, "ORIGINALS", 400)
    records = benchmark.linked(900)
    assert records["patient"].height == records["patient"]["patient_key"].n_unique() >= 900
    for frame in records.values():
        assert frame["record_key"].is_unique().all()
    judged, one = benchmark.measured(records, built_in_edits())
    assert (one.edits, one.records) == (len(built_in_edits()), sum(frame.height for frame in records.values()))
    assert judged.findings.height == one.findings > 0
