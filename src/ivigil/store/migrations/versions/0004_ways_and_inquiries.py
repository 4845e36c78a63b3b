"""kinds of questions to a source, ways that name a document, and what was asked about single documents"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("searches", sa.Column("kind", sa.String(length=20), nullable=False, server_default="search"))
    if op.get_bind().dialect.name != "sqlite":  # SQLite holds no text to a length
        op.alter_column("records", "way", type_=sa.String(length=450), existing_type=sa.String(length=40))
    op.create_table(
        "inquiries",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("about", sa.String(length=450), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "source", "about", name=op.f("pk_inquiries")),
    )


def downgrade() -> None:
    op.drop_table("inquiries")
    op.drop_column("searches", "kind")
