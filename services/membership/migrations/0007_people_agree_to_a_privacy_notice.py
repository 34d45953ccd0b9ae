"""people agree to a privacy notice."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "privacy_notices",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text_zh", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("published_at", UTCDateTime(), nullable=False),
        sa.Column("published_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_privacy_notices")),
    )
    op.create_table(
        "privacy_agreements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("occasion", sa.String(length=16), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("occasion IN ('activation', 'application')", name=op.f("ck_privacy_agreements_occasion")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_privacy_agreements_person_id_people")),
        sa.ForeignKeyConstraint(
            ["version"], ["privacy_notices.version"], name=op.f("fk_privacy_agreements_version_privacy_notices")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_agreements")),
    )
    with op.batch_alter_table("privacy_agreements", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_privacy_agreements_person_id"), ["person_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("privacy_agreements", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_privacy_agreements_person_id"))

    op.drop_table("privacy_agreements")
    op.drop_table("privacy_notices")
