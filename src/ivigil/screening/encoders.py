"""Sentence encoders: which one a setting names, and the vectors already computed."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ivigil.errors import ModelMismatch
from ivigil.pretrained.packaged import DEFAULT_MODEL, DEFAULT_WEIGHTS, NO_MODEL, packaged_folder
from ivigil.screening.base import trained
from ivigil.screening.learned import adapter_file

log = logging.getLogger(__name__)


class Encoder(Protocol):
    """Turns texts into unit vectors; `identity` names model, weights, precision and length limit."""

    @property
    def identity(self) -> str:
        """Equal exactly when two encoders give the same vectors."""
        ...

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, one row a text; a row depends on its own text only."""
        ...


class CachedEncoder:
    """Keeps the vectors of an encoder in a folder, by content hash and model; one new file a call that adds any."""

    def __init__(self, encoder: Encoder, folder: Path) -> None:
        self._encoder = encoder
        self._folder = folder / hashlib.sha256(encoder.identity.encode()).hexdigest()[:16]
        self._held: dict[str, NDArray[np.float32]] = {}
        for shard in sorted(self._folder.glob("*.npz")):
            with np.load(shard, allow_pickle=False) as arrays:
                self._held.update(zip(arrays["keys"].tolist(), arrays["vectors"], strict=True))

    @property
    def identity(self) -> str:
        """The inner encoder's."""
        return self._encoder.identity

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Held vectors from the cache, the others encoded and kept, a shard every 512 texts."""
        keys = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
        wanted = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._held}
        missing = list(wanted)
        for start in range(0, len(missing), 512):
            self._add({key: wanted[key] for key in missing[start : start + 512]})
            log.info("encoded %d of %d new texts", min(start + 512, len(missing)), len(missing))
        if not keys:
            return self._encoder.encode(())
        return np.stack([self._held[key] for key in keys])

    def _add(self, texts: dict[str, str]) -> None:
        vectors = self._encoder.encode(list(texts.values()))
        self._folder.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256("".join(texts).encode()).hexdigest()[:32]
        half_written = self._folder / f"{name}.part"
        with half_written.open("wb") as file:
            np.savez(file, keys=np.array(list(texts)), vectors=vectors)
        half_written.replace(self._folder / f"{name}.npz")  # a reader never sees half a file
        self._held.update(zip(texts, vectors, strict=True))


class DeferredEncoder:
    """An encoder of a known identity that is loaded when a text must be encoded; with held vectors it never is."""

    def __init__(self, identity: str, make: Callable[[], Encoder]) -> None:
        self.identity = identity
        self._make = make
        self._made: Encoder | None = None

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of the encoder that was promised.

        Raises:
            ModelMismatch: what is loaded is another.
        """
        if self._made is None:
            self._made = same_encoder(self.identity, self._make())
        return trained(self._made).encode(texts)


def load_encoder(
    model: str | None = None, *, cache: Path | None = None, like: str | None = None, adapter: Path | None = None
) -> Encoder | None:
    """The encoder a setting names: the pinned package's by default, a folder, or a model already on this machine.

    The default one is adapted to screening by what was learned on public reviews; another is taken as it is.

    Args:
        model: None for the default, "none" for no encoder, a folder, or a Hugging Face name; nothing is downloaded.
        cache: folder for computed vectors; without one they are computed anew each time.
        like: identity of the encoder that a screener was trained with. Its precision is kept, whatever this processor
            does faster, so that a screener can move between machines, and so are weights without an adapter, so that
            it outlives one; it is loaded when the first text needs it.
        adapter: file of what is added to the default model's weights; None for the one that ships.

    Raises:
        ScreenerError: the model is not on this machine or has no safetensors weights.
        ModelMismatch: the pinned package does not hold the published weights, or it is not the one asked for.
    """
    if model == NO_MODEL:
        return None
    adapter = adapter or adapter_file()
    if like is not None:
        kept = adapter if _is_adapted(like) else None
        encoder: Encoder = DeferredEncoder(like, lambda: _sentence_encoder(model, precision_of(like), kept))
    else:
        encoder = _sentence_encoder(model, None, adapter)
    return CachedEncoder(encoder, cache) if cache is not None else encoder


def precision_of(identity: str) -> str:
    """The precision that an encoder's identity names: name@weights/precision/length."""
    return (["", *identity.rsplit("/", 2)])[-2]


def _is_adapted(identity: str) -> bool:
    """Whether an encoder's identity names an adapter: name+adapter@weights/precision/length."""
    return "+" in identity.partition("@")[0]


def _sentence_encoder(model: str | None, precision: str | None, adapter: Path | None) -> Encoder:
    # torch and its company take seconds to load, and the lexical parts do without them
    from ivigil.screening.sentence_encoder import local_snapshot  # noqa: PLC0415

    if model is None or model == DEFAULT_MODEL:
        return _loaded(DEFAULT_MODEL, packaged_folder(), DEFAULT_WEIGHTS, adapter, precision)
    folder = Path(model) if Path(model).is_dir() else local_snapshot(model)
    return _loaded(folder.name if Path(model).is_dir() else model, folder, None, None, precision)


@lru_cache(maxsize=2)
def _loaded(
    name: str, folder: Path, expected_sha256: str | None, adapter: Path | None, precision: str | None
) -> Encoder:
    """One model a process, not one a screener."""
    from ivigil.screening.sentence_encoder import SentenceEncoder  # noqa: PLC0415

    return SentenceEncoder(name, folder, expected_sha256=expected_sha256, adapter=adapter, precision=precision)


def same_encoder(identity: str | None, encoder: Encoder | None) -> Encoder | None:
    """The encoder, if it is the one a screener was trained with; None for a screener that uses none.

    Raises:
        ModelMismatch: another encoder, or none, would score on another scale.
    """
    if identity is None:
        return None
    if encoder is None or encoder.identity != identity:
        held = encoder.identity if encoder is not None else "none"
        raise ModelMismatch(
            f"the screener was trained with encoder {identity}, here is {held}",
            hint="set IVIGIL_EMBEDDING_MODEL to the encoder it was trained with, or retrain",
        )
    return encoder
