"""speakers come by a link."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "speaker_invitations",
        sa.Column("speaker_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.id"], name=op.f("fk_speaker_invitations_activity_id_activities")
        ),
        sa.ForeignKeyConstraint(
            ["speaker_id"], ["activity_speakers.id"], name=op.f("fk_speaker_invitations_speaker_id_activity_speakers")
        ),
        sa.PrimaryKeyConstraint("speaker_id", name=op.f("pk_speaker_invitations")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_speaker_invitations_secret_hash")),
    )
    with op.batch_alter_table("speaker_invitations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_speaker_invitations_activity_id"), ["activity_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("speaker_invitations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_speaker_invitations_activity_id"))

    op.drop_table("speaker_invitations")
