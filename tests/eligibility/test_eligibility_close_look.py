"""A second look at the number treated, by the encoder that is adapted to that question."""

from __future__ import annotations

import math

import pytest
import torch

from ivigil.criteria import Criteria
from ivigil.eligibility import READER, assess, assessing, close_look, reader_with
from ivigil.eligibility.benchmark import Item, evaluate
from ivigil.eligibility.case import Case
from ivigil.eligibility.close_reader import LONGEST, CloseReader, make_tokenizer, passage_of
from ivigil.eligibility.sample_size import read_setting, treated_candidates
from ivigil.errors import ScreenerError
from ivigil.pretrained.packaged import NO_MODEL, packaged_folder

TITLE = "Intravenous immunoglobulin for skin and muscle disease in systemic sclerosis"
# who of the 31 stayed away is left open
OPEN = (
    "Thirty-one adults with systemic sclerosis were seen; 24 were offered IVIG and 19 attended the day unit. Skin "
    "score fell from 25 to 18 at one year (p=0.02). Strength improved in nine and headache occurred in three."
)
PLAIN = "We treated 24 adults with systemic sclerosis with IVIG. Skin score fell from 25 to 18 at one year (p=0.02)."


class Favouring:
    """A close look that leaves one number no more than `doubt`, and remembers what it was asked."""

    def __init__(self, value: int, doubt: float = 0.001) -> None:
        self.value, self.doubt = value, doubt
        self.asked: list[str] = []

    def scores(self, record, candidates):
        self.asked.append(record.title)
        held = [candidate.value == self.value for candidate in candidates]
        sure, others = (1 - self.doubt) / sum(held), self.doubt / len(held)
        return [math.log(sure if holds else others) for holds in held]


@pytest.fixture(scope="module")
def reader() -> CloseReader:
    return CloseReader()


def candidates_of(record, criteria):
    case = Case.of(record, criteria)
    return treated_candidates(case, read_setting(case))


def test_a_number_that_the_words_leave_open_is_looked_at_again(record, criteria):
    """Both looks are heard: what the close one is sure of becomes the number, with its words and its chance."""
    alone = assess(record(TITLE, OPEN), criteria)
    assert alone.n_treated_chance is not None
    assert alone.n_treated_chance < assessing.PLAIN_ENOUGH
    for value, words in ((24, "24"), (19, "19")):
        found = assess(record(TITLE, OPEN), criteria, Favouring(value))
        assert (found.n_treated, found.verdict) == (value, "eligible")
        assert words in found.criteria["sample_size"].phrase


def test_what_is_plain_or_excluded_is_not_looked_at(record, criteria):
    """A number that the words say plainly, another disease and another language cost no look."""
    look = Favouring(24)
    assess(record(TITLE, PLAIN), criteria, look)
    assess(
        record(
            TITLE.replace("systemic sclerosis", "dermatomyositis"),
            OPEN.replace("systemic sclerosis", "dermatomyositis"),
        ),
        criteria,
        look,
    )
    assess(record(TITLE, OPEN, languages=("fre",)), criteria, look)
    assert look.asked == []
    assess(record(TITLE, OPEN), criteria, look)
    assert look.asked == [TITLE]


def test_a_close_look_can_bring_back_what_seemed_too_small(record, criteria):
    """Few by the words, and many by the close look: the record is not called ineligible by a number in doubt."""
    few = "Of 40 adults with systemic sclerosis, three received IVIG first and 14 later. Skin score fell at one year."
    for value in (3, 14, 17):
        found = assess(record("Treatment of systemic sclerosis in one centre", few), criteria, Favouring(value))
        assert found.verdict != "ineligible" or found.n_treated == 3


def test_without_a_language_model_the_words_are_alone_and_sign_so(record, criteria):
    """The setting that asks for none gives no close look, and a reader of another name."""
    assert close_look(NO_MODEL) is None
    assert reader_with(None) == READER
    assert reader_with(close_look(None)) not in {READER, ""}
    assert len(reader_with(close_look(None))) == len(READER)


