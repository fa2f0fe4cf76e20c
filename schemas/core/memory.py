"""Whether an error says that there was no memory: libraries say so in errors of their own, and hand on those of others in theirs."""

from __future__ import annotations

# DuckDB tells a MemoryError of the table it is handed as an InvalidInputException; threads that no memory is left for are a RuntimeError.
SAYS = ("out of memory", "outofmemory", "memoryerror", "bad_alloc", "bad allocation", "cannot allocate memory", "failed to map segment")
NO_THREAD = "can't start new thread"
LIBRARIES = ("duckdb", "_duckdb", "polars", "pyarrow")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether there was no memory; its text is searched where a library wrote it, and never shown."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryException":
        return True
    text = str(error).lower()
    if isinstance(error, RuntimeError) and NO_THREAD in text:
        return True
    is_library = isinstance(error, (ImportError, OSError)) or type(error).__module__.split(".")[0] in LIBRARIES
    return is_library and any(words in text for words in SAYS)


def raise_out_of_memory(error: BaseException) -> None:
    """MemoryError, without the words of the error, where it says that there was no memory; else nothing."""
    if is_out_of_memory(error):
        raise MemoryError from None
