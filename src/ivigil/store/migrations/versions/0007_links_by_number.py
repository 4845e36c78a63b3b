"""a changed record waits for linking by itself; a link's number is never used again"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(sa.text("UPDATE records SET linked_hash = NULL WHERE linked_hash <> content_hash"))
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("links", recreate="always", table_kwargs={"sqlite_autoincrement": True}):
            pass


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("links", recreate="always", table_kwargs={"sqlite_autoincrement": False}):
            pass
