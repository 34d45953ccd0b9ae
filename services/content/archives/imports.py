"""The import of a community's archive, declared."""

from collections.abc import Sequence
from typing import Final, get_args

from chassis.budget import CalledOff, in_thread
from chassis.imports import SPREADSHEETS_AND_LINES, Import
from chassis.jobs import JobInterrupted, JobRun
from chassis.projections.numbers import wait_for_members
from chassis.tabular import Column, Kind
from chassis.text import one_line
from services.content.archives.batch import ArchiveBatch
from services.content.archives.lines import PARENT, Entry, in_order, prepare, show
from services.content.articles.rules import LONGEST_ARTICLE
from services.content.articles.rules import Kind as ArticleKind
from services.content.permissions import ARCHIVE_IMPORT
from services.content.reactions.models import Kind as Reacted

_KINDS: Final = {kind: kind for kind in ("discussion", "article", *PARENT)}
_REACTIONS: Final = {kind: kind for kind in get_args(Reacted)}
# News names a source, and a line has none.
_ARTICLES: Final = {kind: kind for kind in get_args(ArticleKind) if kind != "industry_news"}
_YES: Final = {"true": "yes", "yes": "yes", "是": "yes", "false": "no", "no": "no", "否": "no"}

_COLUMNS: Final = (
    Column("kind", ("类型", "kind"), required=True, choices=_KINDS, example="discussion"),
    Column("id", ("来源编号", "id", "source_ref"), Kind.CODE, required=True, example="4711"),
    Column("at", ("时间", "at"), Kind.DATETIME, required=True, example="2019-03-01T09:00:00+08:00"),
    Column("author", ("作者工号", "author"), Kind.CODE, required=True, max_length=64, example="00123"),
    Column("title", ("标题", "title"), example="怎么写好教案？"),
    Column("body", ("正文", "body"), max_length=LONGEST_ARTICLE, example="请**指教**。"),
    Column("summary", ("摘要", "summary"), max_length=500),
    Column("tags", ("标签", "tags"), Kind.LIST, max_length=500, example="教案, 新人"),
    Column("discussion", ("所属讨论", "discussion"), Kind.CODE, example="4711"),
    Column("on", ("针对", "on", "评论对象"), Kind.CODE, example="4712"),
    Column("article_kind", ("文章类型", "article_kind"), choices=_ARTICLES, example="case_study"),
    Column("reaction", ("表态", "reaction"), choices=_REACTIONS, example="like"),
    Column("accepted", ("是否采纳", "accepted"), choices=_YES, example="是"),
    Column("views", ("浏览数", "views")),
)
_ERRORS: Final = {
    "needed": ("A line of this kind needs {field}.", "此类型的行须有“{field}”。"),
    "invalid_title": ("{value} is no title.", "{value} 不能作为标题。"),
    "invalid_tags": ("One of the tags cannot be one.", "有不能作为标签的内容。"),
    "too_many_tags": ("More than {most} tags.", "标签多于 {most} 个。"),
    "too_tangled": ("The body is too tangled to be shown.", "正文结构过于复杂，无法显示。"),
    "unknown_author": ("The community has no member with this employee number.", "该社群没有该工号的成员。"),
    "before_joining": ("It is earlier than its author's joining.", "时间早于作者加入时间。"),
    "in_the_future": ("It is in the future.", "时间晚于现在。"),
    "unknown_parent": ("What it is about is not there: {ref}", "找不到所属内容：{ref}"),
    "not_below_this": ("It cannot be about this: an answer belongs to a discussion, a comment to a discussion or an answer, a reaction to a text.", "不能针对该内容：回答属于讨论，评论属于讨论或回答，表态属于正文。"),
    "not_taken": ("What this is about has no {field}.", "所针对的内容没有“{field}”。"),
    "too_long_here": ("A body of this kind has at most {most} characters.", "此类正文最多 {most} 个字符。"),
    "not_theirs": ("Somebody else reacted.", "该表态属于其他成员。"),
    "accepted_twice": ("Another answer of the discussion is accepted.", "该讨论已采纳其他回答。"),
}  # fmt: skip


async def ready(job: JobRun, entries: Sequence[Entry]) -> None:
    """Wait for members who were imported a moment ago, and work out how bodies are shown."""
    if job.community_id is not None:
        await wait_for_members(job, job.community_id, [entry.author for entry in entries])
    try:
        await in_thread(lambda: show(entries), stop=job.stop, gentle=True)
    except CalledOff:
        raise JobInterrupted from None


archive_import = Import(
    name="archives",
    tag="Archives",
    about="""Import what a community said elsewhere: discussions, answers, comments and articles at their own times, and what became of them.

    One JSON object a line, or a table with the same columns. `discussion` is a question with title, body and tags; `reply` an answer to
    the discussion that it names, accepted or not; `comment` is about the discussion or answer named by `on`; `article` is published. `reaction`, `edit`, `delete` and
    `restore` did something to what `on` names. `id` is its reference where it comes from, `author` an employee number, `body` is Markdown; `views` are read over. Importing the same file again changes nothing. Points
    follow at the times of the deeds. Nobody is notified, and nothing is overdue.
    """,
    permission=ARCHIVE_IMPORT,
    accepts=SPREADSHEETS_AND_LINES,
    columns=_COLUMNS,
    errors=_ERRORS,
    concerns={
        "needed": "kind",
        "invalid_tags": "tags",
        "too_many_tags": "tags",
        "too_tangled": "body",
        "unknown_author": "author",
        "before_joining": "at",
        "in_the_future": "at",
        "unknown_parent": "on",
        "not_below_this": "on",
        "not_theirs": "author",
        "not_taken": "kind",
        "too_long_here": "body",
        "accepted_twice": "accepted",
    },
    normal={"title": one_line},
    unique={"id": str},
    prepare=prepare,
    order=in_order,
    ready=ready,
    batch=ArchiveBatch,
    # Live writes wait for a step.
    rows_per_step=50,
    history=True,
    job="archive_import",
)
