"""Articles as requests and answers."""

from datetime import datetime
from typing import Annotated, get_args
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from chassis.web.named import Closed
from chassis.web.patches import ABSENT
from chassis.web.schemas import CommunityEmbed, Counts, MemberEmbed, RequestModel, ResponseModel, Viewer
from chassis.web.tags import Tags
from chassis.web.values import Moment, OneLine, Said
from services.content.articles.rules import LONGEST_ARTICLE, MOST_AUTHORS, Kind, Sort, Status, Visibility
from services.content.attachments.schemas import AttachmentPublic
from services.content.discussions.schemas import Title, WrittenMine
from services.content.holding.schemas import HeldPublic

KIND = Closed("ArticleKind", Kind)
SORT = Closed("ArticleSort", Sort)
SHOWN_STATUS = Closed("ArticleStatus", [*get_args(Status), "removed"])
VISIBILITY = Closed("ArticleVisibility", Visibility)
STATE = Closed("VersionState", ["draft", "held", "in_review", "scheduled", "published"])


def _each_once(ids: list[UUID]) -> list[UUID]:
    return list(dict.fromkeys(ids))


Summary = Annotated[str, StringConstraints(max_length=500)]
Body = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_ARTICLE), Said]
Authors = Annotated[list[UUID], Field(min_length=1, max_length=MOST_AUTHORS), AfterValidator(_each_once)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=1000), Said]


