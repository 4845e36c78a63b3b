"""Scores reports under the champion. A score, once written, stays; a changed text is scored beside the old one."""

from __future__ import annotations

from ivigil.errors import ModelMismatch
from ivigil.screening import Screener, load, load_encoder, read_card
from ivigil.store import ranked
from ivigil.store.tables import ScreenerRow
from ivigil.surveillance.context import Context
from ivigil.surveillance.training import document_of, train_on_criteria


def load_champion(context: Context) -> tuple[ScreenerRow, Screener] | None:
    """The champion's row and its model, checked against the hash that was written when it was trained.

    Raises:
        ModelMismatch: the file is gone, changed, or not a screener.
    """
    with context.store.transaction() as session:
        row = ranked.champion(session, context.protocol.name)
    return None if row is None else (row, load_row(context, row))


def load_row(context: Context, row: ScreenerRow) -> Screener:
    """The model of a screener's row.

    Raises:
        ModelMismatch: the file is gone, changed, or not a screener.
    """
    folder = context.screener_folder / row.version
    card = read_card(folder)
    if card.sha256 != row.sha256:
        raise ModelMismatch(
            f"{folder} does not hold the screener {row.version} that the store knows",
            hint="restore the models folder, or run ivigil retrain",
        )
    identity = card.recipe.get("encoder")
    if identity is None:
        return load(folder)
    return load(folder, load_encoder(context.settings.embedding_model, cache=context.embedding_cache, like=identity))


def score_reports(context: Context) -> int:
    """Score every report whose present text the champion has not scored; returns how many.

    Without a champion, one that ranks by likeness to the criteria is made first.
    """
    champion = load_champion(context)
    if champion is None:
        if train_on_criteria(context) is None:
            return 0
        champion = load_champion(context)
        if champion is None:
            return 0
    row, screener = champion
    with context.store.transaction() as session:
        waiting = ranked.without_score(session, row.id)
    if not waiting:
        return 0
    scores = screener.score([document_of(pending.best, pending.report_id) for pending in waiting])
    with context.store.transaction() as session:
        ranked.save_scores(
            session,
            row.id,
            {
                pending.report_id: (pending.text_hash, float(score))
                for pending, score in zip(waiting, scores, strict=True)
            },
            context.clock.now(),
        )
    return len(waiting)
