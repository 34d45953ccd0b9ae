"""rules are acknowledged."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rule_sets",
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("rules", JsonDocument, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("published_at", UTCDateTime(), nullable=True),
        sa.Column("published_by", sa.String(length=64), nullable=True),
        sa.Column("acknowledge_by", UTCDateTime(), nullable=True),
        sa.Column("superseded_at", UTCDateTime(), nullable=True),
        sa.Column("reminded_until", UTCDateTime(), nullable=True),
        sa.Column("reminded_after", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(number IS NULL) = (published_at IS NULL) AND (number IS NULL) = (acknowledge_by IS NULL)",
            name=op.f("ck_rule_sets_published"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities.id"], name=op.f("fk_rule_sets_community_id_communities")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_sets")),
        sa.UniqueConstraint("community_id", "number", name=op.f("uq_rule_sets_community_id_number")),
    )
    with op.batch_alter_table("rule_sets", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_rule_sets_community_id_created_at_id"), ["community_id", "created_at", "id"], unique=False
        )
        batch_op.create_index(
            "uq_rule_sets_draft",
            ["community_id"],
            unique=True,
            postgresql_where=sa.text("number IS NULL"),
            sqlite_where=sa.text("number IS NULL"),
        )

    op.create_table(
        "rule_acknowledgements",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("rule_set_id", sa.Uuid(), nullable=False),
        sa.Column("acknowledged_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_rule_acknowledgements_member_id_members")),
        sa.ForeignKeyConstraint(
            ["rule_set_id"], ["rule_sets.id"], name=op.f("fk_rule_acknowledgements_rule_set_id_rule_sets")
        ),
        sa.PrimaryKeyConstraint("member_id", "rule_set_id", name=op.f("pk_rule_acknowledgements")),
    )
    with op.batch_alter_table("rule_acknowledgements", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rule_acknowledgements_rule_set_id"), ["rule_set_id"], unique=False)

    with op.batch_alter_table("communities", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rule_set_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("rules_version", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("rules_acknowledge_by", UTCDateTime(), nullable=True))

    with op.batch_alter_table("members", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rules_acknowledged", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("rules_overdue", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("acknowledgements_told", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("members", schema=None) as batch_op:
        batch_op.drop_column("acknowledgements_told")
        batch_op.drop_column("rules_overdue")
        batch_op.drop_column("rules_acknowledged")

    with op.batch_alter_table("communities", schema=None) as batch_op:
        batch_op.drop_column("rules_acknowledge_by")
        batch_op.drop_column("rules_version")
        batch_op.drop_column("rule_set_id")

    with op.batch_alter_table("rule_acknowledgements", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rule_acknowledgements_rule_set_id"))

    op.drop_table("rule_acknowledgements")
    with op.batch_alter_table("rule_sets", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_rule_sets_draft", postgresql_where=sa.text("number IS NULL"), sqlite_where=sa.text("number IS NULL")
        )
        batch_op.drop_index(batch_op.f("ix_rule_sets_community_id_created_at_id"))

    op.drop_table("rule_sets")