def test_a_missing_package_is_said(monkeypatch):
    """Without the encoder's package the look fails, with what to install and which setting does without."""
    monkeypatch.setattr("ivigil.pretrained.packaged.DEFAULT_PACKAGE", "no_such_package_here")
    with pytest.raises(ScreenerError, match="is not installed") as raised:
        CloseReader()
    assert "IVIGIL_EMBEDDING_MODEL=none" in raised.value.hint


def test_chances_depend_on_the_text_alone(reader, record, criteria):
    """They sum to one, and are the same after other records and with another number of threads, to the last bit."""
    one = record(TITLE, OPEN)
    candidates = candidates_of(one, criteria)
    first = reader.scores(one, candidates)
    assert sum(map(math.exp, first)) == pytest.approx(1.0, abs=1e-5)
    other = record(TITLE, PLAIN)
    reader.scores(other, candidates_of(other, criteria))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        assert reader.scores(one, candidates) == first
    finally:
        torch.set_num_threads(threads)


def test_a_text_longer_than_the_encoder_reads_is_cut(reader, record, criteria):
    """Numbers behind the cut are scored too, by the last place that is read."""
    long = record(TITLE, f"{PLAIN} " + "The course was followed closely. " * 300 + "IVIG was continued in 11 patients.")
    candidates = candidates_of(long, criteria)
    passage = passage_of(make_tokenizer(packaged_folder()), {}, long, candidates)
    assert len(passage.tokens) == LONGEST
    assert max(last for _, last in passage.places) == LONGEST - 1
    assert len(reader.scores(long, candidates)) == len(candidates)


def test_each_candidate_is_looked_at_where_its_number_stands(criteria, items):
    """The token of a number that is said in figures begins the figures themselves, over the whole written set.

    In "2140±890" the second number begins with a later piece of one word.
    """
    tokenizer = make_tokenizer(packaged_folder())
    seen = 0
    for values in items["held_back"]:
        record = Item.of(values).record()
        candidates = candidates_of(record, criteria)
        passage = passage_of(tokenizer, {}, record, candidates)
        for candidate, (first, _) in zip(candidates, passage.places, strict=True):
            where = candidate.where()
            text = "" if where is None else {"title": record.title, "abstract": record.abstract_text}[where.field]
            if where is not None and text[where.numbers[0]].isdigit() and first < LONGEST - 1:
                seen += 1
                word = tokenizer.id_to_token(passage.tokens[first]).removeprefix("##")
                assert text[where.numbers[0] :].startswith(word), (record.source_id, candidate.value)
    assert seen > 300


def test_the_benchmark_tells_looks_apart_from_words(criteria: Criteria):
    """Words alone stand beside the reader as a baseline, and looks are counted with their own speed."""
    items = [
        {
            "key": key, "title": TITLE, "abstract": text, "language": "eng", "pub_date": "2025",
            "expected": {"verdict": "eligible", "n_treated": 24},
        }
        for key, text in (("open", OPEN), ("plain", PLAIN))
    ]  # fmt: skip
    ours, alone, keywords = evaluate(items, criteria, Favouring(24)).rows
    assert [row.reader for row in (ours, alone, keywords)] == ["ivigil", "ivigil, words alone", "keywords"]
    assert (ours.close_looks, alone.close_looks, ours.exact_n) == (1, None, 1.0)
    assert ours.records_per_second == alone.records_per_second


def test_a_record_in_doubt_shows_the_number_of_the_close_look(record, criteria, monkeypatch):
    """Where few by both looks exclude and the whole record puts that in doubt, number and note are of one reading."""
    monkeypatch.setattr(assessing, "LIKE", 0.0)
    few = "Of 40 adults with SSc, three were offered IVIG and two received it in full. mRSS fell by 6."
    for value in (2, 3):
        sure = Favouring(value, doubt=1e-9)
        found = assess(record("Treatment of systemic sclerosis in one centre", few), criteria, sure)
        assert (found.n_treated, found.verdict) == (value, "needs_full_text")
        assert found.criteria["sample_size"].note == f"{value} treated; {assessing.DOUBT}"
