"""what was said in applications is forgotten."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("applications", schema=None) as batch_op:
        batch_op.add_column(sa.Column("forgotten_at", UTCDateTime(), nullable=True))
        batch_op.create_index(
            "ix_applications_to_forget",
            ["step_since"],
            unique=False,
            postgresql_where=sa.text("forgotten_at IS NULL"),
            sqlite_where=sa.text("forgotten_at IS NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("applications", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_applications_to_forget",
            postgresql_where=sa.text("forgotten_at IS NULL"),
            sqlite_where=sa.text("forgotten_at IS NULL"),
        )
        batch_op.drop_column("forgotten_at")
