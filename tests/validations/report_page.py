"""The page of a report as tests read it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from validations.report import ReportInput, write

VOID = {"meta", "link", "br", "wbr"}


class Page(HTMLParser):
    """Elements of a page with their attributes, its text, and any tag that does not close."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.unbalanced: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self.unbalanced.append(tag)

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.words))


def rendered(tmp_path: Path, data: ReportInput) -> Page:
    write(tmp_path / "share" / "index.html", data)
    return Page((tmp_path / "share" / "index.html").read_text(encoding="utf-8"))
