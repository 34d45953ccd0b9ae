"""The rows of the permission table that this service decides by."""

from chassis.security.permissions import permission

ACTIVITIES_READ = permission("activities.read", "v v – y y y y y y – y")
ACTIVITIES_WRITE = permission("activities.write", "– – – – – a – y y – –")
ACTIVITIES_ANNOUNCE = permission("activities.announce", "– – – – – – – y y – –")
ACTIVITIES_MOVE = permission("activities.move", "– – – – – – – y y – –")
ACTIVITIES_CANCEL = permission("activities.cancel", "– – – – – – – y y – –")
REGISTRATIONS_CREATE = permission("registrations.create", "– – – o o o o o o – –")
REGISTRATIONS_CANCEL = permission("registrations.cancel", "– – – o o o o o o – –")
REGISTRATIONS_ACCEPT = permission("registrations.accept", "– – – o o o o o o – –")
REGISTRATIONS_CONFIRM = permission("registrations.confirm", "– – – o o o o o o – –")
REGISTRATIONS_LIST = permission("registrations.list", "– – – o o o/a o y y – y")
ATTENDANCES_CHECK_IN = permission("attendances.check_in", "– – – o o o o o o – –")
ATTENDANCES_MANAGE = permission("attendances.manage", "– – – – – a – y y – –")
REGISTRATIONS_ASSIGN = permission("registrations.assign", "– – – o o a o y y – y")
REGISTRATIONS_EXCUSE = permission("registrations.excuse", "– – – o o a o y y – y")
REGISTRATIONS_ASK_LEAVE = permission("registrations.ask_leave", "– – – o o o o o o – –")
MEETINGS_READ = permission("meetings.read", "– – – a a a a y y – –")
MEETINGS_WRITE = permission("meetings.write", "– – – – – a a y y – –")
ACTION_ITEMS_READ = permission("action_items.read", "– – – a a a a y y – –")
ACTION_ITEMS_ASSIGN = permission("action_items.assign", "– – – – – a a y y – –")
ACTION_ITEMS_COMPLETE = permission("action_items.complete", "– – – o o o o y y – –")
