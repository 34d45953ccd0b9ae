"""people are enrolled by rule."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "enrolment_rounds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=True),
        sa.Column("person_ids", JsonDocument, nullable=True),
        sa.Column("after", sa.Uuid(), nullable=True),
        sa.Column("begun_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment_rounds")),
    )
    op.create_table(
        "enrolment_kept",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("kept_by", sa.String(length=64), nullable=False),
        sa.Column("kept_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities.id"], name=op.f("fk_enrolment_kept_community_id_communities")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_enrolment_kept_member_id_members")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_enrolment_kept")),
    )
    with op.batch_alter_table("enrolment_kept", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enrolment_kept_community_id"), ["community_id"], unique=False)

    with op.batch_alter_table("communities", schema=None) as batch_op:
        batch_op.add_column(sa.Column("assigned", JsonDocument, nullable=True))
    _allow("application", "import", "invitation", "creation", "open", "assigned")


def downgrade() -> None:
    op.execute("UPDATE members SET via = 'import' WHERE via = 'assigned'")
    _allow("application", "import", "invitation", "creation", "open")
    with op.batch_alter_table("communities", schema=None) as batch_op:
        batch_op.drop_column("assigned")

    with op.batch_alter_table("enrolment_kept", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enrolment_kept_community_id"))

    op.drop_table("enrolment_kept")
    op.drop_table("enrolment_rounds")


def _allow(*ways: str) -> None:
    listed = ", ".join(f"'{way}'" for way in ways)
    with op.batch_alter_table("members", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_members_via"), type_="check")
        batch_op.create_check_constraint(op.f("ck_members_via"), f"via IN ({listed})")
