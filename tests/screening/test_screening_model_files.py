import io
import json
import os
import subprocess
import sys
import zipfile
from datetime import UTC, datetime

import numpy as np
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

from ivigil.errors import ModelMismatch, ScreenerError
from ivigil.screening import (
    Card,
    CriteriaRanker,
    Document,
    ElasU4,
    FusionScreener,
    data_hash,
    load,
    load_encoder,
    read_card,
    save,
)
from ivigil.screening.model_files import CARD_FILE, MODEL_FILE


@pytest.fixture
def card():
    return Card(
        protocol="winter",
        version="1",
        trained_at=datetime(2026, 1, 2, tzinfo=UTC),
        data_sha256="0" * 64,
        labels={"included": 12, "excluded": 60},
    )


def seal(folder, content):
    """Put a foreign file where a model was, with a card that vouches for it."""
    import hashlib

    (folder / MODEL_FILE).write_bytes(content)
    held = json.loads((folder / CARD_FILE).read_text())
    (folder / CARD_FILE).write_text(json.dumps(held | {"sha256": hashlib.sha256(content).hexdigest()}))


@pytest.mark.parametrize("kind", ["elas_u4", "criteria", "fusion", "fusion-by-words"])
def test_a_loaded_screener_scores_as_the_saved_one(kind, review, criteria, encoder, card, tmp_path):
    """Saving and loading moves no bit of any score."""
    documents, labels = review
    screener = {
        "elas_u4": ElasU4(),
        "criteria": CriteriaRanker(encoder),
        "fusion": FusionScreener(encoder),
        "fusion-by-words": FusionScreener(),
    }[kind].fit(documents, labels, criteria_text=criteria)
    save(screener, tmp_path / "1", card)
    again = load(tmp_path / "1", encoder)
    assert np.array_equal(again.score(documents), screener.score(documents))
    assert again.explain(documents[3]) == screener.explain(documents[3])
    assert again.describe() == screener.describe()


def test_the_card_tells_the_recipe_and_the_hash(review, card, tmp_path):
    """The card on disk is the one save returned, with the file's hash and the screener's own description."""
    documents, labels = review
    sealed = save(ElasU4().fit(documents, labels), tmp_path, card)
    assert read_card(tmp_path) == sealed
    assert sealed.recipe["name"] == "elas_u4"
    page = (tmp_path / "card.md").read_text()
    assert sealed.sha256 in page
    assert "12 included, 60 excluded" in page


def test_a_changed_file_is_refused_unread(review, card, tmp_path, monkeypatch):
    """One flipped byte is found by the hash before skops sees the file."""
    documents, labels = review
    save(ElasU4().fit(documents, labels), tmp_path, card)
    content = bytearray((tmp_path / MODEL_FILE).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / MODEL_FILE).write_bytes(bytes(content))
    monkeypatch.setattr(skops.io, "loads", lambda *_a, **_k: pytest.fail("the file was opened"))
    with pytest.raises(ModelMismatch, match="SHA-256"):
        load(tmp_path)


@pytest.mark.parametrize(
    "foreign",
    [LogisticRegression(), {"screener": "elas_u4", "state": print}, {"f": np.sum}, {1: "a"}, np.random.default_rng(0)],
    ids=["estimator", "builtin", "function", "key-type", "generator"],
)
def test_a_foreign_type_is_refused_before_anything_is_built(foreign, review, card, tmp_path, monkeypatch):
    """Even with a card that vouches for its hash, a file that holds anything but values is not loaded."""
    documents, labels = review
    save(ElasU4().fit(documents, labels), tmp_path, card)
    seal(tmp_path, skops.io.dumps(foreign))
    monkeypatch.setattr(skops.io, "loads", lambda *_a, **_k: pytest.fail("the file was loaded"))
    with pytest.raises(ModelMismatch, match="may not hold"):
        load(tmp_path)


