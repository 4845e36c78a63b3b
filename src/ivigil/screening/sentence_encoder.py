"""A sentence-transformers model from local files: weights checked, then loaded, each text encoded on its own.

Batches would be padded to their longest text, and padding moves the last bits of a vector, so a text's score would
depend on its company. One text at a time costs nothing on a CPU (measured on one core: 14 to 15 abstracts a second,
against 10 to 13 in batches) and makes a vector a function of its text alone. So does one thread: sums that are shared
out among threads are added up in another order, and a restart with another number of them would move a score.

Imported only where an encoder is asked for: torch takes seconds to load, and the lexical parts do without.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from huggingface_hub import snapshot_download
from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer

from ivigil.errors import ModelMismatch, ScreenerError
from ivigil.pretrained.adapter import Adapter
from ivigil.pretrained.packaged import checked_weights
from ivigil.pretrained.threads import one_thread

PRECISIONS = ("fp32", "bf16")
AGREEMENT = 0.9995
"""Cosine that bf16 vectors must keep to the fp32 ones, else fp32 stays."""
_PROBES = (
    "Randomised trial of an intravenous treatment in adults with a rare disease.",
    "A retrospective cohort of forty patients followed for two years after the first infusion of the drug.",
    "Sequencing of environmental samples.",
)


class SentenceEncoder:
    """A sentence-transformers model in a local folder, its weights in safetensors."""

    def __init__(
        self,
        name: str,
        folder: Path,
        *,
        expected_sha256: str | None = None,
        adapter: Path | None = None,
        precision: str | None = None,
    ) -> None:
        """Check the weights, then load them, then add what was learned on top.

        Args:
            name: as it is told in cards.
            folder: of the model's files.
            expected_sha256: of the weights, where they are known.
            adapter: file of the change that is added to the weights.
            precision: fp32 or bf16; None for what is faster here, as long as its vectors agree with fp32's. Any
                processor can do both, only not equally fast.

        Raises:
            ScreenerError: the folder holds no safetensors weights, or cannot be loaded.
            ModelMismatch: the weights are not the expected ones.
        """
        self.name = name
        self.sha256 = checked_weights(folder, name, expected_sha256)
        self._model = _load(folder)
        if adapter is not None:
            change = Adapter.read(adapter)
            change.add_to(self._model[0].auto_model)
            self.name = f"{name}+{change.sha256[:8]}"
        if precision not in (None, *PRECISIONS):
            raise ModelMismatch(f"{precision!r} is not a precision of {name}: {' or '.join(PRECISIONS)}")
        self.precision = precision or ("bf16" if _processor_gains_from_bf16() and self._bf16_agrees() else "fp32")
        if self.precision == "bf16":
            self._shorten_weights()

    @property
    def identity(self) -> str:
        """Name, adapter, weights, precision and length limit."""
        return f"{self.name}@{self.sha256[:16]}/{self.precision}/{self._model.max_seq_length}"

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, float32, shape (texts, dimension)."""
        return self._encode(texts, self.precision)

    def _encode(self, texts: Sequence[str], precision: str) -> NDArray[np.float32]:
        rows = np.empty((len(texts), self._model.get_embedding_dimension()), dtype=np.float32)
        with one_thread(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bf16"):
            for row, text in enumerate(texts):
                vector = self._model.encode(
                    [text], normalize_embeddings=True, convert_to_tensor=True, show_progress_bar=False
                )
                rows[row] = vector[0].float().numpy()
        return rows

    def _shorten_weights(self) -> None:
        """Once, to the same bits that autocast would make of them again for every text."""
        for module in self._model.modules():
            if isinstance(module, torch.nn.Linear):
                module.to(torch.bfloat16)

    def _bf16_agrees(self) -> bool:
        exact, short = (self._encode(_PROBES, precision) for precision in ("fp32", "bf16"))
        return bool(np.min(np.sum(exact * short, axis=1)) >= AGREEMENT)


def local_snapshot(name: str) -> Path:
    """Folder of a model that is already in the local Hugging Face cache.

    Raises:
        ScreenerError: it is not there; nothing is downloaded.
    """
    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError) as error:
        raise ScreenerError(
            f"{name} is neither a folder nor a model held on this machine",
            hint="IVIGIL_EMBEDDING_MODEL takes a folder, or a name whose files are already in the local model cache",
        ) from error


def _load(folder: Path) -> Any:
    try:
        return SentenceTransformer(
            str(folder), device="cpu", local_files_only=True, model_kwargs={"use_safetensors": True}
        )
    except (OSError, ValueError) as error:
        raise ScreenerError(f"{folder}: cannot be loaded as a sentence encoder: {error}") from error


def _processor_gains_from_bf16() -> bool:
    """True with AMX tiles; AVX-512 bf16 alone was measured slower than fp32 (9 against 14 abstracts a second)."""
    return bool(torch.cpu._is_amx_tile_supported())  # noqa: SLF001 - torch offers no public name for it
