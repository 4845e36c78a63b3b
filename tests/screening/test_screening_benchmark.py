import gzip
import json
from dataclasses import replace
from itertools import count
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from ivigil.errors import ConfigurationError, ScreenerError
from ivigil.screening import Document, ElasU4
from ivigil.screening.active_learning import reading_order
from ivigil.screening.benchmark import OURS_FINAL_ONLY, Row, default_rows, run_benchmark
from ivigil.screening.benchmark_kept import KeptMeasures
from ivigil.screening.benchmark_report import recall_svg, to_markdown
from ivigil.screening.benchmark_reviews import Review, read_reviews
from ivigil.screening.benchmark_splits import cut_year, small_seed, time_forward
from ivigil.screening.metrics import loss
from ivigil.screening.recipe import recipe_for


@pytest.fixture(scope="module")
def reviews(review_maker, criteria):
    made = []
    for seed, name in enumerate(("spring", "autumn")):
        documents, labels = review_maker(included=30, excluded=900, seed=seed)
        labels[40:46] = 1  # some of what was included looks like the rest, so that no ranking is perfect
        order = np.random.default_rng(seed).permutation(len(labels))
        years = np.where(np.arange(len(labels)) % 17 == 0, 0, 2000 + np.arange(len(labels)) % 20)
        shuffled = tuple(documents[at] for at in order)
        made.append(Review(name, shuffled, labels[order], years, criteria))
    return made


@pytest.fixture(scope="module")
def result(reviews):
    ticks = count()
    return run_benchmark(reviews, default_rows(lambda _review: None), timer=lambda: float(next(ticks)), seeds=2)


def test_a_small_seed_is_twelve_and_406(reviews):
    """The seed has the size of the review this is for, and what is ranked was never learned from."""
    for split in small_seed(reviews[0], 3):
        labels = reviews[0].labels[split.train]
        assert (labels.sum(), len(labels)) == (12, 418)
        assert not set(split.train) & set(split.ranked)
        assert len(split.train) + len(split.ranked) == len(reviews[0].labels)


def test_seeds_differ_and_repeat(reviews):
    """Each seed is another draw, and the same draw each time."""
    first, second = ([split.train.tolist() for split in small_seed(reviews[0], 2)] for _ in "ab")
    assert first == second
    assert first[0] != first[1]


def test_time_forward_never_learns_from_the_future(reviews):
    """Training records have a year before the cut, ranked ones from the cut on, records without a year neither."""
    review = reviews[0]
    half = Review(review.name, review.documents, review.labels, np.where(review.years > 2002, 2018, review.years))
    assert cut_year(half) is None
    late = Review(review.name, review.documents, review.labels, np.where(review.years > 2015, review.years, 2001))
    cut = cut_year(late)
    splits = list(time_forward(late, 2))
    assert len(splits) == 2
    for split in splits:
        assert (late.years[split.train] < cut).all()
        assert (late.years[split.ranked] >= cut).all()


def test_small_reviews_keep_half_to_rank(review_maker):
    """With fewer than 24 included, half of them are learned from."""
    documents, labels = review_maker(included=10, excluded=100)
    split = next(small_seed(Review("small", tuple(documents), labels, np.zeros(110, int)), 1))
    assert labels[split.train].sum() == 5
    assert len(split.train) == 55


def test_rows_stand_side_by_side(result, reviews):
    """Random order loses about a half, both screeners far less, and ours is set against elas_u4 with intervals."""
    told = {(row.row, row.protocol): row for row in result.rows}
    assert result.doubts == ()
    assert told["random", "small-seed"].mean("loss") == pytest.approx(0.5, abs=0.15)
    assert told["elas_u4", "small-seed"].mean("loss") < 0.2
    against = next(one for one in result.against if one.protocol == "small-seed")
    assert against.row == "fusion"
    assert against.ratio.low <= against.ratio.value <= against.ratio.high
    assert against.reviews == len(reviews)
    assert told["fusion", "small-seed"].promised == pytest.approx(12 / 13)
    assert told["fusion", "small-seed"].documents_per_second > 0


def test_the_result_is_json_and_a_page(result):
    """Rows, baseline rows and summary survive JSON; the page holds a table a protocol."""
    held = json.loads(json.dumps(result.to_dict()))
    assert {row["row"] for row in held["rows"]} == {"fusion"}
    assert {row["row"] for row in held["baseline_rows"]} == {"elas_u4", "random"}
    assert held["summary"][0]["loss_ratio"]["value"] > 0
    page = to_markdown(result)
    assert "## small-seed" in page
    assert "Guarantee of fusion: promised 0.923" in page
    assert "| spring | 0.923 | " in page
    ours = held["rows"][0]
    assert ours["kept_less_promised"]["value"] == pytest.approx(
        np.mean([one["coverage"] - one["promised_coverage"] for one in ours["reviews"]])
    )
    assert all(
        len({line.count("|") for line in block.splitlines() if line.startswith("|")}) <= 1
        for block in page.split("\n\n")
    )


