"""Whether a workbook (.xlsx, a zip file of parts) can be opened without filling the memory."""

from __future__ import annotations

import io
import zipfile

MOST_UNPACKED, MOST_TIMES = 1 << 28, 200  # a sheet of equal rows packs to a hundredth


def is_blown_up(content: bytes) -> bool:
    """Whether the parts of a workbook unpack to far more than a workbook's do: then it would fill the memory."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            unpacked, packed = sum(part.file_size for part in parts.infolist()), sum(part.compress_size for part in parts.infolist())
    except (zipfile.BadZipFile, ValueError, RuntimeError):
        return False
    return unpacked > MOST_UNPACKED and unpacked > MOST_TIMES * packed
