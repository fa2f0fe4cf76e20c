"""The name of a run and the history of attempts.

A release is a function of what `run_id` hashes (DESIGN 2.1), so the same input has the same name for ever.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

HISTORY = "runs.jsonl"
# Outcomes of attempts that name the release that was current when they ended.
NAMES_RELEASE = ("published", "published_with_refusals", "unchanged", "erased")
PACKAGES = ("schemas", "validations", "warehouse", "etl")
# What a wheel carries beside the Python files; a checkout holds nothing else that decides what is published.
SUFFIXES = frozenset({".py", ".sql", ".csv", ".yml", ".yaml", ".html", ".css"})


@dataclass(frozen=True)
class RunParts:
    """Everything a release is a function of; order does not matter.

    landed: (name, sha256, fate) of each file, and (name, message, reason) of what was refused or carried forward: the banner is
    part of the release. project: (name, sha256) of each file.
    """

    landed: tuple[tuple[str, str, str], ...]
    project: tuple[tuple[str, str], ...]
    code_version: str
    key_fingerprint: str
    as_of: str


def run_id(parts: RunParts) -> str:
    """First 12 hex digits of the SHA-256 of the parts as canonical JSON."""
    ordered = asdict(parts) | {"landed": sorted(parts.landed), "project": sorted(parts.project)}
    return hashlib.sha256(json.dumps(ordered, sort_keys=True, separators=(",", ":")).encode()).hexdigest()[:12]


def key_fingerprint(key: bytes) -> str:
    """16 hex digits that tell one key from another and do not help to find it."""
    return hmac.digest(key, b"oncomart key fingerprint", "sha256").hex()[:16]


@cache
def code_version() -> str:
    """Version of the package and 12 hex digits over its code and its data: the same in a checkout and in a wheel of it."""
    digest = hashlib.sha256()
    for name, path in _code_files():
        digest.update(f"{name}\x1f{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return f"{version('oncomart')}+{digest.hexdigest()[:12]}"


def _code_files() -> list[tuple[str, Path]]:
    return sorted(found for package in PACKAGES for found in _package_files(package))


def _package_files(package: str) -> Iterable[tuple[str, Path]]:
    # find_spec looks a top-level package up without importing it: the warehouse knows nothing of the others
    spec = find_spec(package)
    for root in map(Path, (spec.submodule_search_locations or ()) if spec else ()):
        for path in root.rglob("*"):
            name = path.relative_to(root)
            if path.suffix in SUFFIXES and not (package == "etl" and name.parts[0] == "examples"):
                yield f"{package}/{name.as_posix()}", path


def record_run(out: Path, entry: Mapping[str, Any]) -> None:
    """Appends one attempt to `runs.jsonl` in one write, so that no reader sees half of it."""
    line = json.dumps(entry, sort_keys=True, default=str) + "\n"
    handle = os.open(out / HISTORY, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        size = os.fstat(handle).st_size
        if not size:
            os.fchmod(handle, 0o644)  # whatever the umask: it holds no value
        # a machine that stopped in mid-write left a line without its end: that one is lost, this one is not
        cut = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
        os.write(handle, (("\n" if cut else "") + line).encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def record_death(out: Path, started: str, run_id: str, published: str) -> None:
    """Notes an attempt that was killed, or whose machine stopped, before it could note itself: its exit code is not known.

    `published`: what it had published by then, in words.
    """
    reason = f"killed, or the machine stopped; {published}"
    record_run(out, {"started": started, "run_id": run_id, "exit_code": None, "outcome": "died", "reason": reason, "rows": {}})


def runs(out: Path, behind: int = 0) -> list[dict[str, Any]]:
    """Every attempt, oldest first, or those `behind` so many bytes of the history; a line that a crash cut short is left out."""
    path = out / HISTORY
    lines = path.read_bytes()[behind:].decode(errors="replace").splitlines() if path.is_file() else []
    return [entry for entry in map(_parsed, lines) if entry is not None]


def stored_run(release: Path | None) -> dict[str, Any]:
    """What run.json of a release says; empty where there is no release, or none that can be read."""
    path = release / "run.json" if release is not None else None
    return (_parsed(path.read_text(encoding="utf-8")) or {}) if path is not None and path.is_file() else {}


def landed(run: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The files that a release read, as its run.json says (`stored_run`); none where it does not."""
    files: Sequence[Mapping[str, Any]] = run.get("inputs", {}).get("landed", ())
    return files


def _parsed(line: str) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None