def test_a_public_review_is_measured_with_what_the_others_taught(reviews):
    """Weights by review stand in JSON and page: learned without it for a public one, as shipped for any other."""
    public = replace(reviews[0], name="Cohen_ADHD")
    options = {"timer": lambda: 0.0, "protocols": ("small-seed",), "seeds": 1}
    told = run_benchmark([public, reviews[1]], default_rows(lambda _review: None), **options)
    first, second = next(row for row in told.to_dict()["rows"] if row["row"] == "fusion")["reviews"]
    assert (first["weights_from"], second["weights_from"]) == ("other reviews", "shipped")
    assert first["weights"] == recipe_for("Cohen_ADHD").weights
    assert second["weights"] == recipe_for("").weights
    page = to_markdown(told)
    assert page.count("## Weights of fusion") == 1
    assert "| Cohen_ADHD | 1 |" in page
    assert page.count("| the other public reviews |") == 1
    stranger = run_benchmark([replace(public, name="unheard-of")], default_rows(lambda _review: None), **options)
    measured = [next(row for row in one.rows if row.row == "fusion").reviews[0].metrics for one in (told, stranger)]
    assert measured[0] != measured[1]


def test_the_recall_plot_is_a_picture_of_every_row(result):
    """Each row is one line from nothing found to everything found."""
    tree = ET.fromstring(recall_svg(result, "spring", "small-seed"))
    lines = [node for node in tree.iter() if node.tag.endswith("polyline")]
    assert len(lines) == 3
    assert all(line.attrib["points"].endswith("480.0,40.0") for line in lines)


def test_a_perfect_row_is_questioned(reviews):
    """A row that is perfect on every review is doubted in the result and on the page."""
    truth = {
        document.text: label
        for review in reviews
        for document, label in zip(review.documents, review.labels, strict=True)
    }

    class Leak(ElasU4):
        def score(self, documents):
            return np.array([float(truth[document.text]) for document in documents])

    rows = {"leak": Row(lambda _review, _split: Leak())}
    told = run_benchmark(reviews, rows, timer=lambda: 0.0, protocols=("small-seed",), seeds=1)
    assert told.doubts == ("small-seed: leak is perfect on every review; do labels leak into the texts?",)
    assert "**Question this:** small-seed: leak" in to_markdown(told)
    assert told.to_dict()["doubts"] == list(told.doubts)


def test_reviews_that_cannot_be_split_are_an_error(reviews):
    """Without years there is no time-forward table to fill."""
    undated = [Review(one.name, one.documents, one.labels, one.years * 0) for one in reviews]
    with pytest.raises(ScreenerError, match="time-forward"):
        run_benchmark(undated, {}, timer=lambda: 0.0, protocols=("time-forward",), seeds=1)


def write(folder, name, text):
    (folder / name).write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())


def test_a_folder_of_reviews_is_read(tmp_path):
    """Plain and compressed files, odd columns, missing years and missing criteria are all taken."""
    write(tmp_path, "b.csv", "id,title,abstract,label\n1,T,A,1\n2,U,,0\n")
    write(tmp_path, "a.csv.gz", 'id,pmid,title,abstract,year,label\n1,9,T,"a\nb",2001,0\n2,8,U,,,1\n')
    write(tmp_path, "c.csv", "id,title,abstract,label,label_ta\n1,T,A,1,0\n2,U,,0,1\n3,U,,0,0\n")
    (tmp_path / "criteria.toml").write_text('a = "Trials of T."\n')
    first, second, third = read_reviews(tmp_path)
    assert (first.passed, third.passed.tolist()) == (None, [1, 1, 0])
    assert (first.name, first.criteria_text, second.criteria_text) == ("a", "Trials of T.", "")
    assert first.documents == (Document("1", "T", "a\nb"), Document("2", "U", ""))
    assert first.years.tolist() == [2001, 0]
    assert (first.included, second.labels.tolist()) == (1, [1, 0])


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("id,title,label\n1,T,1\n", "x.csv:1: abstract"),
        ("id,title,abstract,label\n1,T,A,1\n2,T,A,yes\n", "x.csv:3: label"),
        ("id,title,abstract,label\n1,T,A,1\n2,T,A,2\n", "x.csv:3: label"),
        ("id,title,abstract,label,year\n1,T,A,1,19x9\n", "x.csv:2: year"),
        ("id,title,abstract,label\n1,T,A,1\n", "x.csv: label"),
        ("id,title,abstract,label,label_ta\n1,T,A,1,1\n2,T,A,0,\n", "x.csv: label_ta"),
    ],
)
def test_bad_reviews_are_named_by_file_line_and_field(tmp_path, content, place):
    """What cannot be used is said with its place."""
    write(tmp_path, "x.csv", content)
    with pytest.raises(ConfigurationError, match=place):
        read_reviews(tmp_path)


