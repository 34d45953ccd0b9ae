"""Which days are workdays: those of the work calendar, of which a day that is not known yet is decided by the plain week."""

from chassis.work_calendar import CHINA

is_workday = CHINA.is_workday
is_known = CHINA.is_known
