"""The scanners of communities, each made ready once for a generation of its lists, and off the event loop."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.budget import check, in_thread, spend
from chassis.interpreting import Wanted, in_request, interpreted
from services.content.scanning.models import ScanRules
from services.content.scanning.problems import TEXT_REFUSED, refused_at
from services.content.scanning.queries import enabled_lists, rules_of, words_of
from services.content.scanning.rules import strongest
from services.content.scanning.scanner import Action, Match, Rules, Scanner

MOST_KEPT = 8
MAKING_SECONDS = 60.0
_CHARACTERS_A_STEP = 4
_AT_ONCE = 2_000
"""Characters that a timer or a handler looks through beside others; what is longer in a thread."""

_Key = tuple[UUID, int]
_ready: OrderedDict[_Key, Scanner] = OrderedDict()


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
    """What a community's lists and rules say of a text with these fields. Raises `TEXT_REFUSED`.

    In a request, what is long is looked through in a thread; see `chassis.interpreting`.
    """
    verdict = await verdict_on(session, community_id, fields)
    if verdict.action == "reject":
        where = {str(one["field"]) for one in verdict.matches if one["action"] == "reject"}
        raise TEXT_REFUSED(errors=[refused_at(f"/{field}") for field in sorted(where)])
    return verdict


async def verdict_on(session: AsyncSession, community_id: UUID, fields: Mapping[str, str]) -> Verdict:
    """The same, without refusing."""
    rules = await rules_of(session, community_id)
    if rules is None or not rules.generation:
        return ALLOWED
    scanner = await _scanner(session, rules)

    if not in_request() and sum(map(len, fields.values())) > _AT_ONCE:
        return await in_thread(lambda: look(scanner, fields), seconds=MAKING_SECONDS)

    def scanned(*texts: bytes) -> Verdict:
        return look(scanner, dict(zip(fields, (text.decode() for text in texts), strict=True)))

    return interpreted(scanned, *(text.encode() for text in fields.values()))


def look(scanner: Scanner, fields: Mapping[str, str]) -> Verdict:
    """What a scanner says of a text."""
    found: list[tuple[str, Match]] = []
    for field, text in fields.items():
        spend(len(text) // _CHARACTERS_A_STEP)
        found += [(field, match) for match in scanner.scan(text)]
    action = strongest(match for _, match in found)
    if action == "allow":
        return ALLOWED
    return Verdict(action, [{"field": field, **_shown(match)} for field, match in found])


def _shown(match: Match) -> dict[str, Any]:
    names = ("start", "end", "rule", "word", "category", "action")
    return {name: getattr(match, name) for name in names}


async def _scanner(session: AsyncSession, rules: ScanRules) -> Scanner:
    key = (rules.community_id, rules.generation)
    ready = _ready.get(key)
    if ready is not None:
        _ready.move_to_end(key)
        return ready
    listed = await words_of(session, await enabled_lists(session, rules.community_id))
    beside = Rules(rules.links, tuple(rules.domains), rules.advertising)  # type: ignore[arg-type]

    def make() -> Scanner:
        made = _ready[key] = Scanner(listed, beside, pause=check)
        while len(_ready) > MOST_KEPT:
            _ready.popitem(last=False)
        return made

    if not listed:
        return make()
    if in_request():
        raise Wanted(repr(key).encode(), make, seconds=MAKING_SECONDS)
    return await in_thread(make, seconds=MAKING_SECONDS)
