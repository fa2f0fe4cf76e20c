"""YAML files read with the line of every key; what is wrong with the file itself is a mistake with a line."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.yaml_lines import read_yaml


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        (b"", 1, "the file is empty"),
        (b"# only a comment\n", 1, "the file is empty"),
        (b"- a\n- b\n", 1, "must be a mapping"),
        (b"a: 1\nb: 2\na: 3\n", 3, "the key 'a' is given twice"),
        (b"a:\n\tb: 1\n", 2, "a tab where YAML wants blanks"),
        (b"a: 1\nb: \xff\n", 2, "the file is not UTF-8 text"),
        (b"a: 1\nb: \x00\n", 2, "a character that YAML does not allow"),
        (b"a: 1\nb: [1,\n", 3, "not valid YAML"),
        (b"a:\n  b: 1\n c: 2\n", 3, "not valid YAML"),
        (b"a: *nowhere\n", 1, "undefined alias"),
        (b"a: {<<: 3}\n", 1, "`<<` must name a mapping"),
        (b"x: 1\na: 2020-13-45\n", 2, "a day that does not exist"),
        (b"a: !secret x\n", 1, "unknown tag"),
        (b"a: &a {b: *a}\n", 1, "an anchor contains itself"),
        (b"a: 1\n---\nb: 2\n", 2, "another document"),
        (b"a: " + b"[" * 1200 + b"\n", 1, "nested too deeply"),
    ],
)
def test_gives_the_line_of(content: bytes, line: int, says: str) -> None:
    (mistake,) = read_yaml("a.yml", content).mistakes
    assert (mistake.line, mistake.file) == (line, "a.yml")
    assert says in mistake.message


def test_ends_with_anchors_that_multiply_each_other() -> None:
    layers = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 10))
    assert "nested too deeply" in read_yaml("a.yml", f"l0: &l0 [1]\n{layers}\n".encode()).mistakes[0].message


def test_ends_with_merges_that_multiply_each_other() -> None:
    layers = "\n".join(f"m{n}: &m{n} {{<<: [{', '.join([f'*m{n - 1}'] * 10)}], k{n}: {n}}}" for n in range(1, 30))
    source = read_yaml("a.yml", f"m0: &m0 {{k0: 0}}\n{layers}\n".encode())
    assert source.value["m29"] == {f"k{n}": n for n in range(30)}


def test_reads_over_what_a_merged_mapping_merges_and_is_none() -> None:
    source = read_yaml("a.yml", b"x: &x {<<: hello, k: 1}\ny: {<<: *x}\n")
    assert [mistake.message for mistake in source.mistakes] == ["`<<` must name a mapping"]
    assert source.value["y"] == {"k": 1}


def test_keeps_types_of_yaml_1_2() -> None:
    source = read_yaml("a.yml", b"a: yes\nb: true\nc: 010\nd: 2018-01-12\ne: 1.5\nf:\n1: one\n")
    assert source.value == {"a": "yes", "b": True, "c": 10, "d": datetime.date(2018, 1, 12), "e": 1.5, "f": None, "1": "one"}


def test_lets_own_keys_win_over_merged_ones() -> None:
    source = read_yaml("a.yml", b"x: &x {k: 1, l: 2}\ny: &y {l: 3, m: 4}\nz:\n  <<: [*x, *y]\n  k: 5\n")
    assert source.value["z"] == {"k": 5, "l": 2, "m": 4}
    assert source.line(("z", "m")) == 2


def test_merges_what_a_merged_mapping_merges() -> None:
    assert read_yaml("a.yml", b"x: &x {k: 1}\ny: &y {<<: *x, l: 2}\nz: {<<: *y}\n").value["z"] == {"l": 2, "k": 1}


def test_gives_the_line_of_the_nearest_path_above() -> None:
    assert read_yaml("a.yml", b"a:\n  b: 1\n").line(("a", "b", "c", 0)) == 2


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_never_fails_on_any_bytes(content: bytes) -> None:
    source = read_yaml("a.yml", content)
    assert source.mistakes or source.value or source.value == {}


@settings(deadline=None)
@given(st.text(alphabet="ab:- {}[]&*<!\"'#\n\t|>?,1", max_size=80))
def test_never_fails_on_text_that_looks_like_yaml(text: str) -> None:
    source = read_yaml("a.yml", text.encode())
    assert isinstance(source.value, dict)
