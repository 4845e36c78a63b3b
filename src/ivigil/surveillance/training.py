"""Trains screeners on the review's labels and decisions, keeps them with their card, and names the champion."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import numpy as np

from ivigil.errors import ScreenerError, TooFewPositives
from ivigil.records import Record
from ivigil.screening import (
    Card,
    CriteriaRanker,
    Document,
    ElasU4,
    FusionScreener,
    Screener,
    data_hash,
    load_encoder,
    save,
)
from ivigil.screening.base import MINIMUM_POSITIVES, Floats
from ivigil.screening.card_metrics import metric_rows, recall_curve
from ivigil.screening.guarantee import Guarantee
from ivigil.screening.out_of_fold import out_of_fold_scores
from ivigil.screening.term_book import counted_once
from ivigil.store import Session, judgements, library, ranked
from ivigil.store.tables import ReportRow, ScreenerRow
from ivigil.surveillance.agreement import FULL_TEXT, TITLE_ABSTRACT, Outcome, outcome, outcome_at
from ivigil.surveillance.context import Context
from ivigil.surveillance.reconstructing import RECONSTRUCTION_BASIS, reconstruction_of

SEED = 20240415


@dataclass(frozen=True)
class Labelled:
    """What a screener learns from: documents, their labels, and the study each belongs to.

    `passed` says who passed title and abstract, None where nobody noted it.
    """

    documents: tuple[Document, ...]
    labels: tuple[int, ...]
    groups: tuple[str, ...]
    basis: dict[str, Any]
    passed: tuple[int, ...] | None = None

    @property
    def included(self) -> int:
        """How many are included."""
        return sum(self.labels)


@dataclass(frozen=True)
class Trained:
    """A screener that was trained and kept."""

    screener_id: int
    version: str
    recipe: str
    card: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Version, recipe, label counts and guarantee."""
        return {
            "version": self.version,
            "recipe": self.recipe,
            "labels": self.card.get("labels"),
            "guarantee": self.card.get("guarantee"),
        }


def document_of(record: Record, id_: str | int) -> Document:
    """What a screener reads of a record."""
    return Document(id=str(id_), title=record.title, abstract=record.abstract_text)


def criteria_words(context: Context) -> str:
    """The criteria in words, else the question or title."""
    review = context.protocol.review
    return review.criteria_text or review.question or review.title


def labels_of(context: Context, session: Session, *, until: datetime | None = None) -> dict[int, bool]:
    """Report id -> included: the review's labels, overruled by what people's decisions come to.

    A report that reviewers disagree on has no label until the conflict is resolved.
    """
    labels = judgements.labels_by_report(session, until=until)
    reviewers = context.protocol.screening.reviewers_per_report
    for report_id, decisions in judgements.standing_decisions(session, until=until).items():
        said = outcome(decisions, reviewers=reviewers)
        if said is Outcome.CONFLICT:
            labels.pop(report_id, None)
        elif said is not Outcome.OPEN:
            labels[report_id] = said is Outcome.INCLUDE
    return labels


def passed_of(context: Context, session: Session, *, until: datetime | None = None) -> dict[int, bool]:
    """Report id -> passed title and abstract, where labels or decisions say so; a vote on the full text says it too."""
    passed = judgements.passed_by_report(session, until=until)
    reviewers = context.protocol.screening.reviewers_per_report
    for report_id, decisions in judgements.standing_decisions(session, until=until).items():
        if outcome_at(decisions, FULL_TEXT, reviewers=reviewers) is not Outcome.OPEN:
            passed[report_id] = True
            continue
        said = outcome_at(decisions, TITLE_ABSTRACT, reviewers=reviewers)
        if said in (Outcome.INCLUDE, Outcome.EXCLUDE):
            passed[report_id] = said is Outcome.INCLUDE
    return passed


def labelled_reports(context: Context, session: Session) -> Labelled:
    """Every report with a label or a decision, in the order of their ids."""
    labels = labels_of(context, session)
    ids = [report_id for report_id in library.report_ids(session) if report_id in labels]
    reports = [session.get_one(ReportRow, report_id) for report_id in ids]
    first_stage = passed_of(context, session)
    reconstructed = reconstruction_of(session)
    passed = (
        tuple(int(labels[id_] or first_stage.get(id_, False)) for id_ in ids) if any(first_stage.values()) else None
    )
    return Labelled(
        tuple(document_of(report.best, report.id) for report in reports),
        tuple(int(labels[report.id]) for report in reports),
        tuple(f"study {report.study_id}" for report in reports),
        {
            "decisions": len(judgements.standing_decisions(session)),
            "reconstruction": reconstructed.sentence if reconstructed else None,
            "bases": {
                basis: {"included": yes, "excluded": no} for basis, (yes, no) in judgements.label_bases(session).items()
            },
        },
        passed if any(first_stage.values()) else None,
    )


def screener_maker(embedding_model: str | None, cache: Path | None) -> Callable[[], Screener]:
    """What makes a new, untrained screener of the shipped recipe, all with the one encoder."""
    encoder = load_encoder(embedding_model, cache=cache)
    return lambda: FusionScreener(encoder)


def context_maker(context: Context) -> Callable[[], Screener]:
    """`screener_maker` with a review's own settings."""
    return screener_maker(context.settings.embedding_model, context.embedding_cache)


def fit_on(context: Context, labelled: Labelled) -> Screener:
    """A screener of the shipped recipe, trained on what is labelled."""
    with counted_once():
        return context_maker(context)().fit(
            labelled.documents,
            labelled.labels,
            criteria_text=criteria_words(context),
            passed=labelled.passed,
            groups=labelled.groups,
            seed=SEED,
        )


