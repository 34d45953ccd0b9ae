"""an article tells of an activity."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.add_column(sa.Column("archive_article_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("archive_shown", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("archive_version", sa.Integer(), server_default="0", nullable=False))
        batch_op.create_index(batch_op.f("ix_activities_archive_article_id"), ["archive_article_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_activities_archive_article_id"))
        batch_op.drop_column("archive_version")
        batch_op.drop_column("archive_shown")
        batch_op.drop_column("archive_article_id")
