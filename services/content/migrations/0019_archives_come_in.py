"""archives come in."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "archive_lines",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("source_ref", sa.String(length=200), nullable=False),
        sa.Column("object_kind", sa.String(length=16), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("root_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "source_ref", name=op.f("pk_archive_lines")),
    )


def downgrade() -> None:
    op.drop_table("archive_lines")