def test_a_doctored_schema_is_refused(review, card, tmp_path, monkeypatch):
    """A node that names a function is refused wherever it hides in the schema."""
    documents, labels = review
    save(ElasU4().fit(documents, labels), tmp_path, card)
    kept = io.BytesIO()
    with zipfile.ZipFile(tmp_path / MODEL_FILE) as before, zipfile.ZipFile(kept, "w") as after:
        for name in before.namelist():
            content = before.read(name)
            if name == "schema.json":
                schema = json.loads(content)
                schema["content"]["state"]["content"]["intercept"] = {
                    "__class__": "function",
                    "__module__": "os",
                    "__loader__": "FunctionNode",
                    "__id__": 7,
                    "content": {"module_path": "os", "function": "system"},
                }
                content = json.dumps(schema).encode()
            after.writestr(name, content)
    seal(tmp_path, kept.getvalue())
    monkeypatch.setattr(skops.io, "loads", lambda *_a, **_k: pytest.fail("the file was loaded"))
    with pytest.raises(ModelMismatch, match="may not hold"):
        load(tmp_path)


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x05\x06" + b"\0" * 18], ids=["empty", "text", "bare-zip"])
def test_a_file_that_is_no_model_is_refused(content, review, card, tmp_path):
    """Garbage under a matching hash is a ModelMismatch, not a traceback."""
    documents, labels = review
    save(ElasU4().fit(documents, labels), tmp_path, card)
    seal(tmp_path, content)
    with pytest.raises(ModelMismatch, match="not a skops file"):
        load(tmp_path)


def test_values_that_are_no_screener_are_refused(review, card, tmp_path):
    """Allowed types alone do not make a screener."""
    documents, labels = review
    save(ElasU4().fit(documents, labels), tmp_path, card)
    seal(tmp_path, skops.io.dumps({"screener": "unheard-of", "state": {}}))
    with pytest.raises(ModelMismatch, match="no screener"):
        load(tmp_path)
    seal(tmp_path, skops.io.dumps({"screener": "fusion", "state": {}}))
    with pytest.raises(ModelMismatch, match="another version"):
        load(tmp_path)


def test_a_missing_model_or_card_is_said(tmp_path):
    """An empty folder is a ModelMismatch that names the file."""
    with pytest.raises(ModelMismatch, match=CARD_FILE):
        load(tmp_path)


def test_another_encoder_is_refused(review, criteria, encoder, make_encoder, card, tmp_path):
    """A screener trained with one encoder does not score with another, nor without."""
    documents, labels = review
    save(FusionScreener(encoder).fit(documents, labels, criteria_text=criteria), tmp_path, card)
    for wrong in (None, make_encoder("another")):
        with pytest.raises(ModelMismatch, match="trained with encoder"):
            load(tmp_path, wrong)


def test_a_model_is_never_overwritten(review, card, tmp_path):
    """A version that exists stays as it is."""
    documents, labels = review
    screener = ElasU4().fit(documents, labels)
    save(screener, tmp_path, card)
    with pytest.raises(ScreenerError, match="never overwritten"):
        save(screener, tmp_path, card)


def test_the_data_hash_knows_content_and_not_order(review):
    """Shuffled records hash the same; one changed label does not."""
    documents, labels = review
    assert data_hash(documents[::-1], labels[::-1]) == data_hash(documents, labels)
    changed = labels.copy()
    changed[20] = 1
    assert data_hash(documents, changed) != data_hash(documents, labels)


@pytest.mark.parametrize("model", ["none", None], ids=["words", "packaged-encoder"])
def test_a_restart_and_a_thousand_new_records_move_no_score(model, review, review_maker, criteria, card, tmp_path):
    """Another process, a thousand records more, one thread, nothing kept: held candidates get the same bits."""
    documents, labels = review
    encoder = load_encoder(model, cache=tmp_path / "embeddings")
    screener = FusionScreener(encoder).fit(documents, labels, criteria_text=criteria)
    save(screener, tmp_path / "model", card)
    held, _ = review_maker(included=5, excluded=15, seed=7)
    newcomers = [Document(f"new{at}", f"Dredging {at}") for at in range(1000)]
    before = screener.score(held).tolist()
    (tmp_path / "pool.json").write_text(json.dumps([[d.id, d.title, d.abstract] for d in [*newcomers, *held]]))
    program = (
        "import json, pathlib; from ivigil.screening import Document, load, load_encoder;"
        f"folder = pathlib.Path({str(tmp_path)!r});"
        "documents = [Document(*row) for row in json.loads((folder / 'pool.json').read_text())];"
        f"encoder = load_encoder({model!r}, cache=folder / 'afresh', like={encoder.identity if encoder else None!r});"
        "print(json.dumps(load(folder / 'model', encoder).score(documents).tolist()))"
    )
    told = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONHASHSEED": "42", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        check=True,
    )
    assert json.loads(told.stdout)[-len(held) :] == before
    assert screener.score([*newcomers[:50], *held])[-len(held) :].tolist() == before
