"""What a feature declares of an import; the operations, the job and the template follow from it."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.jobs import JobRun
from chassis.locale import Locale
from chassis.problems import ProblemType
from chassis.security.authority import CommunityFacts
from chassis.security.caller import Caller
from chassis.security.permissions import Permission
from chassis.tabular import NDJSON_TYPES, XLSX_TYPE, Column, Document

Item = TypeVar("Item")
Reads = TypeVar("Reads", bound=Select[Any])
Texts = Mapping[str, tuple[str, str]]
"""Row errors by code, in English and in Chinese."""

SPREADSHEETS = ("text/csv", XLSX_TYPE, "application/csv", "application/vnd.ms-excel")
"""CSV and workbooks; the last two are how browsers and Excel call a CSV. The content decides between the two kinds of file."""
SPREADSHEETS_AND_LINES = (*SPREADSHEETS, *NDJSON_TYPES, "application/octet-stream")
"""The same, and one JSON object a line."""

_TEXTS: Texts = {
    "not_clearable": ("{field} cannot be empty.", "“{field}”不能为空。"),
    "duplicate_in_file": ("Row {first} has the same {field}.", "与第 {first} 行的“{field}”重复。"),
}


@dataclass(frozen=True)
class Within:
    """The one thing to which the rows of an import belong, instead of to a community at large; it is named in the query.

    `find` answers its community as the caller stands there, and what the job has to know besides the thing's id, which it has
    by the parameter's name. It raises what keeps the caller from importing.
    """

    parameter: str
    find: Callable[[AsyncSession, Caller, UUID, datetime], Awaitable[tuple[CommunityFacts, Mapping[str, Any]]]]


class Batch(ABC, Generic[Item]):
    """What one step does with its rows, in one transaction: read what they name, decide row by row, write all together.

    A step may be tried again, with a new object. In a dry run `write` is not called and what `take` has changed is forgotten.
    """

    def __init__(self, session: AsyncSession, job: JobRun) -> None:
        self.session = session
        self.job = job
        self.now = job.runtime.clock()
        self.dry_run = bool(job.params["dry_run"])

    @property
    def community_id(self) -> UUID:
        """The community of the import."""
        if self.job.community_id is None:
            raise LookupError("an import of the platform has no community")
        return self.job.community_id

    def locked(self, statement: Reads) -> Reads:
        """The same, locking what it reads until the step ends; a dry run keeps nobody waiting, and waits for nobody."""
        return statement if self.dry_run else statement.with_for_update()

    @abstractmethod
    async def read(self, items: Sequence[Item]) -> None:
        """Read what the rows name, `locked` where they change it; with a number of statements that does not depend on theirs."""

    @abstractmethod
    def take(self, item: Item) -> str:
        """Decide what becomes of a row, as if the rows before it were written; returns what to count. Raises `RowRefused`."""

    @abstractmethod
    async def write(self) -> None:
        """Write what was decided."""


@dataclass(kw_only=True, eq=False)
class Import:
    """A kind of import. `POST /v1/<name>/imports` and what belongs to it are made of this.

    `about` is the text of the operation in the API documents, its first line the summary. `counts` are what a batch counts,
    `errors` what it refuses rows with.
    """

    name: str
    tag: str
    about: str
    permission: Permission
    columns: Sequence[Column]
    errors: Texts
    batch: type[Batch[Any]]
    counts: Sequence[str] = ("created", "changed", "unchanged")
    concerns: Mapping[str, str] = field(default_factory=dict)
    """By code of an error that a batch refuses a row with, the column in which what is wrong stands."""
    platform: Callable[[AsyncSession, Caller, Permission], Awaitable[None]] | None = None
    """Who may run an import that belongs to no community. Without it, `community_id` is required and the caller's standing there decides."""
    anywhere: bool = False
    """Whether an import with `platform` may name a community, too."""
    within: Within | None = None
    """What the rows belong to, where that is not the community itself; its jobs are listed by community all the same."""
    problems: Sequence[ProblemType] = ()
    """Refusals of its own, before a row is read."""
    normal: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    """By column, how its text is written down; raises ValueError for what cannot be one: `invalid_<column>`."""
    invalid: Mapping[str, str] = field(default_factory=dict)
    """By column, another code for that."""
    unique: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    """The columns of which no two rows of a file may have the same, by what is compared."""
    accepts: Collection[str] = SPREADSHEETS
    documents: Mapping[str, Callable[[bytes, ZoneInfo | None, datetime], Callable[[], Iterator[Document]]]] = field(
        default_factory=dict
    )
    """By media type, other kinds of files that it accepts, and what makes documents with the same columns of one, as of when it was sent. Pure.
    What it refuses a document with is among `errors`. Raises `TABLE_INVALID` for what is no such file."""
    rows_per_step: int = 500
    prepare: Callable[[dict[str, Any]], Any] | None = None
    """Makes of a row's values what the batch takes; pure, and called in a thread."""
    order: Callable[[list[Any]], Iterable[Any]] | None = None
    """Puts all rows, prepared, in the order in which they are taken; the whole file is kept in memory then."""
    ready: Callable[[JobRun, Sequence[Any]], Awaitable[None]] | None = None
    """Waited for before each step, outside its transaction."""
    history: bool = False
    """Whether it imports past deeds: its messages are marked as such, and nobody is notified."""
    job: str = ""
    """What its operations call the job: `read_<job>`, `cancel_<job>`; `<name>_import` without it."""
    called: str = ""
    """What it is called in texts; like its name without it."""
    template: str = ""
    """The operation that gives the template; `read_<job>_template` without it."""
    action: str = ""
    """What the audit calls it; like the kind of its job without it."""
    kind: str = field(init=False)
    path: str = field(init=False)

    def __post_init__(self) -> None:
        """Fill in what follows from the name, and find what has no text."""
        self.kind = f"{self.name}.import"
        self.path = f"/v1/{self.name}/imports"
        self.called = self.called or self.name.replace("-", " ")
        self.job = self.job or f"{self.name.replace('-', '_')}_import"
        self.template = self.template or f"read_{self.job}_template"
        self.action = self.action or self.kind
        for column in self.normal:
            if self.invalid_code(column) not in self.errors:
                raise ValueError(f"the import of {self.name} has no text for {self.invalid_code(column)}")

    def invalid_code(self, column: str) -> str:
        """The code of the row error for a text that a column may not hold."""
        return self.invalid.get(column, f"invalid_{column}")

    def column_of(self, code: str, values: Mapping[str, Any]) -> str | None:
        """The column that a row error is about, None if that is the whole row or more than one."""
        named = values.get("field") or self.concerns.get(code)
        wrong = (column for column in self.normal if self.invalid_code(column) == code)
        return named or next(wrong, None)

    def text(self, code: str, locale: Locale, values: Mapping[str, Any]) -> str:
        """A row error in words, for whoever uploaded the file."""
        english, chinese = self.errors[code] if code in self.errors else _TEXTS[code]
        labels = {column.name: column.label(locale) for column in self.columns}
        said = {**values, "field": labels.get(values["field"], values["field"])} if "field" in values else values
        return (chinese if locale == "zh-CN" else english).format(**said)
