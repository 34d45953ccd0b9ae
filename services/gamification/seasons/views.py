"""How seasons become answers."""

from chassis.security.permissions import Reach
from chassis.web.schemas import Viewer
from services.gamification.permissions import SEASONS_WRITE
from services.gamification.seasons.schemas import SeasonPrizePublic, SeasonPublic
from services.gamification.seasons.service import SeenSeason

ACTIONS = ("update", "cancel")


def shown(seen: SeenSeason) -> SeasonPublic:
    """A season, with what the caller can do."""
    season = seen.season
    board = f"/v1/leaderboards?community_id={season.community_id}&period=season&on={season.starts_on.isoformat()}"
    return SeasonPublic(
        id=season.id,
        community_id=season.community_id,
        title=season.title,
        starts_on=season.starts_on,
        ends_on=season.ends_on,
        closed_at=season.closed_at,
        winners=season.winners,
        created_at=season.created_at,
        prizes=[SeasonPrizePublic(**prize) for prize in season.prizes],
        status=seen.status,
        closes_at=seen.freezes_at,
        board=board if season.window_id is not None else None,
        viewer=_viewer(seen),
    )


def _viewer(seen: SeenSeason) -> Viewer:
    may = Reach.ALL in SEASONS_WRITE.reach(seen.standing.columns)
    archived = seen.standing.community.status == "archived"
    answers: dict[str, str | None] = {}
    for action in ACTIONS:
        if action == "cancel" and seen.season.status == "cancelled":
            continue
        refused = seen.refusal(action)
        code = "forbidden" if not may else "community_archived" if archived else refused.code if refused else None
        answers[action] = code
    return Viewer.of(answers)
