"""Duplicates are merged."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("discussions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("merged_into_id", sa.Uuid(), nullable=True))

    with op.batch_alter_table("bookmarks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bookmarks_object_id"), ["object_id"], unique=False)

    with op.batch_alter_table("read_marks", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_read_marks_discussion_id_read_upto"), ["discussion_id", "read_upto"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("read_marks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_read_marks_discussion_id_read_upto"))

    with op.batch_alter_table("bookmarks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bookmarks_object_id"))

    with op.batch_alter_table("discussions", schema=None) as batch_op:
        batch_op.drop_column("merged_into_id")
