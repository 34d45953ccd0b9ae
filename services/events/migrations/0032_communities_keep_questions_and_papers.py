"""communities keep questions and papers."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "paper_questions",
        sa.Column("paper_id", sa.Uuid(), nullable=False),
        sa.Column("paper_version", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("question_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("paper_id", "paper_version", "question_id", name=op.f("pk_paper_questions")),
    )
    with op.batch_alter_table("paper_questions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_paper_questions_question_id_paper_id_paper_version"),
            ["question_id", "paper_id", "paper_version"],
            unique=False,
        )

    op.create_table(
        "papers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("sections", JsonDocument, nullable=False),
        sa.Column("drawn_for", sa.String(length=4), nullable=False),
        sa.Column("shuffle_questions", sa.Boolean(), nullable=False),
        sa.Column("shuffle_choices", sa.Boolean(), nullable=False),
        sa.Column("editor_ids", JsonDocument, nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("published", sa.Integer(), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_papers")),
    )
    with op.batch_alter_table("papers", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_papers_community_id_created_at_id"), ["community_id", "created_at", "id"], unique=False
        )

    op.create_table(
        "question_banks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("editor_ids", JsonDocument, nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_banks")),
    )
    with op.batch_alter_table("question_banks", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_question_banks_community_id_created_at_id"),
            ["community_id", "created_at", "id"],
            unique=False,
        )

    op.create_table(
        "paper_editors",
        sa.Column("paper_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_paper_editors_paper_id_papers")),
        sa.PrimaryKeyConstraint("paper_id", "member_id", name=op.f("pk_paper_editors")),
    )
    with op.batch_alter_table("paper_editors", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_paper_editors_member_id_paper_id"), ["member_id", "paper_id"], unique=False
        )

    op.create_table(
        "paper_versions",
        sa.Column("paper_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", JsonDocument, nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("full", sa.Integer(), nullable=False),
        sa.Column("bank_ids", JsonDocument, nullable=False),
        sa.Column("attachment_ids", JsonDocument, nullable=False),
        sa.Column("published_by_id", sa.Uuid(), nullable=True),
        sa.Column("published_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_paper_versions_paper_id_papers")),
        sa.PrimaryKeyConstraint("paper_id", "version", name=op.f("pk_paper_versions")),
    )
    op.create_table(
        "question_bank_editors",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_id"], ["question_banks.id"], name=op.f("fk_question_bank_editors_bank_id_question_banks")
        ),
        sa.PrimaryKeyConstraint("bank_id", "member_id", name=op.f("pk_question_bank_editors")),
    )
    with op.batch_alter_table("question_bank_editors", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_question_bank_editors_member_id_bank_id"), ["member_id", "bank_id"], unique=False
        )

    op.create_table(
        "question_exports",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("form", sa.String(length=12), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_id"], ["question_banks.id"], name=op.f("fk_question_exports_bank_id_question_banks")
        ),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_question_exports")),
    )
    with op.batch_alter_table("question_exports", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_question_exports_bank_id_created_at"), ["bank_id", "created_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_question_exports_created_at"), ["created_at"], unique=False)

    op.create_table(
        "question_bank_readers",
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("first_read_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_id"], ["question_banks.id"], name=op.f("fk_question_bank_readers_bank_id_question_banks")
        ),
        sa.PrimaryKeyConstraint("bank_id", "person_id", name=op.f("pk_question_bank_readers")),
    )
    with op.batch_alter_table("question_bank_readers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_question_bank_readers_person_id"), ["person_id"], unique=False)

    op.create_table(
        "questions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("bank_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("category", JsonDocument, nullable=False),
        sa.Column("category_path", sa.String(), nullable=False),
        sa.Column("tags", JsonDocument, nullable=False),
        sa.Column("difficulty", sa.Integer(), nullable=False),
        sa.Column("marks", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("choices_named", sa.Integer(), nullable=False),
        sa.Column("stems_named", sa.Integer(), nullable=False),
        sa.Column("picture_ids", JsonDocument, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("source_digest", sa.String(length=64), nullable=True),
        sa.Column("lot", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("version >= 1 AND edition >= version", name=op.f("ck_questions_counted")),
        sa.ForeignKeyConstraint(["bank_id"], ["question_banks.id"], name=op.f("fk_questions_bank_id_question_banks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
        sa.UniqueConstraint("bank_id", "number", name=op.f("uq_questions_bank_id_number")),
    )
    with op.batch_alter_table("questions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_questions_bank_id_lot"), ["bank_id", "lot"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_questions_bank_id_source_digest"), ["bank_id", "source_digest"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_questions_bank_id_digest"), ["bank_id", "digest"], unique=False)

    op.create_table(
        "question_versions",
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", JsonDocument, nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=True),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"], ["questions.id"], name=op.f("fk_question_versions_question_id_questions")
        ),
        sa.PrimaryKeyConstraint("question_id", "version", name=op.f("pk_question_versions")),
    )


def downgrade() -> None:
    op.drop_table("question_versions")
    with op.batch_alter_table("questions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_questions_bank_id_digest"))
        batch_op.drop_index(batch_op.f("ix_questions_bank_id_source_digest"))
        batch_op.drop_index(batch_op.f("ix_questions_bank_id_lot"))

    op.drop_table("questions")
    with op.batch_alter_table("question_bank_readers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_question_bank_readers_person_id"))

    op.drop_table("question_bank_readers")
    with op.batch_alter_table("question_exports", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_question_exports_created_at"))
        batch_op.drop_index(batch_op.f("ix_question_exports_bank_id_created_at"))

    op.drop_table("question_exports")
    with op.batch_alter_table("question_bank_editors", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_question_bank_editors_member_id_bank_id"))

    op.drop_table("question_bank_editors")
    op.drop_table("paper_versions")
    with op.batch_alter_table("paper_editors", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_paper_editors_member_id_paper_id"))

    op.drop_table("paper_editors")
    with op.batch_alter_table("question_banks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_question_banks_community_id_created_at_id"))

    op.drop_table("question_banks")
    with op.batch_alter_table("papers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_papers_community_id_created_at_id"))

    op.drop_table("papers")
    with op.batch_alter_table("paper_questions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_paper_questions_question_id_paper_id_paper_version"))

    op.drop_table("paper_questions")
