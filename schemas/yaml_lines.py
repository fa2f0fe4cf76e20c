"""YAML files as plain values, with the line on which each key and each value stands.

A mistake in a contract must be reported with its line, so the node tree is walked here instead of being loaded blindly.
Merge keys (`<<`) and anchors work; a merged key keeps the line where it was written. YAML 1.2: `yes` and `no` are text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from schemas.core.errors import Mistake
from schemas.core.text_file import decoded

MERGE = "<<"
TEXT = "tag:yaml.org,2002:str"
HARD_BLANK = re.compile(r"(^ *|: *)\u00a0")  # where YAML wants blanks, it takes the blank at which no line breaks for a letter
MOST_VALUES = 30_000  # a contract has hundreds; anchors that multiply each other would never end
Path = tuple[str | int, ...]


@dataclass
class Source:
    """One YAML file: its values (lists as tuples, keys as text), the line of each path, its mistakes so far."""

    file: str
    value: dict[str, Any] = field(default_factory=dict)
    lines: dict[Path, int] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    broken: set[Path] = field(default_factory=set)  # reported and replaced: nothing more is said about them
    muted: set[Path] = field(default_factory=set)  # nothing more is said about what lies below them: a part of it stands in for another
    is_expanded: bool = False  # its repeats were written out: what is wrong with one copy is wrong with all of them

    def line(self, path: Path) -> int:
        """Line of that path, or of the nearest path above it."""
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path, 1)

    def report(self, path: Path, message: str, hint: str = "") -> None:
        """Note one mistake at that path, unless the path was found broken before."""
        if (
            path in self.broken
            or any(path[: len(above)] == above for above in self.muted)
            or (self.is_expanded and self._is_told(self.line(path), message))
        ):
            return
        self.mistakes.append(Mistake(self.file, self.line(path), message, hint))

    def _is_told(self, line: int, message: str) -> bool:
        """Whether the same was said of that line, but for the numbers in it."""
        told = re.sub(r"\d+", "", message)
        return any(mistake.line == line and re.sub(r"\d+", "", mistake.message) == told for mistake in self.mistakes)


def read_yaml(file: str, content: bytes) -> Source:
    """The values of one YAML file; what is wrong with the file itself stands in `mistakes`.

    `file` is the name to report. A file that cannot be parsed has an empty value and one mistake.
    """
    source = Source(file)
    text = _decoded(source, content)
    root = None if text is None else _composed(source, text)
    if source.mistakes:
        return source
    if root is None:
        source.report((), "the file is empty")
    elif not isinstance(root, MappingNode):
        source.report((), "the file must be a mapping of keys to values", "write `key: value` lines at the top")
    else:
        _walk(source, root)
    return source


def _walk(source: Source, root: MappingNode) -> None:
    try:
        source.value = _mapping(source, root, ())
    except RecursionError:
        source.mistakes.append(Mistake(source.file, 1, "the file is nested too deeply, or an anchor contains itself"))


def _decoded(source: Source, content: bytes) -> str | None:
    text, mistakes = decoded(content, source.file)
    source.mistakes += mistakes
    return text


def _composed(source: Source, text: str) -> Node | None:
    try:
        return _nodes(text)
    except RecursionError:
        source.mistakes.append(Mistake(source.file, 1, "the file is nested too deeply"))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        source.mistakes.append(Mistake(source.file, _line_of(mark), *_explained(text, mark, error.problem or "not valid YAML")))
    except YAMLError as error:  # a control character: no mark, but a position in the text
        position = getattr(error, "position", 0)
        source.mistakes.append(Mistake(source.file, text[:position].count("\n") + 1, "a character that YAML does not allow"))
    return None


@lru_cache(maxsize=64)
def _nodes(text: str) -> Node | None:
    """The nodes of a text, kept: who runs a project many times in one process (`selfcheck`, tests) reads the same files each time."""
    root: Node | None = YAML(typ="safe", pure=True).compose(StringIO(text))
    return root


def _line_of(mark: Any) -> int:
    return int(mark.line) + 1 if mark else 1


def _explained(text: str, mark: Any, problem: str) -> tuple[str, str]:
    """Message and hint: a tab is named as such, because YAML's own words do not help."""
    lines = text.splitlines()
    line = lines[mark.line] if mark and mark.line < len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())] or "'\\t'" in problem:
        return "a tab where YAML wants blanks", "indent with blanks"
    # the parser stumbles over such a blank behind a colon only in the line that follows
    if mark and any(HARD_BLANK.search(one) for one in lines[max(mark.line - 1, 0) : mark.line + 1]):
        return "a blank that YAML takes for a letter", "it came with a copied text: delete it and type it anew"
    return f"not valid YAML: {problem}", ""


