"""labels say who passed title and abstract; a month's audit sample stays as it was drawn"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("labels", sa.Column("passed", sa.Boolean(), nullable=True))
    op.create_table(
        "audits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("protocol", sa.String(length=100), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("screener_id", sa.Integer(), nullable=False),
        sa.Column("threshold", sa.Float(), nullable=False),
        sa.Column("below", sa.Integer(), nullable=False),
        sa.Column("report_ids", sa.JSON(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["screener_id"], ["screeners.id"], name=op.f("fk_audits_screener_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audits")),
        sa.UniqueConstraint("protocol", "month", name=op.f("uq_audits_protocol")),
    )


def downgrade() -> None:
    op.drop_table("audits")
    op.drop_column("labels", "passed")
