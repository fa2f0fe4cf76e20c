"""The bundled registries: small real exports with their contracts and studies, run by `make pipeline`."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from etl.options import RunOptions
from etl.outcome import Outcome
from etl.pipeline import run
from etl.progress import Progress


def bundled() -> list[Path]:
    """Folders of the bundled projects, in the order of their names."""
    examples = Path(str(files("etl"))) / "examples"
    return sorted(path.parent for path in examples.glob("*/registry.yml"))


def run_bundled(out: Path, progress: Progress) -> list[Outcome]:
    """Run every bundled project into a folder of its own name under `out`; one outcome per project."""
    return [run(folder, out / folder.name, RunOptions(), progress) for folder in bundled()]
