"""members agree to charters."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "charter_agreements",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("agreed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id", "version"],
            ["charters.community_id", "charters.version"],
            name=op.f("fk_charter_agreements_community_id_version_charters"),
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_charter_agreements_member_id_members")),
        sa.PrimaryKeyConstraint("member_id", "version", name=op.f("pk_charter_agreements")),
    )


def downgrade() -> None:
    op.drop_table("charter_agreements")
