"""A table as a page: read with the keyboard, by a screen reader, and on paper."""

from __future__ import annotations

from warehouse.tables import PAGE


def test_a_wide_table_is_scrolled_with_the_keyboard_and_whole_on_paper() -> None:
    """With seven columns and more the last arms were cut off on A4: the library's own frame scrolled, on paper too."""
    on_screen, _, on_paper = PAGE.partition("@media print")
    assert ".scroll > div {{ overflow: visible !important; }}" in on_screen and ".scroll {{ overflow: visible; }}" in on_paper
    assert '<div class="scroll" tabindex="0" role="region" aria-label="{title}">' in on_paper
