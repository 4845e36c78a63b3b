"""A benchmark as a page of tables, and a review's recall curves as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

import numpy as np

from ivigil.screening.benchmark_result import BASELINE, RANDOM, BenchmarkResult, Protocol, RowResult

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Okabe and Ito's, told apart by all eyes; random order is grey."""
_LEFT, _TOP, _WIDTH, _HEIGHT = 60, 40, 420, 300


def to_markdown(result: BenchmarkResult) -> str:
    """Summary, each protocol by review, the guarantee, and speed."""
    lines = ["# Screening benchmark", "", *(f"**Question this:** {doubt}" for doubt in result.doubts), ""]
    for protocol in dict.fromkeys(row.protocol for row in result.rows):
        rows = [row for row in result.rows if row.protocol == protocol]
        lines += [f"## {protocol}, mean of {len(rows[0].reviews)} reviews", "", *_summary(result, rows), ""]
        lines += ["Loss by review:", "", *_by_review(rows, "loss"), ""]
        lines += ["WSS@95 by review:", "", *_by_review(rows, "wss95"), ""]
        lines += ["Average precision by review:", "", *_by_review(rows, "average_precision"), ""]
        for row in rows:
            lines += _guarantee(row)
    weighed = [row for row in result.rows if row.reviews[0].weights is not None]
    for row in {row.row: row for row in reversed(weighed)}.values():
        lines += _weights(row)
    return "\n".join(lines).rstrip() + "\n"


def _summary(result: BenchmarkResult, rows: Sequence[RowResult]) -> list[str]:
    lines = [
        (
            "| row | loss | × elas_u4 [95 %] | lower loss in | WSS@95 | difference [95 %] "
            "| average precision | higher in | recall@10% | NDCG | ATD | documents/s | seconds to train |"
        ),
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        against = next((one for one in result.against if (one.row, one.protocol) == (row.row, row.protocol)), None)
        beside = (
            (
                str(against.ratio or ""),
                f"{against.wins['loss']} of {against.reviews}",
                str(against.differences["wss95"]),
                f"{against.wins['average_precision']} of {against.reviews}",
            )
            if against
            else ("", "", "", "")
        )
        speed = "" if np.isinf(row.documents_per_second) else f"{row.documents_per_second:.0f}"
        lines.append(
            f"| {row.row} | {row.mean('loss'):.4f} | {beside[0]} | {beside[1]} | {row.mean('wss95'):.3f} | {beside[2]} "
            f"| {row.mean('average_precision'):.3f} | {beside[3]} | {row.mean('recall@10%'):.3f} "
            f"| {row.mean('ndcg'):.3f} | {row.mean('atd'):.0f} | {speed} | {row.seconds_to_train:.1f} |"
        )
    return lines


def _by_review(rows: Sequence[RowResult], metric: str) -> list[str]:
    lines = [f"| review | {' | '.join(row.row for row in rows)} |", f"|---{'|---' * len(rows)}|"]
    for at, review in enumerate(rows[0].reviews):
        values = " | ".join(f"{row.reviews[at].metrics[metric]:.4f}" for row in rows)
        lines.append(f"| {review.review} | {values} |")
    return lines


def _guarantee(row: RowResult) -> list[str]:
    told = [one for one in row.reviews if one.coverage is not None and one.pool_share is not None]
    if row.promised is None or not told:
        return []
    coverage = float(np.mean([one.coverage for one in told if one.coverage is not None]))
    share = float(np.mean([one.pool_share for one in told if one.pool_share is not None]))
    lines = [
        (
            f"Guarantee of {row.row}: promised {row.promised:.3f}, kept {coverage:.3f} (kept less promised, over "
            f"reviews: {row.kept_less_promised}), with {share:.0%} of the pool above the threshold."
        ),
        "",
        "| review | promised | kept | of the pool above |",
        "|---|---|---|---|",
    ]
    lines += [f"| {one.review} | {one.promised:.3f} | {one.coverage:.3f} | {one.pool_share:.0%} |" for one in told]
    return [*lines, ""]


def _weights(row: RowResult) -> list[str]:
    blocks = list(dict.fromkeys(name for one in row.reviews if one.weights for name in one.weights.by_block))
    lines = [
        f"## Weights of {row.row}",
        "",
        f"| review | {' | '.join(blocks)} | learned on |",
        f"|---{'|---' * len(blocks)}|---|",
    ]
    for one in row.reviews:
        if one.weights is not None:
            values = " | ".join(f"{one.weights.by_block.get(name, 0.0):g}" for name in blocks)
            source = "the other public reviews" if one.weights.left_out else "all public reviews, as shipped"
            lines.append(f"| {one.review} | {values} | {source} |")
    return [*lines, ""]


def recall_svg(result: BenchmarkResult, review: str, protocol: Protocol) -> str:
    """Recall against share read, one line a row, mean over seeds.

    Args:
        result: of a benchmark.
        review: a review's name.
        protocol: one of the benchmark's.
    """
    curves = [
        (row.row, one.recall)
        for row in result.rows
        if row.protocol == protocol
        for one in row.reviews
        if one.review == review
    ]
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH + 220} {_HEIGHT + 100}" role="img" '
            f'font-family="sans-serif" font-size="13">'
        ),
        f"<title>Recall on {escape(review)}, {escape(protocol)}</title>",
        f'<rect width="{_WIDTH + 220}" height="{_HEIGHT + 100}" fill="white"/>',
        f'<text x="{_LEFT}" y="24" font-size="15">{escape(review)}, {escape(protocol)}</text>',
    ]
    for tenth in range(0, 11, 2):
        x, y = _LEFT + _WIDTH * tenth / 10, _TOP + _HEIGHT * (1 - tenth / 10)
        parts += [
            f'<path d="M{_LEFT} {y:.1f}h{_WIDTH}M{x:.1f} {_TOP}v{_HEIGHT}" stroke="#ddd" fill="none"/>',
            f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{tenth * 10}%</text>',
            f'<text x="{x:.1f}" y="{_TOP + _HEIGHT + 20}" text-anchor="middle">{tenth * 10}%</text>',
        ]
    for at, (name, recall) in enumerate(curves):
        colour = "#888" if name == RANDOM else COLOURS[at % len(COLOURS)]
        dash = ' stroke-dasharray="5 4"' if name in (RANDOM, BASELINE) else ""
        step = _WIDTH / (len(recall) - 1)
        points = " ".join(
            f"{_LEFT + step * n:.1f},{_TOP + _HEIGHT * (1 - share):.1f}" for n, share in enumerate(recall)
        )
        y = _TOP + 16 + 22 * at
        parts += [
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>',
            f'<path d="M{_LEFT + _WIDTH + 16} {y}h28" stroke="{colour}" stroke-width="2"{dash}/>',
            f'<text x="{_LEFT + _WIDTH + 50}" y="{y + 4}">{escape(name)}</text>',
        ]
    parts += [
        f'<text x="{_LEFT + _WIDTH / 2}" y="{_TOP + _HEIGHT + 44}" text-anchor="middle">share of the list read</text>',
        (
            f'<text transform="translate(16 {_TOP + _HEIGHT / 2}) rotate(-90)" text-anchor="middle">'
            f"share of the included found</text>"
        ),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"
