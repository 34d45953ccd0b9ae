"""The scanners of communities, each made ready once for a generation of its lists, and off the event loop."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.budget import check, in_thread, spend
from chassis.database.context import context_of
from chassis.ids import COMPANY
from chassis.interpreting import Wanted, in_request, interpreted
from services.content.scanning.problems import TEXT_REFUSED, refused_at
from services.content.scanning.queries import enabled_lists, holding_in, words_of
from services.content.scanning.rules import strongest
from services.content.scanning.scanner import Action, Match, Rules, Scanner

MOST_KEPT = 8
MAKING_SECONDS = 60.0
_CHARACTERS_A_STEP = 4
_AT_ONCE = 2_000
"""Characters that a timer or a handler looks through beside others; what is longer in a thread."""

_Key = tuple[UUID, int]
_kept: WeakKeyDictionary[object, OrderedDict[_Key, Scanner]] = WeakKeyDictionary()
"""By database: each has its own company, of the same id."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is done with a text, and what was found in which of its fields."""

    action: Action = "allow"
    matches: Sequence[Mapping[str, Any]] = ()

    @property
    def category(self) -> str:
        """The category of the strongest match."""
        return next((str(one["category"]) for one in self.matches if one["action"] == self.action), "")

    @property
    def holds(self) -> bool:
        """Whether a moderator looks at the text first."""
        return self.action == "hold"

    def held(self) -> "Verdict":
        """The same where nobody is there who could be refused: a moderator looks at it."""
        return self if self.action == "allow" else Verdict("hold", [{**one, "action": "hold"} for one in self.matches])


ALLOWED = Verdict()


async def judged(session: AsyncSession, community_id: UUID, fields: Mapping[str, str]) -> Verdict:
    """What the lists and rules of a community, and those of the company, say of a text with these fields. Raises `TEXT_REFUSED`.

    In a request, what is long is looked through in a thread; see `chassis.interpreting`.
    """
    verdict = await verdict_on(session, community_id, fields)
    if verdict.action == "reject":
        where = {str(one["field"]) for one in verdict.matches if one["action"] == "reject"}
        raise TEXT_REFUSED(errors=[refused_at(f"/{field}") for field in sorted(where)])
    return verdict


async def verdict_on(session: AsyncSession, community_id: UUID, fields: Mapping[str, str]) -> Verdict:
    """The same, without refusing."""
    return await verdict_by(await scanners_of(session, community_id), fields)


async def scanners_of(session: AsyncSession, community_id: UUID) -> Sequence[Scanner]:
    """What looks through the texts of a community: its own scanner and the company's, as far as they find anything."""
    ready = [await _scanner(session, rules) for rules in await holding_in(session, community_id)]
    return [one for one in ready if not one.is_idle]


async def verdict_by(scanners: Sequence[Scanner], fields: Mapping[str, str]) -> Verdict:
    """What these scanners say of a text."""
    if not scanners:
        return ALLOWED

    if not in_request() and sum(map(len, fields.values())) > _AT_ONCE:
        return await in_thread(lambda: look(fields, *scanners), seconds=MAKING_SECONDS)

    def scanned(*texts: bytes) -> Verdict:
        return look(dict(zip(fields, (text.decode() for text in texts), strict=True)), *scanners)

    return interpreted(scanned, *(text.encode() for text in fields.values()))


def look(fields: Mapping[str, str], *scanners: Scanner) -> Verdict:
    """What scanners say of a text, each by itself: a word that one lets through does not undo what another finds."""
    found: list[tuple[str, Match, bool]] = []
    for field, text in fields.items():
        for scanner in scanners:
            spend(len(text) // _CHARACTERS_A_STEP)
            found += [(field, match, scanner.company) for match in scanner.scan(text)]
    action = strongest(match for _, match, _ in found)
    if action == "allow":
        return ALLOWED
    return Verdict(action, [{"field": field, **_shown(match), "company": company} for field, match, company in found])


def _shown(match: Match) -> dict[str, Any]:
    names = ("start", "end", "rule", "word", "category", "action")
    return {name: getattr(match, name) for name in names}


async def _scanner(session: AsyncSession, rules: Any) -> Scanner:
    key = (rules.community_id, rules.generation)
    kept = _kept.setdefault(context_of(session).runtime.database, OrderedDict())
    ready = kept.get(key)
    if ready is not None:
        kept.move_to_end(key)
        return ready
    listed = await words_of(session, await enabled_lists(session, rules.community_id))
    beside = Rules(rules.links, tuple(rules.domains), rules.advertising)
    company = rules.community_id == COMPANY

    def make() -> Scanner:
        made = kept[key] = Scanner(listed, beside, company=company, pause=check)
        while len(kept) > MOST_KEPT:
            kept.popitem(last=False)
        return made

    if not listed:
        return make()
    if in_request():
        raise Wanted(repr(key).encode(), make, seconds=MAKING_SECONDS)
    return await in_thread(make, seconds=MAKING_SECONDS)
