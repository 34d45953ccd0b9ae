"""Use cases of lists of words: beginning them, changing what stands in them, switching them on."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Table, delete
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.database.bulk import among, insert_new, upsert_many
from chassis.database.rows import existing
from chassis.ids import COMPANY
from chassis.messaging.outbox import emit
from chassis.web.etags import require_match
from chassis.web.work import Work
from contracts.content import CompanyRulesChanged
from services.content.company import permit, permitted
from services.content.scanning.folding import key_of
from services.content.scanning.models import ListedWord, ScanRules, WordList
from services.content.scanning.problems import TOO_MANY_WORDS
from services.content.scanning.queries import enabled_lists, present, words_in
from services.content.scanning.rules import MOST_WORDS
from services.content.scanning.schemas import ScanRulesPatch, WordEdits, WordEntry, WordListCreate, WordListPatch

_RULES: Table = ScanRules.__table__  # type: ignore[attr-defined]
_WORDS: Table = ListedWord.__table__  # type: ignore[attr-defined]
WRITTEN = ["word", "category", "action", "mode"]


async def begin(work: Work, body: WordListCreate) -> WordList:
    """Begin a list."""
    where = await permit(work, body.community_id)
    await locked_rules(work.session, where)
    made = await work.add(WordList(community_id=where, name=body.name, created_at=work.now))
    if not isinstance(made, WordList):
        raise TypeError
    return made


async def change(work: Work, key: UUID, body: WordListPatch, if_match: int) -> WordList:
    """Rename a list, switch it on or off."""
    rules, words = await _locked(work, key, if_match)
    before = words.enabled
    changed = await work.edit(words, body.model_dump(exclude_unset=True))
    if changed.enabled != before:
        rules.generation += 1
        await _tell(work, rules)
    return changed


async def edit_words(work: Work, key: UUID, body: WordEdits, if_match: int) -> WordList:
    """Add words and take others off. Raises `TOO_MANY_WORDS`."""
    rules, words = await _locked(work, key, if_match)
    keys = {key_of(word) for word in body.remove}
    adding = {key_of(one.word): one for one in body.add}
    there = await present(work.session, words.id, {*keys, *adding})
    going = [key for key in there if key in keys and key not in adding]
    if going:
        gone = delete(ListedWord).where(
            col(ListedWord.list_id) == words.id, among(work.session, col(ListedWord.key), going)
        )
        await work.session.execute(gone)
    await list_words(work.session, words, adding, new=len(adding.keys() - there.keys()), gone=len(going))
    rules.generation += words.enabled
    changes = {"added": [None, len(adding)], "removed": [None, len(going)]}
    await audit(work.session, work.caller, words, "edit_words", changes, work.now)
    return words


async def list_words(
    session: AsyncSession, words: WordList, entries: dict[str, WordEntry], *, new: int, gone: int = 0
) -> None:
    """Write words under their keys into a locked list. Raises `TOO_MANY_WORDS`."""
    if new > gone and await words_in(session, words.community_id) + new - gone > MOST_WORDS:
        raise TOO_MANY_WORDS()
    rows: Sequence[dict[str, Any]] = [
        {"list_id": words.id, "key": key, **one.model_dump()} for key, one in sorted(entries.items())
    ]
    await upsert_many(session, _WORDS, rows, key=["list_id", "key"], update=WRITTEN)
    words.word_count += new - gone
    words.version += 1


async def change_rules(work: Work, community_id: UUID | None, body: ScanRulesPatch, if_match: int) -> ScanRules:
    """Say what is done about links and advertising."""
    rules = await locked_rules(work.session, await permit(work, community_id))
    require_match(rules.version, if_match)
    values = body.model_dump(exclude_unset=True)
    changes = {name: [getattr(rules, name), value] for name, value in values.items() if getattr(rules, name) != value}
    if changes:
        rules.sqlmodel_update(values)
        rules.version += 1
        rules.generation += 1
        await audit(work.session, work.caller, rules, "update", changes, work.now)
        await _tell(work, rules)
    return rules


async def _tell(work: Work, rules: ScanRules) -> None:
    """What the company's rules and lists look for changed: who writes texts that they alone decide about hears whether there are any."""
    if rules.community_id != COMPANY:
        return
    await work.session.flush()
    judges = {rules.links, rules.advertising} != {"allow"} or bool(await enabled_lists(work.session, COMPANY))
    await emit(work.session, CompanyRulesChanged(judges=judges), version=rules.bump(), occurred_at=work.now)


async def _locked(work: Work, key: UUID, if_match: int) -> tuple[ScanRules, WordList]:
    noted = await permitted(work, WordList, key)
    rules = await locked_rules(work.session, noted.community_id)
    words = await existing(work.session, WordList, key, lock=True)
    require_match(words.version, if_match)
    return rules, words


async def locked_rules(session: AsyncSession, community_id: UUID) -> ScanRules:
    """The rules of a community, as the lock for its lists; there from the first time on that somebody asks."""
    rules = await session.get(ScanRules, community_id, with_for_update=True, populate_existing=True)
    if rules is None:
        row = ScanRules(community_id=community_id).model_dump()
        await insert_new(session, _RULES, [row], key=["community_id"])
        rules = await existing(session, ScanRules, community_id, lock=True)
    return rules
