"""rewards have pictures."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attachment_links",
        sa.Column("attachment_id", sa.Uuid(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=True),
        sa.Column("linked", sa.Boolean(), nullable=False),
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("attachment_id", "object_id", name=op.f("pk_attachment_links")),
    )
    with op.batch_alter_table("attachment_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachment_links_object_id"), ["object_id"], unique=False)
    with op.batch_alter_table("rewards", schema=None) as batch_op:
        batch_op.add_column(sa.Column("picture_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("rewards", schema=None) as batch_op:
        batch_op.drop_column("picture_id")
    with op.batch_alter_table("attachment_links", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attachment_links_object_id"))
    op.drop_table("attachment_links")