def test_bad_criteria_and_empty_folders_are_named(tmp_path):
    """A folder without reviews, and criteria that are no text, are errors."""
    with pytest.raises(ConfigurationError, match="no "):
        read_reviews(tmp_path)
    write(tmp_path, "x.csv", "id,title,abstract,label\n1,T,A,1\n2,T,A,0\n")
    (tmp_path / "criteria.toml").write_text("x = 3\n")
    with pytest.raises(ConfigurationError, match=r"criteria\.toml: x"):
        read_reviews(tmp_path)


def test_active_learning_is_a_table_too(review_maker, criteria):
    """Every row reads a small pool to the end, a row with its own way of reading by that."""
    documents, labels = review_maker(included=10, excluded=60)
    small = Review("small", tuple(documents), labels, np.zeros(70, int), criteria)
    last_first = Row(lambda _review, _split: ElasU4(), lambda _review, split: np.sort(split.ranked)[::-1])
    rows = {"elas_u4": default_rows(lambda _review: None)["elas_u4"], "last-first": last_first}
    told = run_benchmark([small], rows, timer=lambda: 0.0, protocols=("active-learning",), seeds=2)
    losses = {row.row: row.mean("loss") for row in told.rows}
    assert losses["last-first"] == 1.0  # included records stand first in the file
    assert losses["elas_u4"] < 0.2


def test_active_learning_reads_everything_once(review_maker):
    """The order holds every record but the start, and finds the included ones early."""
    documents, labels = review_maker(included=10, excluded=60)
    start = np.array([0, 1, 20, 21])
    order = reading_order(ElasU4, documents, labels, start, step=0.0)
    assert sorted(order.tolist()) == sorted(set(range(70)) - set(start.tolist()))
    assert loss(labels[order]) < 0.1


def test_a_run_that_was_cut_off_goes_on(reviews, tmp_path):
    """What was measured is read and not measured again, a torn last line is, and the result is the same."""
    file = tmp_path / "splits.jsonl"
    rows = {"elas_u4": default_rows(lambda _review: None)["elas_u4"]}
    options = {"timer": lambda: 0.0, "protocols": ("small-seed",), "seeds": 2}
    whole = run_benchmark(reviews, rows, kept=KeptMeasures(file), **options)
    lines = file.read_text().splitlines(keepends=True)
    assert len(lines) == len(reviews) * 2
    file.write_text("".join(lines[:-1]) + lines[-1][:40])
    again = run_benchmark(reviews, rows, kept=KeptMeasures(file), **options)
    assert sorted(file.read_text().splitlines(keepends=True)) == sorted(lines)
    assert [row.mean("loss") for row in again.rows] == [row.mean("loss") for row in whole.rows]
    file.write_text("{}\n")
    with pytest.raises(ConfigurationError, match=r"splits\.jsonl:1"):
        KeptMeasures(file)


def test_final_labels_only_is_what_training_on_them_gives(reviews):
    """The row without first-stage labels, taken from the fusion beside it, is that of training without them."""
    first = reviews[0]
    passed = np.maximum(first.labels, np.arange(len(first.labels)) % 7 == 0).astype(int)
    told = replace(first, passed=passed)
    options = {"timer": lambda: 0.0, "protocols": ("small-seed",), "seeds": 1}
    beside = run_benchmark([told], default_rows(lambda _review: None), **options)
    alone = run_benchmark([told], {OURS_FINAL_ONLY: default_rows(lambda _review: None)[OURS_FINAL_ONLY]}, **options)
    by_name = {row.row: row for row in beside.rows}
    assert by_name[OURS_FINAL_ONLY].reviews[0].metrics == alone.rows[1].reviews[0].metrics
    assert by_name["fusion"].reviews[0].metrics != alone.rows[1].reviews[0].metrics
