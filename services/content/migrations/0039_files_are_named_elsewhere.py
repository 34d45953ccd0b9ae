"""Things of other services name files."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attachment_uses",
        sa.Column("attachment_id", sa.Uuid(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("linked", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("told_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachments.id"], name=op.f("fk_attachment_uses_attachment_id_attachments")
        ),
        sa.PrimaryKeyConstraint("attachment_id", "object_id", name=op.f("pk_attachment_uses")),
    )


def downgrade() -> None:
    op.drop_table("attachment_uses")
