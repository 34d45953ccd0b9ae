"""When members are asked, and how they are reminded. Pure."""

from typing import Final

WORKDAYS_TO_CONFIRM: Final = 2
