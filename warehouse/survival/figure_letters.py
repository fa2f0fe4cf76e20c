"""Which words a figure can show: its font is bundled, so that the bytes are the same everywhere, and has no Chinese, Japanese, Korean …"""

from __future__ import annotations

from functools import cache
from pathlib import Path

# Latin, Greek and Cyrillic: all there, without a look at the font.
ALL_THERE = 0x0530
UNNAMED = "Labels with letters that the font of the figure has not stand by their names in the study: {}."


def drawable(label: str, name: str) -> str:
    """The label, or the name of the same thing in the study's file (plain letters) where the font lacks one of its letters.

    Boxes in the place of letters would make two arms look the same.
    """
    return label if all(ord(letter) < ALL_THERE or ord(letter) in _letters() for letter in label) else name


@cache
def _letters() -> frozenset[int]:
    import matplotlib as mpl  # noqa: PLC0415  # 1 s
    from matplotlib.ft2font import FT2Font  # noqa: PLC0415

    return frozenset(FT2Font(str(Path(mpl.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf"))).get_charmap())
