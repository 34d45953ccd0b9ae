"""What can be decided about an item. Pure."""

from typing import Final, Literal

from chassis.wrong import Wrong
from contracts.kinds import PIECES

Verdict = Literal["release", "return", "remove"]
Category = Literal["advertising", "abuse", "secret", "off_topic", "other"]
HREFS: Final = {
    "discussion": "/v1/discussions/{}",
    "reply": "/v1/replies/{}",
    "article": "/v1/articles/{}",
    "checkin": "/v1/checkins/{}",
    "plan_entry": "/v1/checkin-plans/entries/{}",
    "plan_comment": "/v1/checkin-plans/comments/{}",
    "idea": "/v1/ideas/{}",
    "community": "/v1/communities/{}",
    "member": "/v1/members/{}",
    "group": "/v1/groups/{}",
    "activity": "/v1/activities/{}",
    "proposal": "/v1/proposals/{}",
    "contest_team": "/v1/contest-teams/{}",
    "series": "/v1/series/{}",
    "person": "/v1/people/{}",
}
"""What moderators decide about, by kind: the path of the operation that shows it."""
ENDS: Final[dict[Verdict, str]] = {"release": "released", "remove": "removed"}


def refusal(verdict: str, *, status: str, held: bool, own: bool, here: bool = True) -> str | None:
    """The code of the refusal, None where it can be decided so: nobody decides about what they wrote. `here`: it is content's own."""
    if status not in {"open", "returned"}:
        return "illegal_transition"
    if own:
        return "conflict_of_interest"
    # What stands in another service its author cannot write anew.
    if verdict == "return" and not here:
        return "illegal_transition"
    # What was only reported is read by everybody: its author cannot mend it out of sight.
    if verdict == "return" and (not held or status == "returned"):
        return "illegal_transition"
    return None


def reportable(kind: str) -> str:
    """A kind that members can report. Raises ValueError."""
    if kind not in PIECES:
        raise Wrong(
            "unknown_kind", "One of article, discussion, reply, idea.", "须为 article、discussion、reply 或 idea。"
        )
    return kind
