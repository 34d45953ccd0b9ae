"""What happens to departments and concerns more than the forest."""

from dataclasses import dataclass
from datetime import datetime

from chassis.occasions import Occasion


@dataclass(frozen=True, slots=True)
class DepartmentsMoved:
    """Departments are below others than before, and with them everybody in them."""

    at: datetime


departments_moved: Occasion[DepartmentsMoved, None] = Occasion("departments moved")
