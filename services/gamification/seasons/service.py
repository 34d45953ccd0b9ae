"""The use cases of seasons: announcing, changing and cancelling them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from chassis.database.rows import existing
from chassis.problems import INVALID, ProblemType
from chassis.projections.history import calendars_of
from chassis.security.authority import Standing, authorize
from chassis.security.permissions import Permission
from chassis.web.etags import require_match
from chassis.web.work import Work
from services.gamification.earning.rulebook import lock_rules
from services.gamification.leaderboards.rules import Period, Window
from services.gamification.leaderboards.windows import drop_season, open_season
from services.gamification.permissions import SEASONS_READ, SEASONS_WRITE
from services.gamification.seasons import problems
from services.gamification.seasons.models import Season
from services.gamification.seasons.queries import days_taken, freezes_of
from services.gamification.seasons.rules import Status, overlap, status_of
from services.gamification.seasons.schemas import SeasonCreate, SeasonPatch


@dataclass(frozen=True, slots=True)
class SeenSeason:
    """A season that the caller may read, when its board freezes, and their community's day."""

    season: Season
    freezes_at: datetime | None
    standing: Standing
    today: date

    @property
    def status(self) -> Status:
        """How it stands today."""
        return status_of(self.season.status, self.season.starts_on, self.season.ends_on, today=self.today)

    def refusal(self, action: str) -> ProblemType | None:
        """Why nobody can do it now."""
        if self.status in {"closed", "cancelled"}:
            return problems.SEASON_CLOSED
        return problems.SEASON_STARTED if action == "cancel" and self.status != "planned" else None


async def announce(work: Work, body: SeasonCreate) -> SeenSeason:
    """Announce a season that begins tomorrow or later. Raises `SEASONS_OVERLAP`."""
    standing = await authorize(work.session, work.caller, SEASONS_WRITE, body.community_id, now=work.now)
    # Nobody earns in the community meanwhile: whoever posts next finds the board.
    await lock_rules(work.session, body.community_id)
    today = standing.community.day_of(work.now)
    if body.starts_on <= today:
        raise INVALID(errors=[problems.NOT_AHEAD])
    if overlap(body.starts_on, body.ends_on, await days_taken(work.session, body.community_id, today)):
        raise problems.SEASONS_OVERLAP()
    calendars = (await calendars_of(work.session, [body.community_id]))[body.community_id]
    window = Window(Period.SEASON, body.starts_on, body.ends_on)
    window_id = await open_season(work.session, body.community_id, window, calendars, work.now)
    season = await work.add(Season(**body.model_dump(), window_id=window_id, created_at=work.now))
    return SeenSeason(season, (await freezes_of(work.session, [season])).get(season.id), standing, today)


async def seen_season(work: Work, key: UUID, *, of: Permission = SEASONS_READ, lock: bool = False) -> SeenSeason:
    """A season, if the caller may do this in its community."""
    season = await existing(work.session, Season, key, lock=lock)
    standing = await authorize(work.session, work.caller, of, season.community_id, seen_by=SEASONS_READ, now=work.now)
    return SeenSeason(
        season, (await freezes_of(work.session, [season])).get(season.id), standing, standing.community.day_of(work.now)
    )


async def change(work: Work, key: UUID, body: SeasonPatch, if_match: int) -> SeenSeason:
    """Call a season otherwise, or change its prizes before it begins."""
    seen = await seen_season(work, key, of=SEASONS_WRITE, lock=True)
    require_match(seen.season.version, if_match)
    values: dict[str, Any] = body.model_dump(exclude_unset=True)
    _refuse(seen, "update")
    if "prizes" in values and values["prizes"] != seen.season.prizes and seen.status != "planned":
        raise problems.SEASON_STARTED()
    await work.edit(seen.season, values)
    return seen


async def cancel(work: Work, key: UUID) -> SeenSeason:
    """Call off a season that has not begun. Again, it changes nothing."""
    seen = await seen_season(work, key, of=SEASONS_WRITE, lock=True)
    season = seen.season
    if season.status == "cancelled":
        return seen
    _refuse(seen, "cancel")
    window_id = season.window_id
    await work.edit(season, {"status": "cancelled", "window_id": None}, action="cancel")
    await work.session.flush()
    if window_id is not None:
        await drop_season(work.session, window_id)
    return SeenSeason(season, None, seen.standing, seen.today)


def _refuse(seen: SeenSeason, action: str) -> None:
    refused = seen.refusal(action)
    if refused is not None:
        raise refused()
