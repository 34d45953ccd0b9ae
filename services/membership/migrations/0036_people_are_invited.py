"""people are invited."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "member_invitations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        sa.Column("revoked_by", sa.String(length=64), nullable=True),
        sa.CheckConstraint("person_id IS NULL OR email IS NULL", name=op.f("ck_member_invitations_for_one")),
        sa.CheckConstraint("used >= 0 AND used <= uses", name=op.f("ck_member_invitations_used")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohorts.id"], name=op.f("fk_member_invitations_cohort_id_cohorts")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities.id"], name=op.f("fk_member_invitations_community_id_communities")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_member_invitations_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_invitations")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_member_invitations_secret_hash")),
    )
    with op.batch_alter_table("member_invitations", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_member_invitations_community_id_created_at_id"),
            ["community_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_member_invitations_email"), ["email"], unique=False)
        batch_op.create_index(batch_op.f("ix_member_invitations_person_id"), ["person_id"], unique=False)

    op.create_table(
        "member_invitation_uses",
        sa.Column("invitation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"],
            ["member_invitations.id"],
            name=op.f("fk_member_invitation_uses_invitation_id_member_invitations"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_member_invitation_uses_person_id_people")),
        sa.PrimaryKeyConstraint("invitation_id", "person_id", name=op.f("pk_member_invitation_uses")),
    )
    with op.batch_alter_table("member_invitation_uses", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_member_invitation_uses_person_id"), ["person_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("member_invitation_uses", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_member_invitation_uses_person_id"))

    op.drop_table("member_invitation_uses")
    with op.batch_alter_table("member_invitations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_member_invitations_person_id"))
        batch_op.drop_index(batch_op.f("ix_member_invitations_email"))
        batch_op.drop_index(batch_op.f("ix_member_invitations_community_id_created_at_id"))

    op.drop_table("member_invitations")
