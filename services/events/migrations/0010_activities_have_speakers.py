"""activities have speakers."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "activity_speakers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=True),
        sa.Column("invited_at", UTCDateTime(), nullable=False),
        sa.Column("withdrawn_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("person_id IS NULL OR name IS NULL", name=op.f("ck_activity_speakers_known_or_named")),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.id"], name=op.f("fk_activity_speakers_activity_id_activities")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_speakers")),
    )
    with op.batch_alter_table("activity_speakers", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_activity_speakers_person_id_activity_id"), ["person_id", "activity_id"], unique=False
        )
        batch_op.create_index(
            "uq_activity_speakers_once",
            ["activity_id", "person_id"],
            unique=True,
            postgresql_where=sa.text("withdrawn_at IS NULL"),
            sqlite_where=sa.text("withdrawn_at IS NULL"),
        )

    op.create_table(
        "speaker_contacts",
        sa.Column("speaker_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.id"], name=op.f("fk_speaker_contacts_activity_id_activities")
        ),
        sa.ForeignKeyConstraint(
            ["speaker_id"], ["activity_speakers.id"], name=op.f("fk_speaker_contacts_speaker_id_activity_speakers")
        ),
        sa.PrimaryKeyConstraint("speaker_id", name=op.f("pk_speaker_contacts")),
        sa.UniqueConstraint("activity_id", "email", name=op.f("uq_speaker_contacts_activity_id_email")),
    )


def downgrade() -> None:
    op.drop_table("speaker_contacts")
    with op.batch_alter_table("activity_speakers", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_activity_speakers_once",
            postgresql_where=sa.text("withdrawn_at IS NULL"),
            sqlite_where=sa.text("withdrawn_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_activity_speakers_person_id_activity_id"))

    op.drop_table("activity_speakers")
