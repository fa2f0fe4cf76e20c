"""Compare the current releases of two output folders: `python -m tests.same_release OUT_A OUT_B`.

Equal means: the same run_id, the same files with the same bytes, the same content_hash of the warehouse.
Exempt, as documented: run.json, Data Docs and the file bytes of warehouse.duckdb.
"""

from __future__ import annotations

import sys
from pathlib import Path

from warehouse.content import content_hash


def differences(first: Path, second: Path) -> list[str]:
    """What differs between the current releases of two output folders, as sentences."""
    a, b = (first / "current").resolve(), (second / "current").resolve()
    if a.name != b.name:
        return [f"{first.name}: run_id {a.name} is not {b.name}"]
    names = {path.relative_to(root) for root in (a, b) for path in root.rglob("*") if path.is_file()}
    found = []
    for name in sorted(names):
        if name.name in {"run.json", "warehouse.duckdb"} or name.parts[:3] == ("share", "quality", "expectations"):
            continue
        if not (a / name).is_file() or not (b / name).is_file():
            found.append(f"{first.name}: {name} is in one release only")
        elif (a / name).read_bytes() != (b / name).read_bytes():
            found.append(f"{first.name}: {name} differs")
    if content_hash(a / "warehouse.duckdb") != content_hash(b / "warehouse.duckdb"):
        found.append(f"{first.name}: the content of warehouse.duckdb differs")
    return found


def main(first: Path, second: Path) -> int:
    """Compare every registry below the two folders; 0 when all are the same."""
    registries = sorted(path.parent.relative_to(first) for path in first.glob("**/current"))
    found = [line for registry in registries for line in differences(first / registry, second / registry)]
    print("\n".join(found) if found else f"{len(registries)} releases are the same")
    return 1 if found or not registries else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
