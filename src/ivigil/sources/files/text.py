"""Bytes of an export file to text with plain line ends, whatever wrote them."""

from __future__ import annotations

import codecs
import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path

from ivigil.errors import ImportError_

GZIP_MAGIC = b"\x1f\x8b"
ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = b"\xd0\xcf\x11\xe0"
UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
LARGEST = 2 * 1024**3  # bytes after unpacking; a PubMed baseline file is about 250 MB


@dataclass(frozen=True)
class Text:
    """Decoded text and what had to be assumed to decode it."""

    text: str
    notes: tuple[str, ...] = ()


def read_bytes(path: Path) -> bytes:
    """The file's bytes, unpacked where it is gzip; raises `ImportError_` where it cannot be read or is empty."""
    try:
        data = path.read_bytes()
        if data.startswith(GZIP_MAGIC):
            with gzip.open(path) as packed:
                data = packed.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ImportError_(f"cannot be read: {error}", file=path) from error
    if len(data) > LARGEST:
        raise ImportError_("unpacks to more than 2 GiB", file=path, hint="split the export into smaller files")
    if not data.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        raise ImportError_("is empty", file=path, hint="export it again")
    return data


def decode(data: bytes) -> Text:
    """Text with plain newlines and without byte-order marks.

    UTF-16 is told by its mark or its NUL bytes; what is not UTF-8 is read as Windows-1252, which older reference
    managers write, and a note says so.
    """
    text, notes = _decode(data)
    # A mark may stand inside a file too, where exports were joined end to end.
    text = text.replace("\ufeff", "").replace("\r\n", "\n").replace("\r", "\n")
    return Text(text, notes)


def _decode(data: bytes) -> tuple[str, tuple[str, ...]]:
    if data.startswith(UTF16_MARKS):
        return data.decode("utf-16", errors="replace"), ()
    head = data[:2000]
    if head.count(0) > len(head) // 4:
        codec = "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
        return data.decode(codec, errors="replace"), (f"read as {codec}: the file has no byte-order mark",)
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        try:
            text = data.decode("cp1252")
        except UnicodeDecodeError:
            text = data.decode("latin-1")
        return text, (f"read as Windows-1252: line {line} is not UTF-8",)