def _value(source: Source, node: Node, path: Path) -> Any:
    source.lines.setdefault(path, _line_of(node.start_mark))
    if len(source.lines) > MOST_VALUES:
        raise RecursionError
    if isinstance(node, MappingNode):
        return _mapping(source, node, path)
    if isinstance(node, SequenceNode):
        return tuple(_value(source, child, (*path, number)) for number, child in enumerate(node.value))
    return _scalar(source, node, path)


def _scalar(source: Source, node: Node, path: Path) -> Any:
    if str(node.tag) == TEXT:
        return node.value
    try:
        return _constructor().construct_document(node)
    except (YAMLError, ValueError):
        source.report(path, "not a value that can be read (a day that does not exist, or an unknown tag)")
        return None


@cache
def _constructor() -> Any:
    """Turns single scalar nodes into values; it keeps nothing from one node to the next."""
    return YAML(typ="safe", pure=True).constructor


def _mapping(source: Source, node: MappingNode, path: Path) -> dict[str, Any]:
    """The mapping with its merges resolved: its own keys win, then the first merged mapping that has the key."""
    seen: set[str] = set()
    values: dict[str, Any] = {}
    merged: list[MappingNode] = []
    source.lines.setdefault(path, _line_of(node.start_mark))
    for key, child in node.value:
        if _is_merge(key):
            merged += _merged(source, child, path)
            continue
        name = key.value if isinstance(key, ScalarNode) else "?"
        here = (*path, name)
        if name in seen:
            source.mistakes.append(Mistake(source.file, _line_of(key.start_mark), f"the key '{name}' is given twice"))
            continue
        seen.add(name)
        source.lines[here] = _line_of(key.start_mark)
        values[name] = _value(source, child, here)
    for name, key, child in _inherited(merged, seen):
        source.lines[(*path, name)] = _line_of(key.start_mark)
        values[name] = _value(source, child, (*path, name))
    return values


def _is_merge(key: Node) -> bool:
    return isinstance(key, ScalarNode) and key.value == MERGE and key.style is None


def _merged(source: Source, node: Node, path: Path) -> list[MappingNode]:
    children = node.value if isinstance(node, SequenceNode) else [node]
    if all(isinstance(child, MappingNode) for child in children):
        return list(children)
    source.report(path, "`<<` must name a mapping")
    return []


def _inherited(merged: list[MappingNode], own: set[str]) -> Iterator[tuple[str, Node, Node]]:
    """Keys of merged mappings (and of what those merge in turn) that were not given before."""
    yield from _unseen(merged, own, set())


def _unseen(merged: list[MappingNode], own: set[str], walked: set[int]) -> Iterator[tuple[str, Node, Node]]:
    """A mapping that was walked before has no further key: anchors that merge each other ten times over would never end."""
    for mapping in merged:
        if id(mapping) in walked:
            continue
        walked.add(id(mapping))
        deeper: list[MappingNode] = []
        for key, child in mapping.value:
            if _is_merge(key):
                named = child.value if isinstance(child, SequenceNode) else [child]
                deeper += [node for node in named if isinstance(node, MappingNode)]  # what is none was reported where it stands
            elif isinstance(key, ScalarNode) and key.value not in own:
                own.add(key.value)
                yield key.value, key, child
        yield from _unseen(deeper, own, walked)
