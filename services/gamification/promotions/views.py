"""How nominations read, in the reader's language."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from chassis.locale import Locale
from chassis.projections.members import embedded
from chassis.security.authority import Standing
from chassis.web.schemas import Viewer
from chassis.web.work import Work
from services.gamification.levels.ladders import ladders_of
from services.gamification.promotions.access import SeenNomination, refusal
from services.gamification.promotions.models import Nomination
from services.gamification.promotions.queries import committee, votes_on
from services.gamification.promotions.rules import votes_needed
from services.gamification.promotions.schemas import CommitteePublic, NominationPublic, VotePublic, VotesPublic

ACTIONS: Final = ("vote", "decide")


async def nominations_public(
    work: Work, rows: Sequence[Nomination], standing: Standing, locale: Locale
) -> list[NominationPublic]:
    """Nominations with their votes, and what their reader may do with them."""
    session = work.session
    communities = {row.community_id for row in rows}
    votes = await votes_on(session, [row.id for row in rows])
    committees = await committee(session, communities)
    ladders = await ladders_of(session, communities)
    members = await embedded(session, {row.member_id for row in rows} | {vote.member_id for vote in votes})
    answers = []
    for row in rows:
        mine = [vote for vote in votes if vote.nomination_id == row.id]
        ladder, seats = ladders[row.community_id], committees[row.community_id]
        electorate = len(set(seats) - {row.member_id})
        answers.append(
            NominationPublic.model_validate(
                row.model_dump()
                | {
                    "member": members[row.member_id],
                    "from_name": ladder.name_of(row.from_code, locale),
                    "level_name": ladder.name_of(row.level, locale),
                    "votes": VotesPublic(
                        in_favour=row.in_favour,
                        against=row.against,
                        electorate=electorate,
                        needed=votes_needed(electorate),
                    ),
                    "ballots": [
                        VotePublic(
                            member=members[vote.member_id],
                            in_favour=vote.in_favour,
                            reason=vote.reason,
                            voted_at=vote.voted_at,
                        )
                        for vote in mine
                    ],
                    "mine": next((vote.in_favour for vote in mine if vote.member_id == standing.member_id), None),
                    "viewer": _viewer(SeenNomination(row, standing, seats)),
                }
            )
        )
    return answers


def _viewer(seen: SeenNomination) -> Viewer:
    archived = "community_archived" if seen.standing.community.status == "archived" else None
    refusals = {action: refusal(action, seen) for action in ACTIONS}
    answers = {action: refused.code if refused else archived for action, refused in refusals.items()}
    return Viewer.of(answers)


async def committee_public(work: Work, community_id: UUID, member_ids: Sequence[UUID]) -> CommitteePublic:
    """A committee with its members."""
    members = await embedded(work.session, member_ids)
    return CommitteePublic(community_id=community_id, members=[members[one] for one in member_ids])
