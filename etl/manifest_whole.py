"""Whether landing/manifest.csv still knows every file that the current release was made of.

A manifest of which rows were cut off, or that is older than the release, reads as a whole one: what those rows name would count no
longer, and nothing would say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from etl.erase.withheld import Secret, read_withheld
from etl.manifest import manifest_path, read_manifest
from schemas.core.errors import RefusedError, few


def check_whole(out: Path, run: Mapping[str, Any], key: bytes) -> None:
    """Raises RefusedError where the manifest lacks a file of the current release (`run`: its run.json, empty where there is none).

    A file that was freed of an erased person has other bytes by now, or none: it is passed over.
    """
    inputs: Mapping[str, Any] = run.get("inputs", {})
    told = {(one["name"], one["sha256"]) for one in (*inputs.get("landed", ()), *inputs.get("passed_over", ())) if one.get("sha256")}
    lost = told - {(entry.name, entry.sha256) for entry in read_manifest(out)} if told else set()
    if not lost:
        return
    withheld, secret = read_withheld(manifest_path(out).parent), Secret(key)
    names = sorted(name for name, sha256 in lost if withheld.now(secret, sha256) == sha256)
    if names:
        told_of = "".join(f"\n  {name}" for name in few(names))
        raise RefusedError(
            "landing/manifest.csv does not know files that the current release was made of, so they would count no longer; restore it from "
            f"a backup, or name another --out:{told_of}"
        )
