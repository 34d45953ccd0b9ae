"""The tables of articles."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from chassis.database.base import JsonDocument, Publishing
from chassis.database.constraints import unique
from chassis.ids import new_id
from services.content.base import Base


class Article(Base, Publishing, table=True):
    """An article as readers see it; before it is published, as its authors wrote it last. Its row is the lock for its versions.

    `number` is the version that is shown, `versions` how many there are, `working` the state of the one under way, if there is one.
    `worker_ids` are the authors of either, `outside_authors` speakers from outside by their names, who are no members. `dated_at` is when it was published, before that when it was made.
    """

    __tablename__ = "articles"
    __table_args__ = (
        Index(None, "community_id", "status", "dated_at", "id"),
        Index(None, "community_id", "working", "dated_at", "id"),
        Index(None, "community_id", "created_at", "id"),
        # Begun once, under the lock of the session.
        unique(
            "source_activity_id",
            name="uq_articles_source_activity_id",
            where="source_activity_id IS NOT NULL",
            answers=None,
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    kind: str = Field(max_length=16)
    title: str = Field(max_length=200)
    summary: str = Field(max_length=500)
    excerpt: str = Field(max_length=200)
    tags: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    visibility: str = Field(max_length=16)
    source: dict[str, str] | None = Field(default=None, sa_type=JsonDocument)
    author_ids: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    outside_authors: dict[str, str] = Field(
        default_factory=dict, sa_type=JsonDocument, nullable=False, sa_column_kwargs={"server_default": "{}"}
    )
    worker_ids: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    status: str = Field(default="draft", max_length=16)
    working: str | None = Field(default=None, max_length=16)
    number: int = 1
    versions: int = 1
    causes: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    removed_at: datetime | None = None
    reactions: dict[str, int] = Field(default_factory=dict, sa_type=JsonDocument, nullable=False)
    collection_id: UUID | None = Field(default=None, foreign_key="collections.id", index=True)
    group_id: UUID | None = Field(default=None, index=True)
    featured_at: datetime | None = None
    owner_id: UUID | None = Field(default=None, index=True)
    verified_until: datetime | None = None
    verified_by: UUID | None = None
    verified_at: datetime | None = None
    verified_note: str | None = Field(default=None, max_length=1000)
    rating_sum: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    rating_count: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    download: bool = Field(default=True, sa_column_kwargs={"server_default": text("true")})
    source_discussion_id: UUID | None = None
    source_activity_id: UUID | None = None
    copied_from_id: UUID | None = None
    asked_by_id: UUID | None = None
    answered_by_id: UUID | None = None
    version: int = 1
    created_at: datetime
    dated_at: datetime
    published_at: datetime | None = None
    edited_at: datetime | None = None


class ArticleVersion(Base, table=True):
    """What an article says in one version. `editor_ids` wrote in it, authors or not."""

    __tablename__ = "article_versions"
    __table_args__ = (Index(None, "state", "submitted_at"),)

    article_id: UUID = Field(primary_key=True, foreign_key="articles.id")
    number: int = Field(primary_key=True)
    title: str = Field(max_length=200)
    summary: str = Field(max_length=500)
    body: str
    body_html: str
    excerpt: str = Field(max_length=200)
    tags: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    visibility: str = Field(max_length=16)
    source: dict[str, str] | None = Field(default=None, sa_type=JsonDocument)
    mentions: list[str] = Field(
        default_factory=list, sa_type=JsonDocument, nullable=False, sa_column_kwargs={"server_default": "[]"}
    )
    author_ids: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    outside_authors: dict[str, str] = Field(
        default_factory=dict, sa_type=JsonDocument, nullable=False, sa_column_kwargs={"server_default": "{}"}
    )
    editor_ids: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    state: str = Field(default="draft", max_length=16)
    edited_by: UUID
    edited_at: datetime
    publish_at: datetime | None = None
    submitted_by: UUID | None = None
    submitted_at: datetime | None = None
    returned_by: UUID | None = None
    returned_at: datetime | None = None
    reason: str | None = Field(default=None, max_length=1000)
    approved_by: UUID | None = None
    published_at: datetime | None = None


class ArticleAuthor(Base, table=True):
    """A member who wrote an article or is writing it; `shown`: readers see them named."""

    __tablename__ = "article_authors"
    __table_args__ = (Index(None, "member_id", "article_id"),)

    article_id: UUID = Field(primary_key=True, foreign_key="articles.id")
    member_id: UUID = Field(primary_key=True)
    shown: bool


class ArticleReading(Base, Publishing, table=True):
    """How far a member has read an article, how often they came to it, and how they rate it. Without a foreign key: that would lock the article."""

    __tablename__ = "article_readings"

    article_id: UUID = Field(primary_key=True)
    member_id: UUID = Field(primary_key=True)
    progress: float = 0.0
    views: int = 0
    viewed_at: datetime | None = None
    read_at: datetime | None = None
    """When it was last told how far they read it; the version and the id of that message, and of that of the rating."""
    read_no: int | None = None
    read_as: UUID | None = None
    rating: int | None = None
    rated_at: datetime | None = None
    rated_no: int | None = None
    rated_as: UUID | None = None


class ArticleTag(Base, table=True):
    """A tag, for looking articles up by it."""

    __tablename__ = "article_tags"
    __table_args__ = (Index(None, "community_id", "tag", "article_id"),)

    article_id: UUID = Field(primary_key=True, foreign_key="articles.id")
    tag: str = Field(max_length=30, primary_key=True)
    community_id: UUID


class ReviewPolicy(Base, table=True):
    """What a community says about reviews."""

    __tablename__ = "review_policies"

    community_id: UUID = Field(primary_key=True)
    experience_unreviewed: bool = False
    version: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
