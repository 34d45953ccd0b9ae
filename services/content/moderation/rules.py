"""What can be decided about an item. Pure."""

from typing import Final, Literal

Verdict = Literal["release", "return", "remove"]
Category = Literal["advertising", "abuse", "secret", "off_topic", "other"]
ENDS: Final[dict[Verdict, str]] = {"release": "released", "remove": "removed"}


def refusal(verdict: str, *, status: str, held: bool, own: bool) -> str | None:
    """The code of the refusal, None where it can be decided so: nobody decides about what they wrote."""
    if status not in {"open", "returned"}:
        return "illegal_transition"
    if own:
        return "conflict_of_interest"
    # What was only reported is read by everybody: its author cannot mend it out of sight.
    if verdict == "return" and (not held or status == "returned"):
        return "illegal_transition"
    return None
