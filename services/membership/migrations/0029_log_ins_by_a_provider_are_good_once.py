"""log ins by a provider are good once."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "provider_states",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("used_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_provider_states")),
    )
    with op.batch_alter_table("provider_states", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_provider_states_used_at"), ["used_at"], unique=False)

    op.create_table(
        "provider_login_codes",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("verifier_hash", sa.String(length=64), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("provider_session", sa.String(length=255), nullable=True),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["identity_id"],
            ["identities.id"],
            name=op.f("fk_provider_login_codes_identity_id_identities"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_provider_login_codes_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_provider_login_codes")),
    )
    with op.batch_alter_table("provider_login_codes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_provider_login_codes_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_provider_login_codes_identity_id"), ["identity_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_provider_login_codes_person_id"), ["person_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("provider_login_codes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_provider_login_codes_person_id"))
        batch_op.drop_index(batch_op.f("ix_provider_login_codes_identity_id"))
        batch_op.drop_index(batch_op.f("ix_provider_login_codes_expires_at"))

    op.drop_table("provider_login_codes")
    with op.batch_alter_table("provider_states", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_provider_states_used_at"))

    op.drop_table("provider_states")
