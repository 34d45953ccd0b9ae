"""Refusals of activities."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from chassis.problems import ILLEGAL_TRANSITION, FieldError, Problem, refused
from services.events.activities.models import Activity
from services.events.activities.rules import POSSIBLE, refusal

NO_MEMBER = FieldError("/organiser_ids", "unknown_member", "Nobody in this community has it.", "该社群没有这位成员。")
NOBODY_RUNS_IT = FieldError("/organiser_ids", "missing", "Somebody must run it.", "至少需要一位组织者。")
UNCHANGED = FieldError("/starts_at", "unchanged", "It is at this time already.", "时间没有变化。")

NOT_ASKED = FieldError(
    "/recording",
    "consent_not_asked",
    "Nobody was asked whether they agree: set recording_consent.",
    "尚未征求录制同意：请设置 recording_consent。",
)

_MISFITS: Final[Mapping[str, tuple[str, str]]] = {
    "ends_before_start": ("It ends before it starts.", "结束时间早于开始时间。"),
    "too_long": ("It lasts more than 92 days.", "持续时间超过 92 天。"),
    "after_the_end": ("That is after the activity has ended.", "该时间晚于活动结束时间。"),
    "opens_after_close": ("Registration closes before it opens.", "报名截止早于报名开始。"),
}


def not_now(activity: Activity, action: str, now: datetime) -> Problem | None:
    """Why something cannot be done with an activity now, in words; None where its state lets it be."""
    code = refusal(action, status=activity.status, ends_at=activity.ends_at, now=now)
    if code is None:
        return None
    if activity.status not in POSSIBLE[action]:
        return refused(code, state=activity.status)
    said = ("It is over.", "活动已经结束。") if now >= activity.ends_at else ("It is not over yet.", "活动尚未结束。")
    return ILLEGAL_TRANSITION(*said, state=activity.status, ends_at=activity.ends_at)


def misfit(field: str, code: str, names: Mapping[str, str] | None = None) -> FieldError:
    """What `rules.misfits` found, in words; `names` what fields are called in the request, if otherwise."""
    en, zh = _MISFITS[code]
    return FieldError(f"/{(names or {}).get(field, field)}", code, en, zh)


def unknown_department(index: int) -> FieldError:
    """A department that nobody has heard of."""
    return FieldError(
        f"/eligibility/departments/{index}", "unknown_department", "There is no such department.", "没有该部门。"
    )


def in_the_past(names: Mapping[str, str] | None = None) -> FieldError:
    """It would have started already; `names` as in `misfit`."""
    field = (names or {}).get("starts_at", "starts_at")
    return FieldError(f"/{field}", "in_the_past", "It would have started already.", "开始时间已过。")


def unknown_cohort(index: int) -> FieldError:
    """A cohort that nobody here is in: cohorts are known by their members alone."""
    return FieldError(
        f"/eligibility/cohort_ids/{index}",
        "unknown_cohort",
        "Nobody in this community is in this cohort.",
        "该社群没有此期别的成员。",
    )


def moved_instead(field: str) -> FieldError:
    """An announced activity is not edited to another time."""
    return FieldError(
        f"/{field}",
        "move_instead",
        "An announced activity is moved, so that everybody is asked.",
        "已发布的活动请使用改期。",
    )
