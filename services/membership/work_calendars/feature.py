"""Which days are workdays, and the alarm where nobody has said so in time."""

from chassis.contributions import DeskQueue
from chassis.feature import Feature
from services.membership.permissions import COMMUNITIES_UPDATE
from services.membership.work_calendars import routes
from services.membership.work_calendars.imports import work_calendar_import
from services.membership.work_calendars.queries import WORK_CALENDAR_MISSING, alarm, missing
from services.membership.work_calendars.snapshots import work_calendar_snapshots

feature = Feature(
    "work_calendars",
    routers=[routes.router],
    imports=[work_calendar_import],
    snapshots={"work_calendar": work_calendar_snapshots},
    desk=[
        DeskQueue(
            WORK_CALENDAR_MISSING,
            COMMUNITIES_UPDATE,
            missing,
            en="The work calendar of next year is missing",
            zh="缺少明年的工作日历",
        )
    ],
    alarms=[alarm],
)
