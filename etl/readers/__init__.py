"""Readers: one landed file becomes rows of text, every physical line accounted for (DESIGN 4)."""

from etl.readers.table import RawTable, read, some_rows

__all__ = ["RawTable", "read", "some_rows"]
