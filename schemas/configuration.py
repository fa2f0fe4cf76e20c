"""The files of a project folder that a release is a function of, and their hashes."""

from __future__ import annotations

import hashlib
from pathlib import Path

from schemas.core.text_file import is_visible
from schemas.corrections import FILE as CORRECTIONS
from schemas.overrides import FILE as OVERRIDES
from schemas.worklist import returned

REGISTRY, EDITS = "registry.yml", "edits.yml"
# What a release is a function of, beside the landed files (DESIGN 2.1).
CONFIGURATION = (
    REGISTRY,
    "contracts/*.yml",
    "contracts/*.csv",
    "vocabularies/*.csv",
    EDITS,
    CORRECTIONS,
    OVERRIDES,
    "claims/*.csv",
)


def configuration_hashes(folder: Path) -> dict[str, str]:
    """SHA-256 (hex) of each file of the configuration now, with all studies, by relative path."""
    found = {path for pattern in (*CONFIGURATION, "studies/*.yml") for path in folder.glob(pattern) if is_visible(path)}
    read = {path: _content(path) for path in (*found, *returned(folder))}
    return {path.relative_to(folder).as_posix(): hashlib.sha256(content).hexdigest() for path, content in read.items()}


def _content(path: Path) -> bytes:
    """Nothing of a folder, and of a file that cannot be read, of which its reader tells."""
    try:
        return path.read_bytes()
    except OSError:
        return b""