def keep_screener(
    context: Context, screener: Screener, labelled: Labelled, *, about: dict[str, Any] | None = None
) -> Trained:
    """Save a screener under the next version, with its card and its row; it is not champion by that.

    `about` (JSON-ready) is kept beside the card in its row: what it was compared with.
    """
    with context.store.transaction() as session:
        version = f"v{len(ranked.screeners(session, context.protocol.name)) + 1}"
    held_out = _held_out(context, screener, labelled)
    guarantee = None if held_out is None else _guarantee(labelled, held_out)
    card = _card(context, version, labelled, guarantee)
    recall: list[tuple[float, float]] = []
    if held_out is not None:
        with counted_once():
            baseline = out_of_fold_scores(
                ElasU4, labelled.documents, labelled.labels, groups=labelled.groups, seed=SEED
            )
        card = card.model_copy(update={"metrics": metric_rows(labelled.labels, labelled.groups, held_out, baseline)})
        recall = recall_curve(labelled.labels, held_out)
    saved = save(screener, context.screener_folder / version, card)
    kept = saved.model_dump(mode="json")
    kept |= {"guarantee": guarantee.to_dict() if guarantee else None, "recall": recall, **(about or {})}
    with context.store.transaction() as session:
        screener_id = ranked.add_screener(
            session,
            ScreenerRow(
                protocol=context.protocol.name,
                version=version,
                sha256=saved.sha256,
                card=kept,
                trained_at=context.clock.now(),
            ),
        )
    return Trained(screener_id, version, screener.name, kept)


def _held_out(context: Context, screener: Screener, labelled: Labelled) -> Floats | None:
    """The labelled records' scores by what had not seen them; None where too few can be held out."""
    if isinstance(screener, FusionScreener):
        return screener.held_out_scores
    if not labelled.included:
        return None
    try:
        return out_of_fold_scores(
            context_maker(context),
            labelled.documents,
            labelled.labels,
            criteria_text=criteria_words(context),
            passed=labelled.passed,
            groups=labelled.groups,
            seed=SEED,
        )
    except TooFewPositives:
        return None


def _guarantee(labelled: Labelled, held_out: Floats) -> Guarantee:
    """What the included studies' scores can promise, with the share of the others above the threshold.

    Reports of one study are no further evidence, so each study counts once, by its lowest score.
    """
    known = np.asarray(labelled.labels) == 1
    lowest: dict[str, float] = {}
    for group, score, included in zip(labelled.groups, held_out.tolist(), known, strict=True):
        if included:
            lowest[group] = min(score, lowest.get(group, score))
    return Guarantee.of(list(lowest.values()), held_out[~known])


def _card(context: Context, version: str, labelled: Labelled, guarantee: Guarantee | None) -> Card:
    excluded = len(labelled.labels) - labelled.included
    learned = labelled.included > 0
    return Card(
        protocol=context.protocol.name,
        version=version,
        trained_at=context.clock.now(),
        data_sha256=data_hash(labelled.documents, labelled.labels) if learned else _texts_hash(labelled.documents),
        labels=_counts(labelled) if learned else {"unlabelled": excluded},
        labels_by_source=labelled.basis["bases"] if learned else {},
        label_basis=_label_basis(labelled) if learned else "none",
        seeds=(SEED,),
        guarantee=guarantee.sentence() if guarantee else "",
        libraries={name: installed(name) for name in ("ivigil", "scikit-learn", "numpy", "scipy", "skops")},
    )


def _label_basis(labelled: Labelled) -> str:
    """What the labels rest on; of a reconstruction also by which way, and how far it agrees with what was published."""
    said = {RECONSTRUCTION_BASIS: labelled.basis.get("reconstruction")}
    return ", ".join(f"{basis}, by {how}" if (how := said.get(basis)) else basis for basis in labelled.basis["bases"])


def _counts(labelled: Labelled) -> dict[str, int]:
    counts = {"included": labelled.included, "excluded": len(labelled.labels) - labelled.included}
    return counts if labelled.passed is None else counts | {"passed_title_abstract": sum(labelled.passed)}


def _texts_hash(documents: Sequence[Document]) -> str:
    return hashlib.sha256("\x1e".join(sorted(document.text for document in documents)).encode()).hexdigest()


def train_champion(context: Context, why: str) -> Trained | None:
    """Train on what is labelled and make it champion; None while too little is labelled."""
    with context.store.transaction() as session:
        labelled = labelled_reports(context, session)
    if labelled.included < MINIMUM_POSITIVES:
        return None
    trained = keep_screener(context, fit_on(context, labelled), labelled)
    with context.store.transaction() as session:
        ranked.promote(session, trained.screener_id, why, context.clock.now())
    return trained


def train_on_criteria(context: Context) -> Trained | None:
    """Before any labels: rank by likeness to the criteria, pinned on the reports held now; None without reports."""
    with context.store.transaction() as session:
        ids = library.report_ids(session)
        documents = tuple(document_of(session.get_one(ReportRow, id_).best, id_) for id_ in ids)
    if not documents:
        return None
    try:
        ranker = CriteriaRanker().fit(documents, criteria_text=criteria_words(context))
    except ScreenerError:
        return None
    trained = keep_screener(context, ranker, Labelled(documents, (0,) * len(documents), (), {"bases": {}}))
    with context.store.transaction() as session:
        ranked.promote(session, trained.screener_id, "no labels yet: likeness to the criteria", context.clock.now())
    return trained
