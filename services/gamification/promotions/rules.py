"""Whether the votes of a committee carry a nomination."""


def votes_needed(electorate: int) -> int:
    """How many must have voted: at least half of those who may."""
    return (electorate + 1) // 2


def is_carried(in_favour: int, against: int, electorate: int) -> bool:
    """Whether enough have voted, and more for it than against it. Where nobody may vote, whoever decides is alone."""
    if electorate == 0:
        return True
    return in_favour + against >= votes_needed(electorate) and in_favour > against