class Source(RequestModel):
    """Where a piece of news is from."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100), OneLine]
    url: Annotated[str, StringConstraints(min_length=8, max_length=1000, pattern=r"^https?://[^\s]+$")]


class SourcePublic(ResponseModel):
    """Where a piece of news is from."""

    name: str
    url: str


class ArticleCreate(RequestModel):
    """An article to draft. `body` is Markdown."""

    community_id: UUID
    kind: Annotated[Kind, KIND]
    title: Title | None = Field(default=None, description="Needed unless it is drafted from a discussion.")
    summary: Summary = ""
    body: Body | None = Field(default=None, description="Needed unless it is drafted from a discussion.")
    tags: Tags | None = None
    visibility: Annotated[Visibility, VISIBILITY] | None = Field(
        default=None, description="As the community, unless it says so."
    )
    author_ids: Authors | None = Field(default=None, description="The caller, unless it says so.")
    source: Source | None = Field(default=None, description="For `industry_news`, which needs it.")
    group_id: UUID | None = Field(
        default=None, description="The group in which it stands: only who belongs to it and moderators see it."
    )
    collection_id: UUID | None = None
    download: bool = Field(
        default=True, description="Whether readers get the files that it names, or previews of pictures alone."
    )
    from_discussion_id: UUID | None = Field(
        default=None,
        description="A question with an accepted answer: title, tags and body are taken from both where none are given.",
    )


class ArticlePatch(RequestModel):
    """What to change. Of a published article it is a revision, beside what readers see."""

    title: Title = ABSENT
    summary: Summary = ABSENT
    body: Body = ABSENT
    tags: Tags = ABSENT
    visibility: Annotated[Visibility, VISIBILITY] = ABSENT
    author_ids: Authors = ABSENT
    source: Source = ABSENT
    collection_id: UUID | None = Field(default=None, description="Where it stands; at once, without review.")
    download: bool = Field(
        default=ABSENT, description="Whether readers get the files that it names; at once, without review."
    )
    owner_id: UUID | None = Field(default=None, description="Who keeps it true; at once, without review.")
    verified_until: Moment | None = Field(default=None, description="Until when it holds; at once, without review.")


class ArticleVerify(RequestModel):
    """That an article still holds."""

    verified_until: Moment
    note: Reason


class ArticleSubmit(RequestModel):
    """When it is to be published."""

    publish_at: Moment | None = Field(default=None, description="Not before this moment, once it is approved.")


class ProgressPut(RequestModel):
    """How far somebody has read."""

    progress: Annotated[float, Field(ge=0, le=1)]


class RatingPut(RequestModel):
    """How good somebody finds it."""

    rating: Annotated[int, Field(ge=1, le=5)]


class ArticleCopy(RequestModel):
    """Where to draft the copy."""

    community_id: UUID
    collection_id: UUID | None = None


class ArticleReturn(RequestModel):
    """What is to be mended."""

    reason: Reason


_UNREVIEWED = Field(description="Whether what somebody shares of their experience is published without review.")


class ReviewPolicyPatch(RequestModel):
    """What to say about reviews."""

    experience_unreviewed: Annotated[bool, _UNREVIEWED] = ABSENT


class ReviewPolicyPublic(ResponseModel):
    """What a community says about reviews."""

    community_id: UUID
    experience_unreviewed: bool = _UNREVIEWED


class Returned(ResponseModel):
    """That a reviewer sent it back."""

    by: MemberEmbed
    at: datetime
    reason: str


class VersionListed(ResponseModel):
    """A version of an article. Who works on it sees who decided what."""

    number: int
    state: Annotated[str, STATE]
    title: str
    edited_by: MemberEmbed
    edited_at: datetime
    submitted_by: MemberEmbed | None
    submitted_at: datetime | None
    publish_at: datetime | None
    returned: Returned | None
    approved_by: MemberEmbed | None
    published_at: datetime | None


class VersionPublic(VersionListed):
    """What an article says in one version."""

    summary: str
    body: str
    body_html: str = Field(description="The body as sanitised HTML.")
    mentions: list[MemberEmbed] = Field(description="Whom the body mentions.")
    attachments: list[AttachmentPublic] = Field(description="The files that the body names.")
    tags: list[str]
    visibility: Annotated[str, VISIBILITY]
    authors: list[MemberEmbed]
    source: SourcePublic | None


class DiffLine(ResponseModel):
    """A line of the body."""

    op: Annotated[str, Closed("DiffOperation", ["same", "added", "removed"])]
    text: str


class DiffPublic(ResponseModel):
    """What differs between two versions."""

    before: int
    after: int
    fields: list[str] = Field(description="Which fields differ beside the body.")
    lines: list[DiffLine]


class Origin(ResponseModel):
    """The question that it was drafted from, and whose answer helped."""

    discussion_id: UUID
    asked_by: MemberEmbed | None
    answered_by: MemberEmbed | None


class CopiedFrom(ResponseModel):
    """The article of another community that it was copied from, where the caller may read it there."""

    article_id: UUID
    community: CommunityEmbed | None
    authors: list[MemberEmbed] = Field(description="Who wrote it there.")


class ArticleMine(WrittenMine):
    """What an article is to the caller."""

    progress: float
    finished: bool
    rating: int | None
    bookmarked: bool


class ArticleRatedPublic(ArticleMine):
    """What an article is to who has just rated it."""

    ratings: "Rating" = Field(description="What all who rated it say, the caller included.")


class Rating(ResponseModel):
    """How good its readers find it."""

    mean: float | None = Field(description="From 1 to 5, with two decimals; null before the first.")
    n: int


class Verified(ResponseModel):
    """That somebody found that it holds."""

    by: MemberEmbed
    at: datetime
    note: str


class ArticleListed(ResponseModel):
    """An article in a list."""

    id: UUID
    community_id: UUID
    group_id: UUID | None = Field(description="The group in which it stands.")
    kind: Annotated[str, KIND]
    title: str
    summary: str
    excerpt: str = Field(description="The first words as plain text.")
    tags: list[str]
    visibility: Annotated[str, VISIBILITY]
    authors: list[MemberEmbed]
    outside_authors: list[str] = Field(description="Speakers from outside who wrote it, by name.")
    source: SourcePublic | None
    status: Annotated[str, SHOWN_STATUS]
    working: Annotated[str, STATE] | None = Field(
        description="The state of the version under way, for who works on it."
    )
    reactions: Counts
    collection_id: UUID | None
    source_activity_id: UUID | None = Field(description="The sharing session that it is about.")
    featured_at: datetime | None
    verified_until: datetime | None
    verify_due: bool = Field(description="Whether it is past the day until which it was found to hold.")
    created_at: datetime
    published_at: datetime | None
    edited_at: datetime | None = Field(description="Since when it says what it says.")
    rating: Rating
    mine: ArticleMine | None = Field(description="Null for who is no member.")


class ArticlePublic(ArticleListed):
    """An article."""

    body: str
    body_html: str = Field(description="The body as sanitised HTML.")
    mentions: list[MemberEmbed] = Field(description="Whom the body mentions.")
    attachments: list[AttachmentPublic] = Field(description="The files that the body names.")
    download: bool = Field(
        description="Whether its readers get these files; else previews of pictures under a watermark."
    )
    number: int = Field(description="The version that this is.")
    under_way: VersionListed | None = Field(description="The version under way, for who works on it.")
    views: int = Field(description="Each member counts once in 8 hours.")
    origin: Origin | None
    copied_from: CopiedFrom | None
    held: HeldPublic | None = Field(description="What a moderator does with it, for its authors and moderators.")
    owner: MemberEmbed | None = Field(description="Who keeps it true.")
    verified: Verified | None
    viewer: Viewer
