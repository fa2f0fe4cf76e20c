"""The elements of a NAACCR XML file as rows of items, piece by piece: which element stands where, and what cannot be there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from etl.readers.parsed import WHITE, unreadable

NAMESPACE = "http://naaccr.org/naaccrxml"
ROOT, PATIENT, TUMOUR, ITEM = "NaaccrData", "Patient", "Tumor", "Item"
# Which elements stand directly in which.
WITHIN = {PATIENT: (ROOT,), TUMOUR: (PATIENT,), ITEM: (ROOT, PATIENT, TUMOUR)}


@dataclass
class Items:
    """The items of one element by naaccrId; `is_torn` where one stands there twice with different texts."""

    line: int
    texts: dict[str, str] = field(default_factory=dict)
    is_torn: bool = False

    def put(self, item: str, text: str) -> None:
        """Add one item; a blank one says nothing."""
        if text:
            self.is_torn |= self.texts.setdefault(item, text) != text

    def over(self, above: Items) -> Items:
        """These items and those of the element above, as one row."""
        row = Items(self.line, dict(above.texts), self.is_torn or above.is_torn)
        for item, text in self.texts.items():
            row.put(item, text)
        return row


class Elements:
    """Takes the events of the parser; `rows` are those of the patients that are complete, until they are taken away.

    `seen` holds every naaccrId in the order of its first place, and whether the contract reads it, `numbers` each naaccrNum beside those
    that it reads. `not_data` counts the
    records that make no row of their own. `strange` names elements of other namespaces: extensions, which are left unread.
    """

    def __init__(self, name: str, reads: Callable[[str], bool], *, per_tumour: bool) -> None:
        self.name, self.reads, self.per_tumour = name, reads, per_tumour
        self.parser = expat.ParserCreate("utf-8", " ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._begins
        self.parser.EndElementHandler = self._ends
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.space = ""
        self.open: list[str] = []
        self.items: list[Items] = []
        self.tumours: list[Items] = []
        self.foreign = 0
        self.item, self.words = "", list[str]()
        self.root = Items(1)
        self.rows: list[Items] = []
        self.seen: dict[str, bool] = {}
        self.numbers: dict[str, set[str]] = {}
        self.strange: dict[str, None] = {}
        self.records = 0
        self.not_data: Counter[str] = Counter()
        self.is_whole = False

    def take(self, pieces: Iterator[bytes]) -> Iterator[None]:
        """Feed the parser; stops after each piece, so that rows can be taken away. Raises UnreadableError where it is no such file."""
        try:
            for piece in pieces:
                self.parser.Parse(piece, False)
                yield
            self.parser.Parse(b"", True)
        except expat.ExpatError as error:
            self._malformed(error)

    def _malformed(self, error: expat.ExpatError) -> NoReturn:
        """Expat's words are fixed ones, no text of the file."""
        if error.code == expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS] and not self.open:
            unreadable("empty", self.name, None, "the file holds no element")
        cut = (expat.errors.XML_ERROR_NO_ELEMENTS, expat.errors.XML_ERROR_UNCLOSED_TOKEN, expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION)
        if not self.is_whole and error.code in [expat.errors.codes[word] for word in (*cut, expat.errors.XML_ERROR_PARTIAL_CHAR)]:
            unreadable("truncated", self.name, error.lineno, "the file ends within an element: it is cut off")
        unreadable("malformed", self.name, error.lineno, f"is not well-formed XML ({expat.ErrorString(error.code)})")

    def _refuse(self, says: str, reason: str = "not_naaccr", *, lines_above: int = 0) -> NoReturn:
        unreadable(reason, self.name, self.parser.CurrentLineNumber - lines_above, says)

    def _doctype(self, *_: object) -> None:
        self._refuse("declares a document type (DTD): such a file is not read, since it could expand without end or reach out", "dtd")

    def _begins(self, tag: str, attributes: dict[str, str]) -> None:
        space, _, element = tag.rpartition(" ")
        if not self.open:
            self._root(space, element)
        elif self.foreign or space != self.space:
            self._strange(space, element)
            return
        elif self.open[-1] not in WITHIN.get(element, ()):
            self._refuse("an element stands where NAACCR XML has none of its kind")
        self.open.append(element)
        if element == ITEM:
            self._item(attributes)
            return
        self.items.append(Items(self.parser.CurrentLineNumber))
        self.records += element in (PATIENT, TUMOUR)

    def _root(self, space: str, element: str) -> None:
        if element != ROOT or space not in (NAMESPACE, ""):
            self._refuse(f"is no NAACCR XML: its first element is not {ROOT} of the namespace {NAMESPACE}")
        self.space = space

    def _strange(self, space: str, element: str) -> None:
        """An extension: passed over with all it holds, unless records would be lost with it."""
        if space in (self.space, NAMESPACE, "") or self.open[-1] == ITEM:
            self._refuse("an element is not of the namespace of NAACCR XML or stands within one that is not")
        if not self.foreign:
            self.strange.setdefault(element)
        self.foreign += 1

    def _item(self, attributes: dict[str, str]) -> None:
        number = attributes.get("naaccrNum", "").strip(WHITE)
        self.item = attributes.get("naaccrId", "").strip(WHITE) or number
        if not self.item:
            self._refuse("an Item has neither naaccrId nor naaccrNum")
        self.words = []
        if (self.per_tumour or self.open[-2] != TUMOUR) and self.item not in self.seen:
            self.seen[self.item] = self.reads(self.item)
        if number and number != self.item and self.seen.get(self.item):
            self.numbers.setdefault(self.item, set()).add(number.lstrip("0"))

    def _text(self, words: str) -> None:
        if self.open and self.open[-1] == ITEM:
            self.words.append(words)
        elif not self.foreign and words.strip(WHITE):
            # The parser has gone on to what follows the text.
            self._refuse("text stands outside an Item", lines_above=words.lstrip(WHITE).count("\n"))

    def _ends(self, _: str) -> None:
        if self.foreign:
            self.foreign -= 1
            return
        element = self.open.pop()
        if element == ITEM:
            if self.seen.get(self.item):
                self.items[-1].put(self.item, "".join(self.words).strip(WHITE))
        elif element == TUMOUR:
            self.tumours.append(self.items.pop())
        elif element == PATIENT:
            self._patient(self.items.pop())
        else:
            self.root, self.is_whole = self.items.pop(), True

    def _patient(self, patient: Items) -> None:
        """One row per tumour with the items of the patient, or one of the patient alone."""
        tumours, self.tumours = self.tumours, []
        if self.per_tumour and tumours:
            self.not_data["patient"] += 1
            self.rows += [tumour.over(patient) for tumour in tumours]
        else:
            self.not_data["tumour"] += len(tumours)
            self.rows.append(patient)
