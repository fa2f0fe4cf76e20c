"""The pages generated from the facts: docs/dictionary.md and docs/code_lists.md.

`python -m schemas.pages` writes them; `--check` names those that differ and exits 1.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from schemas import code_sets, items
from schemas.derived import made_from
from schemas.domains import grain
from schemas.facts import SEPARATOR, comments, shipped
from schemas.mapping_page import mappings
from schemas.vocabularies.code_list import COLUMNS, VOCABULARIES, domains, labels

DOCS = Path(__file__).resolve().parent.parent / "docs"
GENERATED = "<!-- Generated from schemas/ by `python -m schemas.pages`; change the facts, not this page. -->"
LAYERS = {"staging": "Staging records", "star": "Star schema", "stored": "Stored behind a view of the star", "mart": "Mart"}


def _cell(text: str) -> str:
    """A Markdown cell: bars escaped, and outside of code what Markdown would read as markup."""
    plain = text if text.startswith("`") else text.replace("<", "&lt;").replace("*", "\\*")
    return plain.replace("|", "\\|")


def _table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """A Markdown table."""
    names = list(header)
    cells = ([_cell(cell) for cell in row] for row in rows)
    return [f"| {' | '.join(names)} |", f"|{'---|' * len(names)}", *(f"| {' | '.join(row)} |" for row in cells), ""]


def _domain(item: items.Item) -> str:
    """The closed set of an item as the dictionary shows it: a link to its code list, its parent table, or its range."""
    if item.domain in domains() and item.role != "parent":
        return f"[{item.domain}](code_lists.md#{item.domain})"
    return f"`{item.domain}`" if item.domain else ""


def _columns(table: str, layer: str) -> list[str]:
    """One row per item of one table."""
    rows = []
    for item in items.items(table, layer):
        name = f"`{item.column}_…`" if item.type == "interval" else f"`{item.column}`"
        empty = "yes" if item.nullable or item.type == "interval" else "no"
        rows.append((name, item.type, item.role, empty, _domain(item), item.unit, _meaning(item), item.naaccr))
    return _table(("column", "type", "role", "may be empty", "values", "unit", "meaning", "NAACCR item"), rows)


def _meaning(item: items.Item) -> str:
    """What an item says, and from what it follows where no cell delivers it."""
    parts = made_from(item.table).get(item.column) if item.layer == "staging" else None
    return f"{item.label} (follows from {', '.join(f'`{part}`' for part in parts)})" if parts else item.label


def dictionary() -> str:
    """docs/dictionary.md: every table with its grain, every column with type, role, values and unit."""
    lines = [GENERATED, "", "# Data dictionary", ""]
    lines += ["A clinical date `X` (type interval, shown as `X_…`) is six columns:", ""]
    lines += _table(("column", "type", "says"), ((f"`X_{part}`", kind, says) for part, kind, says in items.INTERVAL_PARTS))
    for layer, title in LAYERS.items():
        lines += [f"## {title}", ""]
        for table in items.tables(layer):
            lines += [f"### {table}", "", grain(table), "", *_columns(table, layer)]
    return "\n".join([*lines, *_release_files()]).rstrip() + "\n"


def _release_files() -> list[str]:
    """The CSV files of a release, each with what one row is and its columns in their order."""
    says = (
        "Beside these each CSV of a study has `number_id` (what `oncomart explain` takes), and each under `share/` of a simulated registry "
        "`is_simulated`. The columns of `table_2.csv` are what the study says. `share/studies/` has its exact files under "
        "`internal/studies/` where `min_cell` is above 1. An empty cell: not reached, not available, or suppressed."
    )
    lines = ["## CSV files", "", says]
    for row in shipped("release_files.csv", "file", "says"):
        said = _cell(row["says"])
        lines += [f"- `{row['column']}`: {said}"] if row["column"] else ["", f"### {row['file'].replace('*', 'STUDY')}", "", said, ""]
    return lines


def _code_list(domain: str) -> list[str]:
    """One domain: what its file says of itself, then one row per code."""
    file = VOCABULARIES.get(domain, f"codes/{domain}.csv")
    rows = []
    for row in shipped(file, *COLUMNS):
        texts = " · ".join(f"`{text}`" for text in row["spellings"].split(SEPARATOR) if text)
        rows.append((f"`{row['code']}`", row["label"], texts, row["certainty"], row["note"]))
    return [
        f"## {domain}",
        "",
        *(f"- {line}" for line in comments(file)),
        "",
        *_table(("code", "label", "further spellings", "certainty", "note"), rows),
    ]


def _cut_offs() -> list[str]:
    """The numbers of markers and what they mean."""
    file = "marker_cutoffs.csv"
    rows = shipped(file, "marker_code", "unit_code", "from_value", "to_value", "result_code")
    shown = ("marker_code", "unit_code", "from_value", "to_value", "result_code", "certainty", "note")
    cells = ([row[column] for column in shown] for row in rows)
    return [
        "## Cut-offs of markers",
        "",
        *(f"- {line}" for line in comments(file)),
        "",
        *_table(("marker", "unit", "from", "below", "result", "certainty", "note"), cells),
    ]


def _open_lists() -> list[str]:
    """The lists a project may add codes to."""
    lists = [(row["domain"], row["needs"]) for row in shipped("open_lists.csv", "domain", "needs")]
    rows = ((f"[{domain}](#{domain})", f"`{needs}`" if needs else "") for domain, needs in lists)
    says = (
        "A project adds spellings in `vocabularies/*.csv` (columns `domain`, `spelling`, `code` and, where needed, `context`). "
        "To these lists it may also add codes of its own: a row with a `label`, and what the list needs beside it. `after` is the code "
        "behind which a new one stands in tables (any list may have it; else new ones stand last). New codes of stage, T, N, M and grade "
        "are those of other organs: at a tumour of the breast, or of one whose site is not known, they are not understood "
        "([contracts.md](contracts.md#tumours-of-other-organs)). The other lists are closed. A file named `stage_groups.csv`, "
        "`stage_editions.csv`, `node_counts.csv` or `marker_cutoffs.csv` there takes the place of the built-in table."
    )
    return ["## A project's own", "", says, "", *_table(("list", "a new code needs"), rows)]


def _code_sets() -> list[str]:
    """The code sets that a contract may name, each with what its file says of itself and one row per item and text."""
    lines = ["## Code sets", "", "What a contract reads with `codes: NAME` ([contracts.md](contracts.md#numbers-that-are-codes)).", ""]
    shown = ("item", "name", "target", "context", "text", "means", "certainty", "note")
    for name in code_sets.names():
        cells = ([row[column] for column in shown] for row in shipped(f"code_sets/{name}.csv", *code_sets.COLUMNS))  # lent rows once
        lines += [f"### {name}", "", *(f"- {line}" for line in comments(f"code_sets/{name}.csv")), "", *_table(shown, cells)]
    return lines


def code_lists() -> str:
    """docs/code_lists.md: every domain with its codes, labels, spellings, source and licence."""
    index = " · ".join(f"[{domain}](#{domain}) ({len(labels(domain))})" for domain in sorted(domains()))
    lines = [GENERATED, "", "# Code lists and vocabularies", "", index, "", *_open_lists()]
    for domain in sorted(domains()):
        lines += _code_list(domain)
    lines += [*_cut_offs(), *_code_sets()]
    return "\n".join(lines).rstrip() + "\n"


def pages() -> dict[str, str]:
    """Text of every generated page by file name."""
    return {"dictionary.md": dictionary(), "code_lists.md": code_lists(), "mappings.md": f"{GENERATED}\n\n{mappings()}"}


def _equals(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def written(made: Mapping[str, str], arguments: Sequence[str], docs: Path, differs: str) -> int:
    """Write the pages (text by file name) into `docs`, or with --check compare them; 1 where one differs from what `differs` names."""
    if "--check" not in arguments:
        for name, text in made.items():
            docs.joinpath(name).write_text(text, encoding="utf-8")
        return 0
    stale = [name for name, text in made.items() if not _equals(docs / name, text)]
    for name in stale:
        sys.stderr.write(f"docs/{name} differs from {differs} and look at the difference\n")
    return 1 if stale else 0


def main(arguments: list[str], docs: Path = DOCS) -> int:
    """Write the pages of the dictionary, the code lists and the mappings, or with --check compare them; 1 where one differs."""
    return written(pages(), arguments, docs, "schemas/: run `make golden`")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
