"""which reader read a report, and what an earlier one read in it"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("assessments", sa.Column("reader", sa.String(length=64), server_default="", nullable=False))
    op.create_table(
        "earlier_readings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("reader", sa.String(length=64), nullable=False),
        sa.Column("reading", sa.JSON(), nullable=False),
        sa.Column("assessed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["assessment_id"], ["assessments.id"], name=op.f("fk_earlier_readings_assessment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_earlier_readings")),
    )
    op.create_index(op.f("ix_earlier_readings_assessment_id"), "earlier_readings", ["assessment_id"])


def downgrade() -> None:
    op.drop_table("earlier_readings")
    op.drop_column("assessments", "reader")
