"""initial."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("on_behalf_of", sa.String(length=64), nullable=True),
        sa.Column("action", sa.String(length=100), nullable=False),
        sa.Column("object_kind", sa.String(length=64), nullable=False),
        sa.Column("object_id", sa.String(length=64), nullable=True),
        sa.Column("community_id", sa.Uuid(), nullable=True),
        sa.Column("changes", JsonDocument, nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_entries_actor_at"), ["actor", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_entries_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_entries_community_id_at"), ["community_id", "at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_audit_entries_object_kind_object_id"), ["object_kind", "object_id"], unique=False
        )

    op.create_table(
        "board_windows",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.String(length=16), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=True),
        sa.Column("freezes_at", UTCDateTime(), nullable=True),
        sa.Column("frozen_at", UTCDateTime(), nullable=True),
        sa.Column("members", sa.Integer(), nullable=True),
        sa.CheckConstraint("period IN ('day', 'week', 'month', 'all_time')", name=op.f("ck_board_windows_period")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_windows")),
        sa.UniqueConstraint(
            "community_id", "period", "from_day", name=op.f("uq_board_windows_community_id_period_from_day")
        ),
    )
    with op.batch_alter_table("board_windows", schema=None) as batch_op:
        batch_op.create_index(
            "ix_board_windows_not_frozen",
            ["freezes_at"],
            unique=False,
            postgresql_where=sa.text("frozen_at IS NULL"),
            sqlite_where=sa.text("frozen_at IS NULL"),
        )

    op.create_table(
        "checkins",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("began_at", UTCDateTime(), nullable=False),
        sa.Column("streak_days", sa.String(length=16), nullable=False),
        sa.Column("occurred_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=2000), nullable=True),
        sa.Column("source_ref", sa.String(length=200), nullable=True),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("froze", sa.Boolean(), nullable=False),
        sa.CheckConstraint("origin IN ('now', 'made_up', 'imported')", name=op.f("ck_checkins_origin")),
        sa.CheckConstraint("streak_days IN ('every_day', 'workdays')", name=op.f("ck_checkins_streak_days")),
        sa.CheckConstraint("length > 0", name=op.f("ck_checkins_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkins")),
        sa.UniqueConstraint("community_id", "source_ref", name=op.f("uq_checkins_community_id_source_ref")),
        sa.UniqueConstraint("member_id", "day", name=op.f("uq_checkins_member_id_day")),
    )
    with op.batch_alter_table("checkins", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_checkins_community_id_occurred_at_id"), ["community_id", "occurred_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_checkins_member_id_occurred_at_id"), ["member_id", "occurred_at", "id"], unique=False
        )

    op.create_table(
        "community_calendars",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("day_starts_at", sa.Time(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "version", name=op.f("pk_community_calendars")),
    )
    op.create_table(
        "consumer_progress",
        sa.Column("consumer", sa.String(length=100), nullable=False),
        sa.Column("topic", sa.String(length=128), nullable=False),
        sa.Column("partition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("next_offset", sa.BigInteger(), nullable=False),
        sa.Column("caught_up_at", UTCDateTime(), nullable=True),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "topic", "partition", name=op.f("pk_consumer_progress")),
    )
    op.create_table(
        "dead_letters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consumer", sa.String(length=100), nullable=False),
        sa.Column("handler", sa.String(length=100), nullable=False),
        sa.Column("topic", sa.String(length=128), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.String(length=255), nullable=True),
        sa.Column("type", sa.String(length=255), nullable=True),
        sa.Column("source", sa.String(length=255), nullable=True),
        sa.Column("key", sa.LargeBinary(), nullable=True),
        sa.Column("headers", JsonDocument, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failed_at", UTCDateTime(), nullable=False),
        sa.Column("replayed_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dead_letters")),
        sa.UniqueConstraint(
            "consumer",
            "topic",
            "partition",
            "offset",
            "handler",
            name=op.f("uq_dead_letters_consumer_topic_partition_offset_handler"),
        ),
    )
    with op.batch_alter_table("dead_letters", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dead_letters_failed_at"), ["failed_at"], unique=False)

    op.create_table(
        "earning_claims",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("rule_code", sa.String(length=64), nullable=False),
        sa.Column("thing", sa.String(length=160), nullable=False),
        sa.Column("claimed_at", UTCDateTime(), nullable=False),
        sa.Column("claimed_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("member_id", "rule_code", "thing", name=op.f("pk_earning_claims")),
    )
    op.create_table(
        "earning_occurrences",
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("beneficiary", sa.String(length=16), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("trigger", sa.String(length=64), nullable=False),
        sa.Column("target_kind", sa.String(length=32), nullable=False),
        sa.Column("target_id", sa.String(length=120), nullable=False),
        sa.Column("about_kind", sa.String(length=32), nullable=True),
        sa.Column("about_id", sa.String(length=120), nullable=True),
        sa.Column("occurred_at", UTCDateTime(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("own", sa.Boolean(), nullable=False),
        sa.Column("attributes", JsonDocument, nullable=False),
        sa.Column("backfill", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", "beneficiary", "member_id", name=op.f("pk_earning_occurrences")),
    )
    with op.batch_alter_table("earning_occurrences", schema=None) as batch_op:
        batch_op.create_index(
            "ix_earning_occurrences_about",
            ["about_id"],
            unique=False,
            postgresql_where=sa.text("about_id IS NOT NULL"),
            sqlite_where=sa.text("about_id IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_earning_occurrences_community_id_occurred_at"), ["community_id", "occurred_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_earning_occurrences_member_id_trigger_occurred_at"),
            ["member_id", "trigger", "occurred_at"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_earning_occurrences_target_id_target_kind"), ["target_id", "target_kind"], unique=False
        )

    op.create_table(
        "earning_outcomes",
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("rule_code", sa.String(length=64), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("wanted_points", sa.Integer(), nullable=False),
        sa.Column("wanted_xp", sa.Integer(), nullable=False),
        sa.Column("paid_points", sa.Integer(), nullable=False),
        sa.Column("paid_xp", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("occurred_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", "member_id", "rule_code", name=op.f("pk_earning_outcomes")),
    )
    with op.batch_alter_table("earning_outcomes", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_earning_outcomes_member_id_occurred_at"), ["member_id", "occurred_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_earning_outcomes_recorded_at"), ["recorded_at"], unique=False)

    op.create_table(
        "earning_rule_versions",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("trigger", sa.String(length=64), nullable=False),
        sa.Column("when", JsonDocument, nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("xp", sa.Integer(), nullable=False),
        sa.Column("beneficiary", sa.String(length=16), nullable=False),
        sa.Column("once_per", sa.String(length=8), nullable=False),
        sa.Column("daily_cap", sa.Integer(), nullable=True),
        sa.Column("weekly_cap", sa.Integer(), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("valid_from", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "code", "version", name=op.f("pk_earning_rule_versions")),
    )
    op.create_table(
        "earning_shares",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("rule_code", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("last_at", UTCDateTime(), nullable=False),
        sa.Column("last_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("member_id", "rule_code", "day", name=op.f("pk_earning_shares")),
    )
    op.create_table(
        "earning_withdrawals",
        sa.Column("target_kind", sa.String(length=32), nullable=False),
        sa.Column("target_id", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('counts', 'removed', 'void')", name=op.f("ck_earning_withdrawals_state")),
        sa.PrimaryKeyConstraint("target_kind", "target_id", name=op.f("pk_earning_withdrawals")),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("caller", sa.String(length=64), nullable=False),
        sa.Column("operation", sa.String(length=100), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("status_code", sa.Integer(), nullable=True),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("caller", "operation", "key", name=op.f("pk_idempotency_keys")),
    )
    with op.batch_alter_table("idempotency_keys", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_idempotency_keys_created_at"), ["created_at"], unique=False)

    op.create_table(
        "inbox",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("handler", sa.String(length=100), nullable=False),
        sa.Column("handled_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", "handler", name=op.f("pk_inbox")),
    )
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inbox_handled_at"), ["handled_at"], unique=False)

    op.create_table(
        "jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("params", JsonDocument, nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=True),
        sa.Column("started_by", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("result", JsonDocument, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_owner", sa.String(length=64), nullable=True),
        sa.Column("lease_until", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=True),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')", name=op.f("ck_jobs_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_jobs_state_lease_until"), ["state", "lease_until"], unique=False)

    op.create_table(
        "known_communities",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("visibility", sa.String(length=16), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("day_starts_at", sa.Time(), nullable=False),
        sa.Column("streak_days", sa.String(length=16), nullable=False),
        sa.Column("topics", JsonDocument, nullable=False),
        sa.Column("values", JsonDocument, nullable=False),
        sa.Column("operated_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_communities")),
    )
    op.create_table(
        "known_members",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("roles", JsonDocument, nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("status_until", UTCDateTime(), nullable=True),
        sa.Column("acknowledged", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("joined_at", UTCDateTime(), nullable=False),
        sa.Column("via", sa.String(length=16), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.String(length=64), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_members")),
    )
    with op.batch_alter_table("known_members", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_known_members_community_id_person_id"), ["community_id", "person_id"], unique=True
        )
        batch_op.create_index(batch_op.f("ix_known_members_person_id"), ["person_id"], unique=False)

    op.create_table(
        "known_people",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("employee_no", sa.String(length=64), nullable=True),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("department_code", sa.String(length=64), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("hired_on", sa.Date(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("locale", sa.String(length=16), nullable=True),
        sa.Column("time_zone", sa.String(length=64), nullable=True),
        sa.Column("avatar_url", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_people")),
    )
    with op.batch_alter_table("known_people", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_known_people_employee_no"), ["employee_no"], unique=False)

    op.create_table(
        "level_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("from_position", sa.Integer(), nullable=False),
        sa.Column("to_position", sa.Integer(), nullable=False),
        sa.Column("xp", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_level_changes")),
    )
    with op.batch_alter_table("level_changes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_level_changes_member_id"), ["member_id"], unique=False)

    op.create_table(
        "member_statuses",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("member_id", "version", name=op.f("pk_member_statuses")),
    )
    op.create_table(
        "outbox",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("aggregatetype", sa.String(length=64), nullable=False),
        sa.Column("aggregateid", sa.String(length=255), nullable=False),
        sa.Column("aggregateversion", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(length=128), nullable=False),
        sa.Column("topic", sa.String(length=128), nullable=False),
        sa.Column("partitionkey", sa.String(length=255), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("occurred_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("communityid", sa.Uuid(), nullable=True),
        sa.Column("actorid", sa.String(length=64), nullable=False),
        sa.Column("backfill", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("traceparent", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_outbox")),
        sa.UniqueConstraint("id", name=op.f("uq_outbox_id")),
        postgresql_with={"autovacuum_vacuum_scale_factor": 0.0, "autovacuum_vacuum_threshold": 2000},
        sqlite_autoincrement=True,
    )
    op.create_table(
        "streak_weeks",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("completed_on", sa.Date(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("due", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("member_id", "completed_on", name=op.f("pk_streak_weeks")),
    )
    op.create_table(
        "streaks",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("last_time_zone", sa.String(length=64), nullable=False),
        sa.Column("last_began_at", UTCDateTime(), nullable=False),
        sa.Column("last_streak_days", sa.String(length=16), nullable=False),
        sa.Column("current", sa.Integer(), nullable=False),
        sa.Column("longest", sa.Integer(), nullable=False),
        sa.Column("checkins", sa.Integer(), nullable=False),
        sa.Column("freezes", sa.Integer(), nullable=False),
        sa.Column("freezes_used", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_streaks")),
    )
    with op.batch_alter_table("streaks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_streaks_community_id"), ["community_id"], unique=False)

    op.create_table(
        "timers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=100), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("not_before", UTCDateTime(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timers")),
        sa.UniqueConstraint("kind", "subject_id", name=op.f("uq_timers_kind_subject_id")),
    )
    with op.batch_alter_table("timers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_timers_not_before"), ["not_before"], unique=False)

    op.create_table(
        "wallets",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("xp", sa.Integer(), nullable=False),
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("joined_at", UTCDateTime(), nullable=True),
        sa.Column("standing_changed", sa.Boolean(), nullable=False),
        sa.Column("level_position", sa.Integer(), nullable=False),
        sa.Column("level_since", UTCDateTime(), nullable=True),
        sa.Column("level_below_since", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_wallets")),
    )
    with op.batch_alter_table("wallets", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_wallets_community_id"), ["community_id"], unique=False)

    op.create_table(
        "board_scores",
        sa.Column("window_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("deficit", sa.Integer(), nullable=False),
        sa.Column("reached_at", UTCDateTime(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["window_id"],
            ["board_windows.id"],
            name=op.f("fk_board_scores_window_id_board_windows"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("window_id", "member_id", name=op.f("pk_board_scores")),
    )
    with op.batch_alter_table("board_scores", schema=None) as batch_op:
        batch_op.create_index(
            "ix_board_scores_order",
            ["window_id", "deficit", "reached_at", "member_id"],
            unique=False,
            postgresql_where=sa.text("listed"),
            sqlite_where=sa.text("listed"),
        )

    op.create_table(
        "job_errors",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_job_errors_job_id_jobs"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_errors")),
    )
    with op.batch_alter_table("job_errors", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_job_errors_job_id_row"), ["job_id", "row"], unique=False)

    op.create_table(
        "job_inputs",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_job_inputs_job_id_jobs"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_job_inputs")),
    )
    op.create_table(
        "ledger_transfers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("posting_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=8), nullable=False),
        sa.Column("debit", sa.String(length=16), nullable=False),
        sa.Column("credit", sa.String(length=16), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("rule_code", sa.String(length=64), nullable=True),
        sa.Column("rule_version", sa.Integer(), nullable=True),
        sa.Column("thing", sa.String(length=160), nullable=True),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("source_type", sa.String(length=64), nullable=False),
        sa.Column("target_kind", sa.String(length=32), nullable=True),
        sa.Column("target_id", sa.String(length=120), nullable=True),
        sa.Column("occurred_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("reverses", sa.Uuid(), nullable=True),
        sa.Column("why", sa.String(length=16), nullable=True),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("idempotency_key", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(debit = 'wallet') <> (credit = 'wallet')", name=op.f("ck_ledger_transfers_one_wallet")),
        sa.CheckConstraint("(kind = 'reversal') = (reverses IS NOT NULL)", name=op.f("ck_ledger_transfers_reverses")),
        sa.CheckConstraint("currency IN ('points', 'xp')", name=op.f("ck_ledger_transfers_currency")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_ledger_transfers_amount")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["wallets.member_id"], name=op.f("fk_ledger_transfers_member_id_wallets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_transfers")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_ledger_transfers_idempotency_key")),
    )
    with op.batch_alter_table("ledger_transfers", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_ledger_transfers_member_id_occurred_at_id"), ["member_id", "occurred_at", "id"], unique=False
        )
        batch_op.create_index(
            "uq_ledger_transfers_reverses",
            ["reverses"],
            unique=True,
            postgresql_where=sa.text("reverses IS NOT NULL"),
            sqlite_where=sa.text("reverses IS NOT NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("ledger_transfers", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_ledger_transfers_reverses",
            postgresql_where=sa.text("reverses IS NOT NULL"),
            sqlite_where=sa.text("reverses IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_ledger_transfers_member_id_occurred_at_id"))

    op.drop_table("ledger_transfers")
    op.drop_table("job_inputs")
    with op.batch_alter_table("job_errors", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_job_errors_job_id_row"))

    op.drop_table("job_errors")
    with op.batch_alter_table("board_scores", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_board_scores_order",
            postgresql_where=sa.text("listed"),
            sqlite_where=sa.text("listed"),
        )

    op.drop_table("board_scores")
    with op.batch_alter_table("wallets", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_wallets_community_id"))

    op.drop_table("wallets")
    with op.batch_alter_table("timers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_timers_not_before"))

    op.drop_table("timers")
    with op.batch_alter_table("streaks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_streaks_community_id"))

    op.drop_table("streaks")
    op.drop_table("streak_weeks")
    op.drop_table("outbox")
    op.drop_table("member_statuses")
    with op.batch_alter_table("level_changes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_level_changes_member_id"))

    op.drop_table("level_changes")
    with op.batch_alter_table("known_people", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_known_people_employee_no"))

    op.drop_table("known_people")
    with op.batch_alter_table("known_members", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_known_members_person_id"))
        batch_op.drop_index(batch_op.f("ix_known_members_community_id_person_id"))

    op.drop_table("known_members")
    op.drop_table("known_communities")
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_jobs_state_lease_until"))

    op.drop_table("jobs")
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inbox_handled_at"))

    op.drop_table("inbox")
    with op.batch_alter_table("idempotency_keys", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_idempotency_keys_created_at"))

    op.drop_table("idempotency_keys")
    op.drop_table("earning_withdrawals")
    op.drop_table("earning_shares")
    op.drop_table("earning_rule_versions")
    with op.batch_alter_table("earning_outcomes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_earning_outcomes_recorded_at"))
        batch_op.drop_index(batch_op.f("ix_earning_outcomes_member_id_occurred_at"))

    op.drop_table("earning_outcomes")
    with op.batch_alter_table("earning_occurrences", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_earning_occurrences_target_id_target_kind"))
        batch_op.drop_index(batch_op.f("ix_earning_occurrences_member_id_trigger_occurred_at"))
        batch_op.drop_index(batch_op.f("ix_earning_occurrences_community_id_occurred_at"))
        batch_op.drop_index(
            "ix_earning_occurrences_about",
            postgresql_where=sa.text("about_id IS NOT NULL"),
            sqlite_where=sa.text("about_id IS NOT NULL"),
        )

    op.drop_table("earning_occurrences")
    op.drop_table("earning_claims")
    with op.batch_alter_table("dead_letters", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_dead_letters_failed_at"))

    op.drop_table("dead_letters")
    op.drop_table("consumer_progress")
    op.drop_table("community_calendars")
    with op.batch_alter_table("checkins", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_checkins_member_id_occurred_at_id"))
        batch_op.drop_index(batch_op.f("ix_checkins_community_id_occurred_at_id"))

    op.drop_table("checkins")
    with op.batch_alter_table("board_windows", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_board_windows_not_frozen",
            postgresql_where=sa.text("frozen_at IS NULL"),
            sqlite_where=sa.text("frozen_at IS NULL"),
        )

    op.drop_table("board_windows")
    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_entries_object_kind_object_id"))
        batch_op.drop_index(batch_op.f("ix_audit_entries_community_id_at"))
        batch_op.drop_index(batch_op.f("ix_audit_entries_at"))
        batch_op.drop_index(batch_op.f("ix_audit_entries_actor_at"))

    op.drop_table("audit_entries")
