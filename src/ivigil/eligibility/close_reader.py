"""A second look at the number treated, where the words around the candidates leave it open.

`number_model` weighs what `mentions` can name of a sentence; a sentence encoder, adapted to this one question, reads
the whole record. Each is wrong where the other is not, so the two are heard equally. It knows no protocol's terms: the
candidates come from the rules. benchmarks/eligibility/learn_close_reader.py learns the change of the encoder's weights
and what stands on top.

Imported only where it is asked for: torch takes seconds to load, and most records never need it. It reads in single
precision and with one thread, so that a number depends on its text alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors.torch import load
from tokenizers import Encoding, Tokenizer
from transformers import AutoModel
from transformers.utils.logging import disable_progress_bar

from ivigil.eligibility.candidate import Candidate
from ivigil.eligibility.close_net import CloseNet, Passages
from ivigil.pretrained.adapter import Adapter
from ivigil.pretrained.packaged import DEFAULT_MODEL, DEFAULT_WEIGHTS, checked_weights, packaged_folder
from ivigil.pretrained.threads import one_thread
from ivigil.records import Record

LEARNED = "close_reader.safetensors"
PARTS = ("head.", "bag.")
NAMES = "features"
"""Of the bag's rows, in order: one a line, as bytes."""
LONGEST = 512
_BEGIN, _END = 101, 102  # of a text, in the vocabulary of BERT


class CloseReader:
    """The encoder with what was learned, ready to score candidates."""

    def __init__(self, learned: Path | None = None) -> None:
        """Load the packaged encoder and what `learned` holds; None for what ships.

        Raises:
            ScreenerError: the encoder's package is not installed.
            ModelMismatch: it does not hold the published weights.
        """
        folder = packaged_folder()
        checked_weights(folder, DEFAULT_MODEL, DEFAULT_WEIGHTS)
        path = learned or Path(str(resources.files("ivigil.eligibility").joinpath(LEARNED)))
        self._tokens = make_tokenizer(folder)
        transformer = make_transformer(folder)
        Adapter.read(path).add_to(transformer)
        tensors = load(path.read_bytes())
        names = bytes(tensors[NAMES].tolist()).decode().split("\n")
        self._features = {name: place for place, name in enumerate(names)}
        self._net = CloseNet(transformer, len(names))
        for part in PARTS:
            held = {name.removeprefix(part): one.float() for name, one in tensors.items() if name.startswith(part)}
            self._net.get_submodule(part.removesuffix(".")).load_state_dict(held)
        self._net.eval()

    def scores(self, record: Record, candidates: Sequence[Candidate]) -> list[float]:
        """The logarithm of each candidate's chance to be the number treated."""
        passages = batch([passage_of(self._tokens, self._features, record, candidates)])
        with one_thread(), torch.inference_mode():
            found: list[float] = torch.log_softmax(self._net(passages), dim=0).tolist()
        return found


def make_tokenizer(folder: Path) -> Tokenizer:
    """The encoder's tokenizer, which neither cuts nor pads."""
    tokenizer: Tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def make_transformer(folder: Path, attention: str = "sdpa") -> Any:
    """The encoder's transformer, in single precision; to drop anything in learning takes more than it gives."""
    disable_progress_bar()  # type: ignore[no-untyped-call]
    return AutoModel.from_pretrained(
        str(folder),
        local_files_only=True,
        use_safetensors=True,
        attn_implementation=attention,
        attention_probs_dropout_prob=0.0,
        hidden_dropout_prob=0.0,
    ).float()


class Passage(NamedTuple):
    """A record's tokens, and for each candidate the tokens where its first and last number begin, and its features."""

    tokens: list[int]
    places: list[tuple[int, int]]
    features: list[list[int]]


def passage_of(
    tokenizer: Tokenizer, known: Mapping[str, int], record: Record, candidates: Sequence[Candidate]
) -> Passage:
    """A record as the net takes it: its title, then its abstract as far as it fits; `known` are the bag's features."""
    title, abstract = (
        tokenizer.encode(text, add_special_tokens=False) for text in (record.title, record.abstract_text)
    )
    tokens: list[int] = [*[_BEGIN, *title.ids, _END, *abstract.ids][: LONGEST - 1], _END]
    fields = {"title": (1, title), "abstract": (len(title.ids) + 2, abstract)}
    places = []
    for candidate in candidates:
        where, first, last = candidate.where(), 0, 0
        if where is not None:
            first, last = (_token_at(*fields[where.field], char) for char in where.numbers)
        places.append((first, last))
    # in order: the same in whatever order a set gives its members
    features = [sorted(known[name] for name in candidate.features if name in known) for candidate in candidates]
    return Passage(tokens, places, features)


def _token_at(start: int, encoding: Encoding, char: int) -> int:
    """The token of a field, whose first token is `start`, that holds a character; the last where it was cut off."""
    place = encoding.char_to_token(char)
    return min(start + (len(encoding.ids) if place is None else place), LONGEST - 1)


def batch(passages: Sequence[Passage]) -> Passages:
    """Several records as one, the shorter ones padded."""
    longest = max(len(passage.tokens) for passage in passages)
    tokens = torch.zeros(len(passages), longest, dtype=torch.long)
    mask = torch.zeros(len(passages), longest, dtype=torch.long)
    for at, (held, *_) in enumerate(passages):
        tokens[at, : len(held)] = torch.tensor(held)
        mask[at, : len(held)] = 1
    rows = [(at, *place) for at, passage in enumerate(passages) for place in passage.places]
    row, first, last = torch.tensor(rows).unbind(1)
    bags = [named for passage in passages for named in passage.features]
    features = torch.tensor([name for named in bags for name in named], dtype=torch.long)
    begins = torch.tensor([0, *accumulate(len(named) for named in bags[:-1])])
    return Passages(tokens, mask, row, first, last, features, begins)
