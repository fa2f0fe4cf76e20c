"""A treatment cell while it is read: its components, and what still waits for the next word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from etl.normalise.treatment_tokens import NotUnderstoodError
from etl.normalise.treatment_words import SURGERY, Course, Lexicon, Value, Word

MOST_CYCLES = 99
NO_TREATMENT = "any"  # what a No means in a column of treatments of any kind


@dataclass(frozen=True)
class Context:
    """What the contract says of one field: its modality and setting, what each mark means, and which courses its notation names."""

    modality: str | None
    setting: str | None
    marks: Mapping[str, Mapping[str, Value]]
    courses: tuple[Course, ...] = ()


@dataclass
class Component:
    """One component while its cell is read."""

    values: dict[str, Value | None]
    name: str = ""  # drug or regimen code, by which courses know it
    abbreviation: str = ""  # still to be settled
    bracket: str | None = None  # the drug named behind an abbreviation
    joined: str = ""  # the separator before it
    between: str = ""  # its text
    text: str = ""  # the word it is named by
    counted: bool = False
    counted_before: bool = False  # by a count in front of it: 4 x epirubicin/cyclophosphamide
    is_boosted: bool = False  # what follows is of its boost
    has_no_boost: bool = False  # it says so: 50+0 Gy
    needs_boost: bool = False  # two doses with a comma between them: only the word says that the second is the boost
    needs_dose: bool = False  # a second volume behind a plus is a radiation of its own only with a dose of its own
    planned: int | None = None  # where fewer were given: T x12 stopped after 9 is still the T of twelve

    @property
    def is_slashed(self) -> bool:
        """Whether the separator before it is a slash."""
        return self.joined == "joined" and self.between == "/"

    @property
    def course_cycles(self) -> Value | None:
        """The count by which abbreviations and courses are known."""
        return self.planned or self.values.get("cycles")

    @property
    def modality(self) -> Value | None:
        """Kind of treatment."""
        return self.values["modality_code"]


@dataclass
class Reading:
    """The state of one cell: components so far, marks met, and what still waits for the next word."""

    context: Context
    lexicon: Lexicon
    components: list[Component] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    setting: str | None = None
    intent: str | None = None
    closed: bool = False  # No, Yes, a setting and an intent at the end stand for the whole cell
    waiting_count: int | None = None
    is_bare_count: bool = False  # that count is a number alone (3 weekly docetaxel), without x or a word for cycles
    waiting_days: int | None = None
    undecided_days: int | None = None  # `weekly` between two names
    waiting_boost: bool = False
    is_tablet: bool = False  # the cell begins with T.
    separator: str | None = "start"  # None just after a component
    between: str = ""  # the text of the last separator

    @property
    def last(self) -> Component:
        """The component that what follows belongs to."""
        if not self.components or self.separator is not None:
            raise NotUnderstoodError("something that belongs to nothing")
        return self.components[-1]

    @property
    def before(self) -> Component | None:
        """The component directly before what follows; None at the start of the cell and behind a separator."""
        return self.components[-1] if self.components and self.separator is None else None

    @property
    def is_behind_operation(self) -> bool:
        """Whether what follows stands directly behind an operation."""
        return self.before is not None and self.before.modality == SURGERY

    @property
    def is_behind_slash(self) -> bool:
        """Whether only a slash stands between what follows and the component before it."""
        return bool(self.components) and self.separator == "joined" and self.between == "/"

    @property
    def last_of_all(self) -> Component:
        """The same for what may stand behind a separator: 50Gy; 4 fields, FEC x6, stopped."""
        if self.components and self.separator != "start":
            self.separator = None
        return self.last

    def add(self, component: Component) -> None:
        """A component begins; what waited for it is settled."""
        if self.closed:
            raise NotUnderstoodError("something beside what stands for the whole cell")
        if self.undecided_days is not None:
            raise NotUnderstoodError("a pace that may belong to either side")
        component.joined, component.between = self.separator or "", self.between if self.separator else ""
        self.components.append(component)
        self.separator = None
        if self.waiting_count is not None:
            set_cycles(self, self.waiting_count)
            component.counted_before = True
        if self.waiting_days is not None:
            set_days(self, self.waiting_days)
        self.waiting_count = self.waiting_days = None


def settle_pace(reading: Reading) -> None:
    """`Taxol weekly x12`: no name follows, so the pace is of the name before it."""
    if reading.undecided_days is not None:
        days, reading.undecided_days = reading.undecided_days, None
        set_days(reading, days)


def set_cycles(reading: Reading, cycles: int) -> None:
    """The count of the last component, once."""
    last = reading.last
    if last.counted or not (last.name or last.abbreviation) or last.modality in {"radiation", "hormonal", SURGERY}:
        raise NotUnderstoodError("a count without a drug")
    if not 1 <= cycles <= MOST_CYCLES:
        raise NotUnderstoodError("a count out of range")
    last.values["cycles"], last.counted = cycles, True


def set_days(reading: Reading, days: int) -> None:
    """The pace of the last component, once; the same said twice is fine."""
    last = reading.last
    if not (last.name or last.abbreviation) or last.modality == SURGERY or last.values.setdefault("interval_days", days) != days:
        raise NotUnderstoodError("a pace that does not fit")


def is_again(reading: Reading, word: Word) -> bool:
    """`Arimidex/anastrozole`: one drug by both its names, of which nothing else is said yet."""
    if not reading.is_behind_slash:
        return False
    last, drug = reading.components[-1], word.values.get("drug_code")
    said = last.counted or reading.waiting_count is not None or "duration_years" in last.values
    return drug is not None and last.values.get("drug_code") == drug and not said


def is_unnamed_radiation(before: Component | None) -> bool:
    """Whether it is a radiation that only its volume or dose has told of: the word behind it (`breast RT`, `50Gy RT`) is no second one."""
    return before is not None and before.modality == "radiation" and bool(before.values["is_given"]) and not before.text
