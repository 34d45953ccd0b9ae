"""facts, what was so when they happened, and what they add up to."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "community_calendars",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("day_starts_at", sa.Time(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "version", name=op.f("pk_community_calendars")),
    )
    op.create_table(
        "fact_objects",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state_version", sa.Integer(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("sub_kind", sa.String(length=32), nullable=True),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("tags", JsonDocument, nullable=False),
        sa.Column("author_ids", JsonDocument, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=True),
        sa.Column("details", JsonDocument, nullable=False),
        sa.Column("told", JsonDocument, nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", name=op.f("pk_fact_objects")),
    )
    with op.batch_alter_table("fact_objects", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_fact_objects_community_id_kind_at"), ["community_id", "kind", "at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_fact_objects_id"), ["id"], unique=False)

    op.create_table(
        "facts",
        sa.Column("verb", sa.SmallInteger(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=True),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("about", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state_version", sa.Integer(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("verb", "key", name=op.f("pk_facts")),
    )
    with op.batch_alter_table("facts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_facts_member_id"), ["member_id"], unique=False)
        batch_op.create_index(
            "ix_facts_nobodys",
            ["community_id"],
            unique=False,
            postgresql_where=sa.text("member_id IS NULL"),
            sqlite_where=sa.text("member_id IS NULL"),
        )
        batch_op.create_index(
            "ix_facts_waiting",
            ["community_id", "member_id"],
            unique=False,
            postgresql_where=sa.text("day IS NULL AND at IS NOT NULL"),
            sqlite_where=sa.text("day IS NULL AND at IS NOT NULL"),
        )

    op.create_table(
        "member_days",
        sa.Column("generation", sa.SmallInteger(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("verb", sa.SmallInteger(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint(
            "generation", "community_id", "day", "verb", "member_id", "place_id", name=op.f("pk_member_days")
        ),
    )
    with op.batch_alter_table("member_days", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_member_days_member_id_day"), ["member_id", "day"], unique=False)

    op.create_table(
        "member_periods",
        sa.Column("generation", sa.SmallInteger(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("grain", sa.String(length=8), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("staff", sa.Boolean(), nullable=False),
        sa.Column("deeds", sa.Integer(), nullable=False),
        sa.Column("taking_part", sa.Integer(), nullable=False),
        sa.Column("reads", sa.Integer(), nullable=False),
        sa.CheckConstraint("grain IN ('week', 'month', 'quarter')", name=op.f("ck_member_periods_grain")),
        sa.PrimaryKeyConstraint(
            "generation", "community_id", "grain", "starts_on", "member_id", "staff", name=op.f("pk_member_periods")
        ),
    )
    op.create_table(
        "member_stands",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("staff", sa.Boolean(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("member_id", "version", name=op.f("pk_member_stands")),
    )
    with op.batch_alter_table("member_stands", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_member_stands_community_id_member_id"), ["community_id", "member_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_member_stands_person_id"), ["person_id"], unique=False)

    op.create_table(
        "member_statuses",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("member_id", "version", name=op.f("pk_member_statuses")),
    )
    op.create_table(
        "object_days",
        sa.Column("generation", sa.SmallInteger(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("verb", sa.SmallInteger(), nullable=False),
        sa.Column("about", sa.Uuid(), nullable=False),
        sa.Column("staff", sa.Boolean(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint(
            "generation", "community_id", "day", "verb", "about", "staff", name=op.f("pk_object_days")
        ),
    )
    with op.batch_alter_table("object_days", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_object_days_about_day"), ["about", "day"], unique=False)

    op.create_table(
        "person_places",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("department_code", sa.String(length=64), nullable=True),
        sa.Column("job_grade", sa.String(), nullable=True),
        sa.Column("site", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("person_id", "version", name=op.f("pk_person_places")),
    )
    op.create_table(
        "places",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("department_code", sa.String(length=64), nullable=False),
        sa.Column("job_grade", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("staff", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_places")),
        sa.UniqueConstraint(
            "department_code", "job_grade", "site", "staff", name=op.f("uq_places_department_code_job_grade_site_staff")
        ),
    )
    op.create_table(
        "rollup_generations",
        sa.Column("id", sa.SmallInteger(), nullable=False),
        sa.Column("reading", sa.SmallInteger(), nullable=False),
        sa.Column("building", sa.SmallInteger(), nullable=True),
        sa.Column("passed_verb", sa.SmallInteger(), nullable=True),
        sa.Column("passed_key", sa.Uuid(), nullable=True),
        sa.Column("deleting", sa.SmallInteger(), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_rollup_generations_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollup_generations")),
    )
    op.execute("INSERT INTO rollup_generations (id, reading) VALUES (1, 1)")
    _date_what_is_known()


def _date_what_is_known() -> None:
    """Since when it is so was not kept: since ever, or since they joined. Membership tells the rest again by `qunxue republish`."""
    op.execute(
        """
        INSERT INTO community_calendars (community_id, version, at, time_zone, day_starts_at)
        SELECT id, version, COALESCE(told_at, '2000-01-01 00:00:00+00:00'), time_zone, day_starts_at FROM known_communities
        """
    )
    op.execute(
        """
        INSERT INTO person_places (person_id, version, at, department_code, job_grade, site)
        SELECT id, version, COALESCE(told_at, '2000-01-01 00:00:00+00:00'), department_code, job_grade, site FROM known_people
        """
    )
    op.execute(
        """
        INSERT INTO member_stands (member_id, version, at, staff, community_id, person_id)
        SELECT id, version, joined_at, CAST(roles AS TEXT) LIKE '%"owner"%' OR CAST(roles AS TEXT) LIKE '%"operator"%',
            community_id, person_id
        FROM known_members
        """
    )
    op.execute(
        """
        INSERT INTO member_statuses (member_id, version, at, status, until)
        SELECT id, 0, joined_at, 'active', NULL FROM known_members
        """
    )
    op.execute(
        """
        INSERT INTO member_statuses (member_id, version, at, status, until)
        SELECT id, version, COALESCE(told_at, joined_at), status, status_until FROM known_members WHERE status <> 'active'
        """
    )


def downgrade() -> None:
    op.drop_table("rollup_generations")
    op.drop_table("places")
    op.drop_table("person_places")
    with op.batch_alter_table("object_days", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_object_days_about_day"))

    op.drop_table("object_days")
    op.drop_table("member_statuses")
    with op.batch_alter_table("member_stands", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_member_stands_person_id"))
        batch_op.drop_index(batch_op.f("ix_member_stands_community_id_member_id"))

    op.drop_table("member_stands")
    op.drop_table("member_periods")
    with op.batch_alter_table("member_days", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_member_days_member_id_day"))

    op.drop_table("member_days")
    with op.batch_alter_table("facts", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_facts_waiting",
            postgresql_where=sa.text("day IS NULL AND at IS NOT NULL"),
            sqlite_where=sa.text("day IS NULL AND at IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_facts_nobodys", postgresql_where=sa.text("member_id IS NULL"), sqlite_where=sa.text("member_id IS NULL")
        )
        batch_op.drop_index(batch_op.f("ix_facts_member_id"))

    op.drop_table("facts")
    with op.batch_alter_table("fact_objects", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_fact_objects_id"))
        batch_op.drop_index(batch_op.f("ix_fact_objects_community_id_kind_at"))

    op.drop_table("fact_objects")
    op.drop_table("community_calendars")
