"""What editors, spreadsheets and copied texts do to the files of a project is told with the line and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_project import FILES, REGISTRY, mistakes, written

from schemas.facts import parse
from schemas.project import load_project

NO_UTF8 = "the file is not UTF-8 text (save it with the encoding UTF-8 (in Excel: 'CSV UTF-8'))"
HARD = "a blank that YAML takes for a letter (it came with a copied text: delete it and type it anew)"


@pytest.mark.parametrize("name", ["registry.yml", "corrections.csv", "overrides.csv", "vocabularies/a.csv", "claims/outcome.csv"])
def test_names_the_line_that_is_no_utf8(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    written(tmp_path)
    (tmp_path / name).write_bytes("a: b\r\nc: Mü\r\n".encode("latin-1"))
    assert f"{name}:2: {NO_UTF8}" in map(str, mistakes(tmp_path))


def test_passes_over_what_an_editor_or_a_system_left_and_over_folders(tmp_path: Path) -> None:
    written(tmp_path)
    for name in ("vocabularies/._a.csv", "vocabularies/~$a.csv", "claims/._outcome.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"\xff")
    for name in ("vocabularies/b.csv", "claims/outcome.csv", "contracts/b.yml"):
        (tmp_path / name).mkdir()
    assert load_project(tmp_path).notices == ()


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("title: A", "title:\u00a0A", f"registry.yml:3: {HARD}"),
        (
            "  ward: {",
            "\u00a0 ward: {",
            "registry.yml:6: unknown key '\u00a0 ward' (it begins with a blank that YAML takes for a letter: delete it and type it anew)",
        ),
        ("title: A", "TITLE: A", "registry.yml:2: unknown key 'TITLE' (did you mean title?)"),
        ("key:", 'releases_kept: "3"\nkey:', "registry.yml:4: 'releases_kept': expected a whole number (without quotes)"),
        ("key:", "releases_kept: three\nkey:", "registry.yml:4: 'releases_kept': expected a whole number"),
        ("key:", "as_of: '2024-02-28'\nkey:", "registry.yml:4: 'as_of': expected a date YYYY-MM-DD (without quotes)"),
        ("key:", "as_of: 2024\nkey:", "registry.yml:4: 'as_of': expected a date YYYY-MM-DD"),
    ],
)
def test_says_what_is_wrong_in_yaml(tmp_path: Path, right: str, wrong: str, told: str) -> None:
    assert told in map(str, mistakes(written(tmp_path, {"registry.yml": REGISTRY.replace(right, wrong)})))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a,b\n1,2\n", []),
        ("a;b\n1;2\n", []),
        ("# ours\na,b\n# theirs\n1,2\n", ["f.csv:3: 1 cells where the header has 2 (comment lines stand above the header)"]),
        ("a;c\n1;2\n", ["f.csv:1: column b is missing"]),
        ("A;B\n1;2\n", ["f.csv:1: column a and b is missing (write the names of the columns in small letters)"]),
        ('a,b\n1,2\n"' + "x" * 140_000, ["f.csv:3: a cell that does not end (a quote that is not closed)"]),
        ('"' + "x" * 140_000, ["f.csv:1: column a and b is missing"]),
    ],
)
def test_says_what_is_wrong_in_a_csv(text: str, told: list[str]) -> None:
    assert [str(mistake) for mistake in parse(text, "f.csv", ("a", "b"))[1]] == told


def test_reads_files_with_the_line_ends_and_the_mark_of_windows(tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert load_project(tmp_path).notices == ()
