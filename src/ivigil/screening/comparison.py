"""Challenger against champion: the same held-out records, the same order of time, and a rule for who stays.

Loss is a mean over included records of the share of excluded ones ranked above each, so two screeners are compared
record by record, and the interval comes from resampling included studies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ivigil.errors import ScreenerError
from ivigil.screening.base import Floats, Labels, Screener, checked_labels
from ivigil.screening.card import Interval
from ivigil.screening.documents import Document
from ivigil.screening.folds import Indices, grouped_folds
from ivigil.screening.paired import bootstrap_mean

UNKNOWN = -1
"""Label of a record that a contender had not seen a decision on."""
FORWARD_SHARES = (0.5, 0.65, 0.8)
"""Time-forward cuts: train on the records up to this share of the included, rank the later ones."""
RANDOM_LOSS = 0.5


@dataclass(frozen=True)
class Contender:
    """A recipe and what it may learn from: 1, 0, or `UNKNOWN` for records it did not know.

    `passed` says who passed title and abstract, where that is known (it is read for the known records only).
    """

    name: str
    make: Callable[[], Screener]
    labels: Labels
    passed: Labels | None = None


@dataclass(frozen=True)
class PromotionRule:
    """How much worse a challenger may look and still be called not worse, in loss and in share read to the last."""

    loss: float = 0.01
    last: float = 0.02


@dataclass(frozen=True)
class Trial:
    """Both contenders on the same held-out records, by one way of holding out.

    `difference` is challenger less champion, per included record; `*_last` is the mean share of the list read until
    the last included record is found.
    """

    name: str
    champion_loss: Interval
    challenger_loss: Interval
    difference: Interval
    champion_last: float
    challenger_last: float


@dataclass(frozen=True)
class Comparison:
    """The trials, the verdict and its reason."""

    champion: str
    challenger: str
    trials: tuple[Trial, ...]
    promoted: bool
    why: str

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "champion": self.champion,
            "challenger": self.challenger,
            "promoted": self.promoted,
            "why": self.why,
            "trials": [
                {
                    "name": trial.name,
                    "champion_loss": trial.champion_loss.model_dump(),
                    "challenger_loss": trial.challenger_loss.model_dump(),
                    "difference": trial.difference.model_dump(),
                    "champion_last_positive": trial.champion_last,
                    "challenger_last_positive": trial.challenger_last,
                }
                for trial in self.trials
            ],
        }

    def to_markdown(self) -> str:
        """The comparison as a page."""
        lines = [
            f"# {self.challenger} against {self.champion}",
            "",
            f"**{'Promoted' if self.promoted else 'Not promoted'}**: {self.why}",
            "",
            "| held out | champion's loss | challenger's loss | difference | last included found after |",
            "|---|---|---|---|---|",
        ]
        lines += [
            f"| {t.name} | {t.champion_loss} | {t.challenger_loss} | {t.difference} "
            f"| {t.champion_last:.1%} → {t.challenger_last:.1%} |"
            for t in self.trials
        ]
        return "\n".join(lines) + "\n"


def compare(  # noqa: PLR0913 - a comparison is its contenders, its records and how they are held out
    champion: Contender,
    challenger: Contender,
    documents: Sequence[Document],
    labels: ArrayLike,
    *,
    criteria_text: str = "",
    groups: Sequence[str] | None = None,
    order: Sequence[float] | None = None,
    seeds: Sequence[int] = (0, 1, 2),
    rule: PromotionRule | None = None,
) -> Comparison:
    """Hold out the same records from both, and promote the challenger only if it is not worse.

    Args:
        champion: the screener in use, with the labels it was trained on.
        challenger: the one that would replace it, with the labels it may use.
        documents: every labelled record.
        labels: today's truth: 1 included, 0 not.
        criteria_text: the review's criteria in words.
        groups: one study's reports share a name; they are never parted.
        order: when each record came (any number that grows with time); None: no time-forward trial.
        seeds: of repeated folds.
        rule: what counts as not worse.

    Raises:
        TooFewPositives: too few included studies to hold any out.
    """
    truth = checked_labels(documents, labels)
    names = [document.id for document in documents] if groups is None else list(groups)
    for contender in (champion, challenger):
        if len(contender.labels) != len(documents):
            raise ScreenerError(f"{contender.name}: {len(contender.labels)} labels for {len(documents)} documents")
    bench = _Bench(documents, truth, names, criteria_text)
    splits = {"folds": [(train, out, seed) for seed in seeds for train, out in grouped_folds(truth, names, seed=seed)]}
    if order is not None:
        splits["forward in time"] = [(*split, seeds[0]) for split in forward_splits(truth, order, names)]
    trials = tuple(bench.trial(name, champion, challenger, parts) for name, parts in splits.items() if parts)
    promoted, why = verdict(trials, rule or PromotionRule())
    return Comparison(champion.name, challenger.name, trials, promoted, why)


def verdict(trials: Sequence[Trial], rule: PromotionRule) -> tuple[bool, str]:
    """Promote when, in every trial, the challenger is surely better than chance, and not worse on loss nor on the last.

    "Not worse" on loss is non-inferiority: the whole interval of the difference lies below the rule's margin.
    """
    for trial in trials:
        if trial.challenger_loss.high is None or trial.challenger_loss.high >= RANDOM_LOSS:
            return False, f"{trial.name}: its loss, {trial.challenger_loss}, cannot be told from random order"
        if trial.difference.high is None or trial.difference.high > rule.loss:
            return False, f"{trial.name}: its loss may be worse by more than {rule.loss}: {trial.difference}"
        if trial.challenger_last > trial.champion_last + rule.last:
            return False, (
                f"{trial.name}: the last included record is found after {trial.challenger_last:.1%} of the list, "
                f"with the champion after {trial.champion_last:.1%}"
            )
    return True, "not worse than the champion on loss and on the last included record, in every trial"


def forward_splits(labels: Labels, order: Sequence[float], groups: Sequence[str]) -> Iterator[tuple[Indices, Indices]]:
    """(earlier rows, later rows) at the cuts of `FORWARD_SHARES` that leave two included studies or more either side.

    A study whose reports stand on both sides of a cut counts as earlier, so its later reports are not ranked.
    """
    when = np.asarray(order, dtype=np.float64)
    names = np.asarray(groups)
    seen: set[float] = set()
    for share in FORWARD_SHARES:
        cut = float(np.quantile(when[labels == 1], share, method="lower"))
        if cut in seen:
            continue
        seen.add(cut)
        earlier = np.flatnonzero(when <= cut)
        later = np.flatnonzero((when > cut) & ~np.isin(names, names[earlier]))
        if all(
            len(np.unique(names[side][labels[side] == 1])) >= 2 and (labels[side] == 0).any()
            for side in (earlier, later)
        ):
            yield earlier, later


@dataclass(frozen=True)
class _Bench:
    documents: Sequence[Document]
    truth: Labels
    groups: Sequence[str]
    criteria_text: str

    def trial(
        self, name: str, champion: Contender, challenger: Contender, splits: Sequence[tuple[Indices, Indices, int]]
    ) -> Trial:
        """Both contenders over the same splits."""
        (first, first_last, who), (second, second_last, _) = (
            self._shares(contender, splits) for contender in (champion, challenger)
        )
        rng = np.random.default_rng(splits[0][2])
        return Trial(
            name,
            bootstrap_mean(first, rng, groups=who),
            bootstrap_mean(second, rng, groups=who),
            bootstrap_mean(second - first, rng, groups=who),
            first_last,
            second_last,
        )

    def _shares(
        self, contender: Contender, splits: Sequence[tuple[Indices, Indices, int]]
    ) -> tuple[Floats, float, list[str]]:
        """Per held-out included record the share of excluded ones above it; mean worst of them; their groups."""
        shares, last, who = [], [], []
        for train, held_out, seed in splits:
            known = train[contender.labels[train] != UNKNOWN]
            screener = contender.make().fit(
                [self.documents[at] for at in known],
                contender.labels[known],
                criteria_text=self.criteria_text,
                passed=None if contender.passed is None else contender.passed[known],
                groups=[self.groups[at] for at in known],
                seed=seed,
            )
            scores = screener.score([self.documents[at] for at in held_out])
            above = shares_above(self.truth[held_out], scores)
            shares.append(above)
            last.append(float(above.max()))
            who += [self.groups[at] for at in held_out[self.truth[held_out] == 1]]
        return np.concatenate(shares), float(np.mean(last)), who


def shares_above(labels: Labels, scores: Floats) -> Floats:
    """Share of excluded records with a higher score, for each included one in the order given; ties count half."""
    excluded = np.sort(scores[labels == 0])
    included = scores[labels == 1]
    higher = len(excluded) - np.searchsorted(excluded, included, side="right")
    tied = np.searchsorted(excluded, included, side="right") - np.searchsorted(excluded, included, side="left")
    return np.asarray((higher + tied / 2) / len(excluded), dtype=np.float64)
