"""How scorecards are answered."""

from collections.abc import Sequence

from chassis.web.actors import ActorEmbed, actor_of
from chassis.web.schemas import Viewer
from chassis.web.work import Work
from services.membership.interviews.access import person_of
from services.membership.scorecards.access import Judging, writing
from services.membership.scorecards.anchors import anchors_of
from services.membership.scorecards.models import Scorecard
from services.membership.scorecards.queries import cards_in, count_interviewers
from services.membership.scorecards.rules import NEEDED, OPEN_STATES, mean_of, mean_of_all, means_by_criterion
from services.membership.scorecards.schemas import (
    AnchorPublic,
    CriterionSummary,
    ScorecardPublic,
    ScorecardSummary,
    ScoreGiven,
)


async def shown(work: Work, seen: Judging, rows: Sequence[Scorecard]) -> list[ScorecardPublic]:
    """Scorecards of one application."""
    refusal = await writing(work, seen)
    return [_public(work, seen, one, refusal) for one in rows]


def _public(work: Work, seen: Judging, card: Scorecard, writing_refusal: str | None) -> ScorecardPublic:
    return ScorecardPublic(
        id=card.id,
        community_id=card.community_id,
        application_id=card.application_id,
        author=ActorEmbed(kind="person", id=card.person_id),
        status=card.status,
        scores=[
            ScoreGiven(criterion=one["code"], score=card.scores[one["code"]], note=card.notes.get(one["code"]))
            for one in seen.campaign.criteria
            if one["code"] in card.scores
        ],
        comment=card.comment,
        mean=_rounded(mean_of(card.scores, _weights(seen))),
        handed_in_at=card.handed_in_at,
        cancelled_at=card.cancelled_at,
        cancelled_by=actor_of(card.cancelled_by),
        cancel_reason=card.cancel_reason,
        viewer=_viewer(work, seen, card, writing_refusal),
    )


def _viewer(work: Work, seen: Judging, card: Scorecard, writing_refusal: str | None) -> Viewer:
    own = card.person_id == person_of(work.caller)
    over = None if card.status == "draft" else "illegal_transition"
    changing = (writing_refusal or over) if own else "forbidden"
    refusals = {"update": changing, "hand_in": changing, "cancel": _cancelling(seen, card, own=own)}
    if seen.standing.community.status == "archived":
        refusals = dict.fromkeys(refusals, "community_archived")
    return Viewer.of(refusals)


def _cancelling(seen: Judging, card: Scorecard, *, own: bool) -> str | None:
    if not seen.reader.runs:
        return "forbidden"
    if seen.reader.interviews and not own:
        return "conflict_of_interest"
    if seen.application.state not in OPEN_STATES:
        return "scorecards_locked"
    return None if card.status == "handed_in" else "illegal_transition"


async def summed_up(work: Work, seen: Judging) -> ScorecardSummary:
    """What the scorecards come to together."""
    cards = [card.scores for card in await cards_in(work.session, seen.application.id)]
    told = cards if seen.reads_others else []
    weights = _weights(seen)
    means = means_by_criterion(told, weights)
    return ScorecardSummary(
        community_id=seen.application.community_id,
        application_id=seen.application.id,
        criteria=[
            CriterionSummary(
                code=one["code"],
                name=one["name"],
                weight=one["weight"],
                anchors=[AnchorPublic(**anchor) for anchor in anchors_of(one)],
                mean=_rounded(means[one["code"]][0]),
                scores=means[one["code"]][1],
            )
            for one in seen.campaign.criteria
        ],
        interviewers=await count_interviewers(work.session, seen.application.id),
        handed_in=len(cards),
        needed=NEEDED,
        mean=_rounded(mean_of_all(told, weights)),
        blind=not seen.reads_others,
        locked=seen.application.state not in OPEN_STATES,
    )


def _weights(seen: Judging) -> dict[str, float]:
    return {one["code"]: float(one["weight"]) for one in seen.campaign.criteria}


def _rounded(mean: float | None) -> float | None:
    return None if mean is None else round(mean, 2)
