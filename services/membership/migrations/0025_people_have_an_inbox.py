"""People have an inbox."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notification_changes",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("xact", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("notification_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("unread", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_notification_changes")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("notification_changes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notification_changes_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_notification_changes_xact_seq"), ["xact", "seq"], unique=False)

    op.create_table(
        "notification_followers",
        sa.Column("thing_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("following", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("thing_id", "member_id", name=op.f("pk_notification_followers")),
    )
    op.create_table(
        "notification_rounds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("telling", JsonDocument, nullable=False),
        sa.Column("after", sa.Uuid(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification_rounds")),
    )
    op.create_table(
        "notification_sources",
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("live", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_notification_sources")),
    )
    with op.batch_alter_table("notification_sources", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notification_sources_at"), ["at"], unique=False)

    op.create_table(
        "notification_things",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=400), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("known_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification_things")),
    )
    with op.batch_alter_table("notification_things", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notification_things_known_at"), ["known_at"], unique=False)

    op.create_table(
        "notification_preferences",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("category", sa.String(length=24), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("setting", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_notification_preferences_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "category", "channel", name=op.f("pk_notification_preferences")),
    )
    op.create_table(
        "notifications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=True),
        sa.Column("category", sa.String(length=24), nullable=False),
        sa.Column("critical", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("template", sa.String(length=60), nullable=False),
        sa.Column("template_version", sa.Integer(), nullable=False),
        sa.Column("params", JsonDocument, nullable=False),
        sa.Column("thread", sa.String(length=120), nullable=False),
        sa.Column("object_kind", sa.String(length=32), nullable=True),
        sa.Column("object_id", sa.Uuid(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("told_at", UTCDateTime(), nullable=False),
        sa.Column("read_at", UTCDateTime(), nullable=True),
        sa.Column("snoozed_until", UTCDateTime(), nullable=True),
        sa.Column("withdrawn_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_notifications_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
    )
    with op.batch_alter_table("notifications", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_notifications_person_id_told_at_id"), ["person_id", "told_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_notifications_told_at"), ["told_at"], unique=False)
        batch_op.create_index(
            "uq_notifications_open",
            ["person_id", "thread"],
            unique=True,
            postgresql_where=sa.text("read_at IS NULL AND withdrawn_at IS NULL"),
            sqlite_where=sa.text("read_at IS NULL AND withdrawn_at IS NULL"),
        )

    op.create_table(
        "notification_causes",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.String(length=120), nullable=False),
        sa.Column("notification_id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("told_at", UTCDateTime(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["notification_id"],
            ["notifications.id"],
            name=op.f("fk_notification_causes_notification_id_notifications"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", "cause", name=op.f("pk_notification_causes")),
    )
    with op.batch_alter_table("notification_causes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notification_causes_cause"), ["cause"], unique=False)
        batch_op.create_index(batch_op.f("ix_notification_causes_notification_id"), ["notification_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("notification_causes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notification_causes_notification_id"))
        batch_op.drop_index(batch_op.f("ix_notification_causes_cause"))

    op.drop_table("notification_causes")
    with op.batch_alter_table("notifications", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_notifications_open",
            postgresql_where=sa.text("read_at IS NULL AND withdrawn_at IS NULL"),
            sqlite_where=sa.text("read_at IS NULL AND withdrawn_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_notifications_told_at"))
        batch_op.drop_index(batch_op.f("ix_notifications_person_id_told_at_id"))

    op.drop_table("notifications")
    op.drop_table("notification_preferences")
    with op.batch_alter_table("notification_things", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notification_things_known_at"))

    op.drop_table("notification_things")
    with op.batch_alter_table("notification_sources", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notification_sources_at"))

    op.drop_table("notification_sources")
    op.drop_table("notification_rounds")
    op.drop_table("notification_followers")
    with op.batch_alter_table("notification_changes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notification_changes_xact_seq"))
        batch_op.drop_index(batch_op.f("ix_notification_changes_at"))

    op.drop_table("notification_changes")
