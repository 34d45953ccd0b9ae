"""people log in by company account."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "identities",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("tenant", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("linked_at", UTCDateTime(), nullable=False),
        sa.Column("linked_by", sa.String(length=16), nullable=False),
        sa.Column("last_used_at", UTCDateTime(), nullable=True),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("linked_by IN ('person', 'employee_no', 'admin')", name=op.f("ck_identities_linked_by")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_identities_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identities")),
    )
    with op.batch_alter_table("identities", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_identities_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_identities_provider_subject"), ["provider", "subject"], unique=False)
        batch_op.create_index(
            "uq_identities_open",
            ["provider", "tenant", "kind", "subject"],
            unique=True,
            postgresql_where=sa.text("closed_at IS NULL"),
            sqlite_where=sa.text("closed_at IS NULL"),
        )

    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("provider", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("provider_session", sa.String(length=255), nullable=True))
        batch_op.add_column(sa.Column("identity_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("ends_at", UTCDateTime(), nullable=True))
        batch_op.create_index(batch_op.f("ix_sessions_identity_id"), ["identity_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_sessions_provider_provider_session"), ["provider", "provider_session"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sessions_provider_provider_session"))
        batch_op.drop_index(batch_op.f("ix_sessions_identity_id"))
        batch_op.drop_column("ends_at")
        batch_op.drop_column("identity_id")
        batch_op.drop_column("provider_session")
        batch_op.drop_column("provider")

    with op.batch_alter_table("identities", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_identities_open",
            postgresql_where=sa.text("closed_at IS NULL"),
            sqlite_where=sa.text("closed_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_identities_provider_subject"))
        batch_op.drop_index(batch_op.f("ix_identities_person_id"))

    op.drop_table("identities")
