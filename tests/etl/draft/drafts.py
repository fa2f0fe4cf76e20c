"""Exports written into a project, and the drafts made of them."""

from __future__ import annotations

from pathlib import Path

from etl.draft.drafting import drafted, place_of

WARD = """\
Pat-Nr;Geburtsdatum;Diagnosedatum;Seite;TNM;Stadium;Knoten;Stage;ER;Letzter Kontakt;Wohlbefinden;Nodes
A1;13.02.1950;14.03.2009;links;pT1c pN0 M0;IA;x;red;positiv;20.01.2015;gut;0/12
A2;03.04.1951;05.06.2010;rechts;pT2 pN1 M0;IIB;x;blue;negativ;21.02.2016;gut;2/15
A3;25.06.1948;17.08.2011;links;pT1b pN0 M0;IA;x;green;positiv;22.03.2017;mittel;0/9
"""


def export(project: Path, text: str, name: str = "ward_2026-01.csv", encoding: str = "utf-8") -> Path:
    path = project / "exports" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding)
    return path


def draft_of(project: Path, text: str) -> str:
    [draft] = drafted([export(project, text)], place_of(project)).drafts
    return draft.text
