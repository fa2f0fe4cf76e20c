"""An export that comes tripled for some nights, and then as it should: the good one is taken, also where hardly a release is kept."""

from __future__ import annotations

import datetime
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from etl.bundled import bundled
from etl.outcome import Outcome

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("without_great_expectations")]
NIGHTS = 3


@pytest.mark.parametrize("accepts", [False, True])
def test_the_good_night_after_tripled_ones_is_published(run_project: Callable[..., Outcome], tmp_path: Path, accepts: bool) -> None:
    source = next(folder for folder in bundled() if folder.name == "trial_days")
    project = Path(shutil.copytree(source, tmp_path / "project"))
    registry, export = project / "registry.yml", project / "exports/gbsg2.csv"
    registry.write_text(re.sub(r"releases_kept: \d+", "releases_kept: 1", registry.read_text(encoding="utf-8")), encoding="utf-8")
    good = export.read_text(encoding="utf-8").splitlines(keepends=True)
    head = next(place for place, line in enumerate(good) if not line.startswith("#")) + 1
    nights = [good, *[[*good, *good[head:], *good[head:]]] * NIGHTS, good]
    for day, lines in enumerate(nights, start=1):
        export.write_text("".join(lines), encoding="utf-8")
        outcome = run_project(project, as_of=datetime.date(2020, 1, day))
        if accepts and day == 2:
            with registry.open("a", encoding="utf-8") as handle:
                handle.write(f'accepted:\n  women_at_most.gbsg2.since_anchor: "{outcome.run_id}"\n')
    assert outcome.exit_code == 0
    assert [refusal.reason for refusal in outcome.refusals] == (["fewer_rows"] if accepts else [])
