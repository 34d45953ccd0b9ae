"""How proposals become answers."""

from collections.abc import Sequence
from typing import Any

from chassis.projections.members import embedded
from chassis.security.authority import Standing
from chassis.texts import Hidden
from chassis.web.schemas import Viewer
from chassis.web.work import Work
from services.events.activities.texts import STAND_IN, withheld
from services.events.proposals.access import SeenProposal, forbidden
from services.events.proposals.models import Proposal
from services.events.proposals.rules import POSSIBLE, refusal
from services.events.proposals.schemas import ProposalPublic


async def shown(work: Work, seen: SeenProposal) -> ProposalPublic:
    """A proposal as it is answered."""
    return (await listed(work, [seen.proposal], seen.standing))[0]


async def listed(work: Work, rows: Sequence[Proposal], standing: Standing) -> list[ProposalPublic]:
    """Proposals as they are answered."""
    members = await embedded(work.session, [row.proposer_id for row in rows])
    held = await withheld(work.session, [row.id for row in rows])
    return [
        ProposalPublic(
            **row.model_dump() | _read(row, held.get(row.id), standing),
            proposer=members[row.proposer_id],
            viewer=_viewer(row, standing),
        )
        for row in rows
    ]


def _read(row: Proposal, why: Hidden | None, standing: Standing) -> dict[str, Any]:
    """What is read of its text: its proposer reads what they wrote, and that others do not."""
    mine = row.proposer_id == standing.member_id
    return {"text_hidden": why} | (
        {"title": STAND_IN, "description": "", "wishes": ""} if why is not None and not mine else {}
    )


def _viewer(row: Proposal, standing: Standing) -> Viewer:
    answers = {action: _answer(row, standing, action) for action in POSSIBLE}
    return Viewer.of(answers)


def _answer(row: Proposal, standing: Standing, action: str) -> str | None:
    code = forbidden(SeenProposal(row, standing), action)
    if code is None and standing.community.status == "archived":
        return "community_archived"
    return code or refusal(action, status=row.status)
