"""texts of others are judged."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "judged_texts",
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("root_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("object_id", name=op.f("pk_judged_texts")),
    )
    with op.batch_alter_table("judged_texts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_judged_texts_decided_at"), ["decided_at"], unique=False)


def downgrade() -> None:
    op.drop_table("judged_texts")
