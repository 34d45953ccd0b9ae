"""members react."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # With a default in the database: there are rows, and the release before writes more without it.
    op.create_table(
        "reactions",
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("object_kind", sa.String(length=16), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("reaction", sa.String(length=16), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reactions")),
        sa.UniqueConstraint(
            "member_id", "object_id", "reaction", name=op.f("uq_reactions_member_id_object_id_reaction")
        ),
    )
    with op.batch_alter_table("reactions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reactions_object_id_given"), ["object_id", "given"], unique=False)

    with op.batch_alter_table("discussions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reactions", JsonDocument, nullable=False, server_default="{}"))

    with op.batch_alter_table("replies", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reactions", JsonDocument, nullable=False, server_default="{}"))


def downgrade() -> None:
    with op.batch_alter_table("replies", schema=None) as batch_op:
        batch_op.drop_column("reactions")

    with op.batch_alter_table("discussions", schema=None) as batch_op:
        batch_op.drop_column("reactions")

    with op.batch_alter_table("reactions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reactions_object_id_given"))

    op.drop_table("reactions")
