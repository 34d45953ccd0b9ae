"""Importing words: into the lists that the file names, which are begun where they are not there."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Table, select, tuple_
from sqlmodel import col

from chassis.database.bulk import upsert_many
from chassis.ids import COMPANY
from chassis.imports import Batch, Import, RowRefused
from chassis.tabular import Column
from chassis.text import one_line
from services.content.company import authorize_company
from services.content.permissions import WORD_LISTS_WRITE
from services.content.scanning.folding import key_of
from services.content.scanning.models import ListedWord, ScanRules, WordList
from services.content.scanning.queries import rules_of, words_in
from services.content.scanning.rules import MOST_WORDS, normal_word
from services.content.scanning.service import WRITTEN, locked_rules

_WORDS: Table = ListedWord.__table__  # type: ignore[attr-defined]
_ACTIONS = {"allow": "allow", "hold": "hold", "reject": "reject", "放行": "allow", "暂扣": "hold", "拒绝": "reject"}
_MODES = {"word": "word", "anywhere": "anywhere", "词": "word", "任意位置": "anywhere"}


def _one_of(names: dict[str, str]) -> Any:
    def normal(text: str) -> str:
        found = names.get(one_line(text).casefold())
        if found is None:
            raise ValueError(text)
        return found

    return normal


class WordBatch(Batch[dict[str, Any]]):
    """Upserts words by list and by what they find."""

    async def read(self, items: Sequence[dict[str, Any]]) -> None:
        self._rules = await self._locked_rules()
        lists = select(WordList).where(col(WordList.community_id) == self.community_id).order_by(col(WordList.id))
        self._lists = {row.name: row for row in (await self.session.execute(self.locked(lists))).scalars()}
        wanted = [(self._lists[item["list"]].id, key_of(item["word"])) for item in items if item["list"] in self._lists]
        there = select(ListedWord).where(tuple_(col(ListedWord.list_id), col(ListedWord.key)).in_(wanted))
        found = (await self.session.execute(there)).scalars() if wanted else ()
        self._there = {(row.list_id, row.key): {name: getattr(row, name) for name in WRITTEN} for row in found}
        self._room = MOST_WORDS - await words_in(self.session, self.community_id)
        self._rows: dict[Any, dict[str, Any]] = {}

    @property
    def community_id(self) -> UUID:
        """The community of the lists, or the company."""
        return self.job.community_id or COMPANY

    async def _locked_rules(self) -> ScanRules:
        """A dry run locks nothing and writes nothing."""
        if not self.dry_run:
            return await locked_rules(self.session, self.community_id)
        return await rules_of(self.session, self.community_id) or ScanRules(community_id=self.community_id)

    def take(self, item: dict[str, Any]) -> str:
        name, word = item["list"], item["word"]
        values = {"word": word, "category": item["category"]}
        values |= {"action": item.get("action") or "hold", "mode": item.get("mode") or "word"}
        words = self._lists.get(name)
        at = (words.id if words else name, key_of(word))
        before = self._there.get(at)
        if before == values:
            return "unchanged"
        if before is None:
            if self._room <= 0:
                raise RowRefused("too_many_words")
            self._room -= 1
        if words is None:
            words = self._lists[name] = WordList(community_id=self.community_id, name=name, created_at=self.now)
            if not self.dry_run:
                self.session.add(words)
            at = (words.id, at[1])
        words.word_count += before is None
        self._there[at] = values
        self._rows[at] = {"list_id": words.id, "key": at[1], **values}
        return "created" if before is None else "changed"

    async def write(self) -> None:
        changed = {row["list_id"] for row in self._rows.values()}
        for words in self._lists.values():
            if words.id in changed:
                words.version += 1
                self._rules.generation += words.enabled
        await self.session.flush()
        rows = sorted(self._rows.values(), key=lambda row: (row["list_id"], row["key"]))
        await upsert_many(self.session, _WORDS, rows, key=["list_id", "key"], update=WRITTEN)


word_import = Import(
    name="word-lists",
    tag="Word lists",
    about="""Import words from CSV or XLSX, sent as the request body.

    Words are matched by list and by what they find: one that differs only in signs, width or traditional characters is the same. A list
    that is not there is begun, and does nothing until it is enabled. Words that are not in the file stay as they are. Without a
    community they go into lists of the company.
    """,
    permission=WORD_LISTS_WRITE,
    platform=authorize_company,
    anywhere=True,
    columns=(
        Column("list", ("词表", "list"), required=True, max_length=100, example="广告"),
        Column("word", ("词条", "word"), required=True, max_length=40, example="代开发票"),
        Column("category", ("类别", "category"), required=True, max_length=40, example="广告"),
        Column("action", ("处理", "action"), max_length=16, example="hold"),
        Column("mode", ("匹配", "mode"), max_length=16, example="word"),
    ),
    errors={
        "invalid_list": ("Not a name of a list: {value}", "词表名称无效：{value}"),
        "invalid_word": ("Not a word: {value}", "词条无效：{value}"),
        "invalid_category": ("Not a category: {value}", "类别无效：{value}"),
        "invalid_action": ("Not one of allow, hold, reject: {value}", "处理方式须为 allow、hold 或 reject：{value}"),
        "invalid_mode": ("Not one of word, anywhere: {value}", "匹配方式须为 word 或 anywhere：{value}"),
        "too_many_words": ("There are 100,000 words.", "词条已达 100000 条。"),
    },
    normal={
        "list": one_line,
        "word": normal_word,
        "category": one_line,
        "action": _one_of(_ACTIONS),
        "mode": _one_of(_MODES),
    },
    concerns={"too_many_words": "word"},
    batch=WordBatch,
    job="word_import",
    called="words",
)
