"""What an award by hand may be, and who decides about it. Pure."""

from typing import Literal

Status = Literal["pending", "given", "refused"]

BUDGET = 1_000
"""Points that one person may give in a month, where the community has not said otherwise."""
ALONE = 100
"""Up to how many points nobody else has to agree."""
MOST_POINTS = 1_000
MOST_ROWS = 200


def needs_approval(points: int) -> bool:
    """Whether an owner who did not propose it decides."""
    return points > ALONE


def room_left(budget: int, used: int) -> int:
    """What is left of a budget; none where it was lowered since."""
    return max(0, budget - used)
