import numpy as np
import pytest
import torch

from ivigil.errors import ModelMismatch, ScreenerError
from ivigil.pretrained.adapter import Adapter, write
from ivigil.pretrained.packaged import packaged_folder
from ivigil.screening import load_encoder
from ivigil.screening.encoders import CachedEncoder, _loaded, same_encoder
from ivigil.screening.learned import adapter_file, left_out
from ivigil.screening.sentence_encoder import SentenceEncoder


def test_vectors_are_computed_once_and_kept(tmp_path, make_encoder):
    """A second encoder over the same folder finds every vector, bit for bit, and computes none."""
    inner = make_encoder()
    first = CachedEncoder(inner, tmp_path).encode(["a b", "c d", "a b"])
    assert inner.encoded == ["a b", "c d"]
    again = make_encoder()
    second = CachedEncoder(again, tmp_path).encode(["c d", "a b"])
    assert again.encoded == []
    assert np.array_equal(second, first[[1, 0]])


def test_another_model_has_its_own_vectors(tmp_path, make_encoder):
    """A cache never gives one model's vectors to another."""
    CachedEncoder(make_encoder("one"), tmp_path).encode(["a b"])
    other = make_encoder("two")
    CachedEncoder(other, tmp_path).encode(["a b"])
    assert other.encoded == ["a b"]


def test_no_texts_are_no_rows(tmp_path, make_encoder):
    """Nothing in, nothing out, with the right width."""
    assert CachedEncoder(make_encoder(), tmp_path).encode([]).shape == (0, 16)


def test_the_setting_none_asks_for_words_alone():
    """'none' is no encoder, not an error."""
    assert load_encoder("none") is None


def test_a_model_that_is_not_here_is_not_fetched(tmp_path):
    """An unknown name and a folder without safetensors weights are refused with what to do."""
    with pytest.raises(ScreenerError, match="neither a folder nor a model") as raised:
        load_encoder("no-such-owner/no-such-model")
    assert "IVIGIL_EMBEDDING_MODEL" in raised.value.hint
    (tmp_path / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(ScreenerError, match=r"no model\.safetensors"):
        load_encoder(str(tmp_path))


def test_changed_weights_are_refused_before_loading(tmp_path, monkeypatch):
    """The packaged model must hold the published bytes."""
    (tmp_path / "model.safetensors").write_bytes(b"not the weights")
    monkeypatch.setattr("ivigil.screening.encoders.packaged_folder", lambda: tmp_path)
    with pytest.raises(ModelMismatch, match="expected 53aa51172d142c89"):
        load_encoder()


def test_an_encoder_must_be_the_one_trained_with(make_encoder):
    """Another encoder's vectors lie in another space."""
    one = make_encoder("one")
    assert same_encoder("one", one) is one
    assert same_encoder(None, one) is None
    with pytest.raises(ModelMismatch):
        same_encoder("two", one)


@pytest.fixture(scope="module")
def minilm():
    return load_encoder()


def test_the_packaged_model_gives_the_same_vector_in_any_company(minilm):
    """A text's vector is the same alone, repeated, or beside long ones, and has length one."""
    texts = ["Light therapy.", "A much longer text " * 60, "", "Light therapy."]
    together = minilm.encode(texts)
    alone = np.vstack([minilm.encode([text]) for text in texts])
    assert np.array_equal(together, alone)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)


def test_the_packaged_model_is_adapted_to_screening(minilm):
    """What was learned on public reviews is added to the published weights, as low-rank products, and named."""
    adapter = Adapter.read(adapter_file())
    assert minilm.identity.startswith(f"all-MiniLM-L6-v2+{adapter.sha256[:8]}@53aa51172d142c89/")
    plain = SentenceEncoder("plain", packaged_folder(), precision="fp32")
    adapted = SentenceEncoder("adapted", packaged_folder(), adapter=adapter_file(), precision="fp32")
    assert plain.identity.startswith("plain@")
    layers = [dict(one._model[0].auto_model.named_modules()) for one in (plain, adapted)]
    for name, (down, up) in adapter.layers.items():
        assert len(down) <= 4
        before, after = (found[name].weight for found in layers)
        assert torch.allclose(after - before, up.float() @ down.float(), atol=1e-6)
    assert adapter.layers.keys() < layers[0].keys()


