"""Runs one linking method on one set in a process of its own: `python -m ivigil.linking.measuring METHOD SET OUTCOME`.

The process imports what linking needs and no more, so that its peak memory is the method's and not the command line's.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from ivigil.linking.benchmark import METHODS, read_set


def measure(method: str, folder: Path) -> dict[str, object]:
    """Clusters, seconds (reading the set apart) and this process's peak memory in MB."""
    labelled = read_set(folder)
    start = time.perf_counter()
    found = METHODS[method](labelled)
    return {"clusters": found, "seconds": time.perf_counter() - start, "peak_memory_mb": peak_memory_mb()}


def peak_memory_mb() -> float:
    """Peak memory of this process in MB."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage keeps the parent's peak across a fork on Linux
        line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    Path(sys.argv[3]).write_text(json.dumps(measure(sys.argv[1], Path(sys.argv[2]))), encoding="utf-8")
