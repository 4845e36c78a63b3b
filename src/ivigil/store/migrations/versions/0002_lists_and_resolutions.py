"""lists are filtered and searched in the database; a decision may resolve a conflict"""

import sqlalchemy as sa
from alembic import op

from ivigil.store.types import RecordColumn
from ivigil.store.words import words_of

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reports", sa.Column("title", sa.String(), nullable=False, server_default=""))
    op.add_column("reports", sa.Column("has_abstract", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("reports", sa.Column("words", sa.String(), nullable=False, server_default=""))
    op.add_column("decisions", sa.Column("resolves", sa.Boolean(), nullable=False, server_default=sa.false()))
    reports = sa.table(
        "reports",
        sa.column("id", sa.Integer),
        sa.column("best", RecordColumn),
        sa.column("title", sa.String),
        sa.column("has_abstract", sa.Boolean),
        sa.column("words", sa.String),
    )
    bind = op.get_bind()
    for report_id in bind.scalars(sa.select(reports.c.id)).all():
        best = bind.scalars(sa.select(reports.c.best).where(reports.c.id == report_id)).one()
        derived = {"title": best.title, "has_abstract": bool(best.abstract), "words": words_of(best)}
        bind.execute(sa.update(reports).where(reports.c.id == report_id).values(**derived))


def downgrade() -> None:
    op.drop_column("decisions", "resolves")
    op.drop_column("reports", "words")
    op.drop_column("reports", "has_abstract")
    op.drop_column("reports", "title")
