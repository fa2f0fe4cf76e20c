"""`oncomart check`: mistakes of project, edits and thresholds together, and nothing heavy to wait for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from etl.check import check_project
from schemas.core.errors import ConfigurationError

EXAMPLES = Path(__file__).parents[2] / "etl" / "examples"


@pytest.mark.parametrize(("name", "says"), [("published", "2 contracts, 1 study"), ("trial_days", "1 contract, 1 study")])
def test_finds_no_mistake_in(name: str, says: str) -> None:
    assert says in check_project(EXAMPLES / name)


def test_reports_edits_and_project_in_one_go(tmp_path: Path) -> None:
    (tmp_path / "registry.yml").write_text("registry: r\n", encoding="utf-8")
    (tmp_path / "edits.yml").write_text("edits:\n  - edit: MINE-1\n", encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        check_project(tmp_path)
    assert {mistake.file for mistake in caught.value.mistakes} >= {"registry.yml", "edits.yml", "contracts"}


def test_imports_nothing_heavy() -> None:
    code = "import sys, etl.check; print(*sys.modules)"
    imported = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"pandas", "scipy", "lifelines", "matplotlib", "great_expectations", "pandera"} & set(imported)
