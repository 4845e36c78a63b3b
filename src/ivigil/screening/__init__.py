"""The screener: learns from a review's labels, ranks what comes next, says why, and never moves a given score."""

from ivigil.screening.base import Explanation, Neighbour, Screener, TermWeight
from ivigil.screening.card import Card, Interval, MetricRow, data_hash
from ivigil.screening.criteria_ranker import CriteriaRanker
from ivigil.screening.documents import Document
from ivigil.screening.elas import ElasU4
from ivigil.screening.encoders import Encoder, load_encoder
from ivigil.screening.fusion import FusionScreener
from ivigil.screening.guarantee import Guarantee, audit_sample, missed_at_most
from ivigil.screening.model_files import load, read_card, save
from ivigil.screening.out_of_fold import out_of_fold_scores

__all__ = [
    "Card",
    "CriteriaRanker",
    "Document",
    "ElasU4",
    "Encoder",
    "Explanation",
    "FusionScreener",
    "Guarantee",
    "Interval",
    "MetricRow",
    "Neighbour",
    "Screener",
    "TermWeight",
    "audit_sample",
    "data_hash",
    "load",
    "load_encoder",
    "missed_at_most",
    "out_of_fold_scores",
    "read_card",
    "save",
]