def test_a_screener_of_the_published_encoder_keeps_it():
    """What was trained before there was an adapter goes on being scored by the weights it was trained with."""
    plain = SentenceEncoder("all-MiniLM-L6-v2", packaged_folder(), precision="fp32")
    kept = load_encoder(like=plain.identity)
    texts = ["Light therapy in winter depression."]
    assert kept.identity == plain.identity
    assert np.array_equal(kept.encode(texts), plain.encode(texts))


def test_an_adapter_is_read_as_it_was_written(tmp_path):
    """Factors come back as they were, in half precision."""
    factors = {"a.layer": (torch.full((2, 3), 0.5), torch.full((4, 2), -0.25))}
    write(tmp_path / "new" / "adapter.safetensors", factors)
    found = Adapter.read(tmp_path / "new" / "adapter.safetensors").layers
    assert found.keys() == factors.keys()
    assert all(torch.equal(one.float(), other) for one, other in zip(found["a.layer"], factors["a.layer"], strict=True))


def test_a_public_review_is_encoded_by_what_the_others_taught():
    """Each public review has an adapter of its own, learned without it; any other review gets the one that ships."""
    assert adapter_file("unheard-of") == adapter_file()
    files = {adapter_file(review) for review in left_out()} | {adapter_file()}
    assert len({Adapter.read(file).sha256 for file in files}) == len(left_out()) + 1


def test_another_model_is_taken_as_it_is(monkeypatch):
    """The adapter belongs to the default model's weights and is added to no other."""
    made = {}
    monkeypatch.setattr(
        "ivigil.screening.sentence_encoder.SentenceEncoder",
        lambda name, _folder, **options: made.update({name: options}),
    )
    _loaded.cache_clear()
    load_encoder(str(packaged_folder()))
    load_encoder("all-MiniLM-L6-v2")
    _loaded.cache_clear()
    assert made["model"]["adapter"] is None
    assert made["all-MiniLM-L6-v2"]["adapter"] == adapter_file()


def test_threads_move_no_bit_of_a_vector(minilm):
    """A text's vector is the same however many threads the process has."""
    threads = torch.get_num_threads()
    vectors = []
    for number in (1, 2):
        torch.set_num_threads(number)
        vectors.append(minilm.encode(["Adults with winter depression sat before a bright light. " * 12]))
        assert torch.get_num_threads() == number
    torch.set_num_threads(threads)
    assert np.array_equal(*vectors)


def test_the_packaged_model_understands(minilm):
    """Paraphrases are nearer than strangers."""
    near, far, asked = minilm.encode(["Heart attack in adults", "Growing rice", "Myocardial infarction"])
    assert asked @ near > asked @ far + 0.3


def test_a_screener_s_precision_is_kept_on_any_processor(minilm):
    """Asked for the other precision than this processor's own, the same model gives nearly the same vectors."""
    other = "fp32" if minilm.precision == "bf16" else "bf16"
    moved = load_encoder(like=minilm.identity.replace(f"/{minilm.precision}/", f"/{other}/"))
    texts = ["Light therapy in winter depression.", "Soil acidity."]
    vectors = moved.encode(texts)
    assert moved.identity.split("/")[-2] == other
    assert np.array_equal(vectors, moved.encode(texts))
    assert (vectors * minilm.encode(texts)).sum(axis=1).min() > 0.999


def test_held_vectors_need_no_model(tmp_path, make_encoder, monkeypatch):
    """With an identity to go by, a model is loaded for the first text that has no vector, and must be the one named."""
    CachedEncoder(make_encoder("m@1/fp32/9"), tmp_path).encode(["a b"])
    loaded = []
    monkeypatch.setattr(
        "ivigil.screening.encoders._sentence_encoder",
        lambda _model, precision, _adapter: loaded.append(precision) or make_encoder("m@2/fp32/9"),
    )
    encoder = load_encoder(cache=tmp_path, like="m@1/fp32/9")
    assert encoder.encode(["a b"]).shape == (1, 16)
    assert loaded == []
    with pytest.raises(ModelMismatch, match=r"trained with encoder m@1/fp32/9, here is m@2"):
        encoder.encode(["c d"])
    assert loaded == ["fp32"]
    assert load_encoder("none", like="m@1/fp32/9") is None
