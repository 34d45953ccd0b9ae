"""When members are asked, and how they are reminded. Pure."""

from typing import Final

WORKDAYS_TO_CONFIRM: Final = 2
PART: Final = 500
"""How many members one message of a reminder names."""
