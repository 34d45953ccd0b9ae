"""groups are exported."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "group_exports",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("form", sa.String(length=4), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_group_exports")),
    )
    with op.batch_alter_table("group_exports", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_group_exports_community_id_created_at"), ["community_id", "created_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_group_exports_created_at"), ["created_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("group_exports", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_group_exports_created_at"))
        batch_op.drop_index(batch_op.f("ix_group_exports_community_id_created_at"))

    op.drop_table("group_exports")
