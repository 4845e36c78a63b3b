"""A trained screener in a folder: screener.skops, card.json, card.md. Nothing of a file is built before it is checked.

skops (https://skops.readthedocs.io) keeps arrays and plain values without pickle. Ours hold nothing else:
the vocabulary is text, weights are arrays, and the classes that use them are this package's, chosen by the name in the
file. So the allowed types are few, and every node of a file is held against them before skops builds any.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import skops.io

from ivigil.errors import ModelMismatch, ScreenerError
from ivigil.screening.base import Screener, State
from ivigil.screening.card import Card
from ivigil.screening.criteria_ranker import CriteriaRanker
from ivigil.screening.elas import ElasU4
from ivigil.screening.encoders import Encoder
from ivigil.screening.fusion import FusionScreener

MODEL_FILE, CARD_FILE, CARD_PAGE = "screener.skops", "card.json", "card.md"

ALLOWED_TYPES = frozenset(
    {("builtins", name) for name in ("dict", "list", "str", "int", "float", "bool", "NoneType")}
    | {("numpy", "ndarray")}
)
"""(module, class) of everything a screener's file may hold."""
ALLOWED_NODES = frozenset({"DictNode", "ListNode", "JsonNode", "NdArrayNode", "TypeNode"})
"""skops node kinds that hold values, and the one that names the type of a dictionary's keys."""

RESTORE: dict[str, Callable[[State, Encoder | None], Screener]] = {
    ElasU4.name: lambda state, _encoder: ElasU4.from_state(state),
    CriteriaRanker.name: CriteriaRanker.from_state,
    FusionScreener.name: FusionScreener.from_state,
}


def save(screener: Screener, folder: Path, card: Card) -> Card:
    """Write the model file and its card into `folder` (made if absent); the card returned holds the file's hash.

    Raises:
        ScreenerError: the screener is not trained, or the folder already holds a model.
    """
    model = folder / MODEL_FILE
    if model.exists():
        raise ScreenerError(f"{model} is already there: a model is never overwritten", hint="save to a new version")
    content = skops.io.dumps(
        {"screener": screener.name, "state": screener.state()}, compression=zipfile.ZIP_DEFLATED, compresslevel=6
    )
    sealed = card.sealed(hashlib.sha256(content).hexdigest(), screener.describe())
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CARD_FILE).write_text(sealed.to_json(), encoding="utf-8")
    (folder / CARD_PAGE).write_text(sealed.to_markdown(), encoding="utf-8")
    model.write_bytes(content)  # last, so that a folder with a model is whole
    return sealed


def read_card(folder: Path) -> Card:
    """The card of a saved screener.

    Raises:
        ModelMismatch: there is none, or it is not a card.
    """
    path = folder / CARD_FILE
    try:
        return Card.from_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelMismatch(f"{path}: not a readable card: {error}") from error


def load(folder: Path, encoder: Encoder | None = None) -> Screener:
    """The screener saved in `folder`.

    Args:
        folder: as given to `save`.
        encoder: the sentence encoder to use; must be the one it was trained with, if it was trained with one.

    Raises:
        ModelMismatch: hash and card disagree, the file holds a type that is not allowed, or the encoder is another.
    """
    card = read_card(folder)
    path = folder / MODEL_FILE
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelMismatch(f"{path}: cannot be read: {error}") from error
    found = hashlib.sha256(content).hexdigest()
    if found != card.sha256:
        raise ModelMismatch(
            f"{path}: SHA-256 is {found}, its card says {card.sha256}",
            hint="the file was changed after training: restore it, roll back, or retrain",
        )
    _refuse_foreign_types(path, content)
    held = skops.io.loads(content, trusted=[])
    return _restored(path, held, encoder)


def _restored(path: Path, held: Any, encoder: Encoder | None) -> Screener:
    if not isinstance(held, dict) or set(held) != {"screener", "state"} or held["screener"] not in RESTORE:
        raise ModelMismatch(f"{path}: holds no screener this version knows")
    try:
        return RESTORE[held["screener"]](held["state"], encoder)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelMismatch(
            f"{path}: was made by another version of the package: {error!r}",
            hint="run ivigil retrain: it trains one of this version on the same labels and decisions",
        ) from error


def _refuse_foreign_types(path: Path, content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            schema = json.loads(archive.read("schema.json"))
        untrusted = skops.io.get_untrusted_types(data=content)
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise ModelMismatch(f"{path}: not a skops file: {error}") from error
    foreign = sorted(
        {f"{module}.{name} ({node})" for module, name, node in _nodes(schema) if not _allowed(module, name, node)}
    )
    if untrusted or foreign:
        raise ModelMismatch(
            f"{path}: holds what a screener may not hold: {', '.join([*untrusted, *foreign][:5])}",
            hint="do not use this file; retrain",
        )


def _allowed(module: str, name: str, node: str) -> bool:
    return (module, name) in ALLOWED_TYPES and node in ALLOWED_NODES and (node != "TypeNode" or name == "str")


def _nodes(value: Any) -> Iterator[tuple[str, str, str]]:
    """(module, class, loader) of every node of a skops schema, however deep."""
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if "__loader__" in node or "__class__" in node or "__module__" in node:
                yield str(node.get("__module__")), str(node.get("__class__")), str(node.get("__loader__"))
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
