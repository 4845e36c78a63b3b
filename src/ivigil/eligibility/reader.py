"""Which reader this is: what its readings are kept under, so that a changed one reads anew what it holds.

Nobody has to remember a number: the name is worked out from all that a reading comes from, the sources and learned
numbers of this package and the plain data it reads. It is taken when the package is imported, so that a process that
outlives an upgrade signs with the reader that it runs and not with the one that lies on the disk by then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable

READS = ("eligibility", "pretrained", "criteria.py", "records.py")
"""The parts of ivigil that a reading comes from."""


def reader_name(root: Traversable) -> str:
    """SHA-256 (hex) over the names and contents of every file that a reading comes from, below ivigil's folder."""
    digest = hashlib.sha256()
    for part in READS:
        for name, content in _files(root.joinpath(part), part):
            digest.update(f"{name}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()


def _files(at: Traversable, name: str) -> Iterator[tuple[str, bytes]]:
    if at.is_file():
        yield name, at.read_bytes()
        return
    for item in sorted(at.iterdir(), key=lambda one: one.name):
        if item.name != "__pycache__":
            yield from _files(item, f"{name}/{item.name}")


READER = reader_name(resources.files("ivigil"))
"""The reader that this process runs."""
