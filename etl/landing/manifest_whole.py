"""Whether landing/manifest.csv still knows every file that the current release was made of.

A manifest of which rows were cut off, or that is older than the release, reads as a whole one: what those rows name would count no
longer, and nothing would say so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from etl.erase.withheld import Secret, read_withheld
from etl.landing.manifest import GOOD, Entry, as_line, manifest_path, read_manifest
from schemas.core.errors import RefusedError, few

# So many lines are told.
MOST = 50


def check_whole(out: Path, run: Mapping[str, Any], key: bytes) -> None:
    """Raises RefusedError where the manifest lacks a file of the current release (`run`: its run.json, empty where there is none).

    A file that was freed of an erased person has other bytes by now, or none: it is passed over.
    """
    inputs: Mapping[str, Any] = run.get("inputs", {})
    told = {(one["name"], one["sha256"]) for one in (*inputs.get("landed", ()), *inputs.get("passed_over", ())) if one.get("sha256")}
    lost = told - {(entry.name, entry.sha256) for entry in read_manifest(out)} if told else set()
    if not lost:
        return
    folder = manifest_path(out).parent
    withheld, secret = read_withheld(folder), Secret(key)
    gone = {(name, sha256) for name, sha256 in lost if withheld.now(secret, sha256) == sha256}
    if gone:
        how, lines = _to_add(folder, run, gone)
        raise RefusedError(
            "landing/manifest.csv does not know files that the current release was made of, so they would count no longer; restore it from "
            f"a backup, or {how}:" + "".join(f"\n{line}" for line in lines)
        )


def _to_add(folder: Path, run: Mapping[str, Any], gone: Collection[tuple[str, str]]) -> tuple[str, Sequence[str]]:
    """What helps where there is no backup, and the lines of that: those of the manifest, where they are few and their copies are there."""
    used = [one for one in run["inputs"].get("landed", ()) if (one["name"], one["sha256"]) in gone]
    entries = [Entry(one["name"], 0, one["sha256"], run.get("started", ""), one.get("contract", ""), GOOD) for one in used]
    paths = [entry.path(folder) for entry in entries]
    if len(entries) < len(gone) or len(entries) > MOST or not all(path.is_file() for path in paths):
        return "name another --out", [f"  {name}" for name in few(sorted(name for name, _ in gone))]
    whole = (replace(entry, size=path.stat().st_size) for entry, path in zip(entries, paths, strict=True))
    return "add these lines at its end", [as_line(entry) for entry in whole]
