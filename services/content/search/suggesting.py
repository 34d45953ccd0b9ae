"""What somebody may have meant: titles and tags that they may see, by how these are written and by how they sound."""

from collections import Counter
from collections.abc import Iterator, Sequence
from uuid import UUID

from chassis.budget import check
from chassis.hanzi import folded
from chassis.web.work import Work
from services.content.search.asking import Within
from services.content.search.cutting import LONGEST_QUERY
from services.content.search.finding import Titled, sounding
from services.content.search.ranking import in_place
from services.content.search.schemas import Suggestion, SuggestionKind
from services.content.search.service import Found, of_caller
from services.content.search.sounds import begun, doubtful, heard_in

FEW = 3
"""Results, below which somebody may have meant something else."""
MOST_SUGGESTED = 10
LOOKED_AT = 100
"""The newest of what sounds alike."""


async def suggested(work: Work, typed: str, community_id: UUID | None) -> list[Suggestion]:
    """Tags and titles with what was typed, as it is written before as it sounds, the newest first."""
    within, _ = await of_caller(work, Within(community_ids=[]), community_id)
    looked_for = " ".join(folded(typed).split())
    readings = begun(looked_for)
    rows = await sounding(work.session, readings, within, LOOKED_AT)
    found: dict[tuple[SuggestionKind, str], tuple[bool, bool, Titled]] = {}
    for kind, text, of in _texts(rows):
        check()
        alike = in_place(text)
        written = looked_for in alike
        if (kind, text) not in found and (written or any(one.place_in(heard_in(alike)) for one in readings)):
            found[kind, text] = (not written, kind == "title", of)
    best = sorted(found, key=lambda one: found[one][:2])[:MOST_SUGGESTED]
    return [_suggestion(kind, text, found[kind, text][2]) for kind, text in best]


async def meant(work: Work, typed: str, found: Found) -> str | None:
    """The query with what stands in nothing that was found written as something that sounds alike; None where there is nothing."""
    looked_for = in_place(typed)
    stretches = doubtful(looked_for, [in_place(text) for row in found.rows for text in (row.title, row.text)])
    readings = [one for stretch in stretches for one in stretch.readings]
    rows = await sounding(work.session, readings, found.within, LOOKED_AT)
    changed = typed
    for stretch in reversed(stretches):
        written: Counter[str] = Counter()
        for _, text, _ in _texts(rows):
            check()
            heard = heard_in(in_place(text))
            written.update({text[place[0] : place[1]] for one in stretch.readings if (place := one.place_in(heard))})
        likeliest = max(written, key=lambda one: written[one], default=None)
        if likeliest is not None:
            changed = changed[: stretch.begin] + likeliest + changed[stretch.end :]
    return changed if in_place(changed) != looked_for and len(changed) <= LONGEST_QUERY else None


def _suggestion(kind: SuggestionKind, text: str, of: Titled) -> Suggestion:
    one = kind == "title"
    return Suggestion(
        kind=kind, text=text, object_kind=of.kind if one else None, object_id=of.thing_id if one else None
    )


def _texts(rows: Sequence[Titled]) -> Iterator[tuple[SuggestionKind, str, Titled]]:
    for row in rows:
        yield "title", row.title, row
        for tag in row.tags:
            yield "tag", tag, row
