"""The rows of the permission table that this service decides by."""

from chassis.security.authority import COMMUNITIES_READ as COMMUNITIES_READ
from chassis.security.permissions import permission

# --- people and accounts -------------------------------------------------------------------------------------------

PEOPLE_SELF = permission("people.self", "– o o o o o o o o o –")
PEOPLE_READ = permission("people.read", "– – – – – – – – – y y", platform_roles=("admin", "hr"))
PEOPLE_WRITE = permission("people.write", "– – – – – – – – – y y", platform_roles=("admin", "hr"))
PEOPLE_IMPORT = permission("people.import", "– – – – – – – – – y y", platform_roles=("admin", "hr"))
DEPARTMENTS_READ = permission("departments.read", "– y y y y y y y y y y")
DEPARTMENTS_WRITE = permission("departments.write", "– – – – – – – – – y y", platform_roles=("admin", "hr"))
WORK_CALENDARS_READ = permission("work_calendars.read", "– y y y y y y y y y y")
WORK_CALENDARS_WRITE = permission("work_calendars.write", "– – – – – – – – – y y")
PLATFORM_ROLES_GRANT = permission("platform_roles.grant", "– – – – – – – – – y –")
PRIVACY_NOTICES_WRITE = permission("privacy_notices.write", "– – – – – – – – – y –")
PROVIDERS_LOGIN = permission("providers.login", "y y y y y y y y y y –")
IDENTITIES_OWN = permission("identities.own", "– o o o o o o o o o –")
IDENTITIES_WRITE = permission("identities.write", "– – – – – – – – – y –")
SECOND_FACTORS_OWN = permission("second_factors.own", "– o o o o o o o o o –")
SECOND_FACTORS_RESET = permission("second_factors.reset", "– – – – – – – – – y –")
SERVICE_ACCOUNTS_WRITE = permission("service_accounts.write", "– – – – – – – – – y –")

# --- communities and recruitment -----------------------------------------------------------------------------------

COMMUNITIES_CREATE = permission("communities.create", "– – – – – – – – – y –")
COMMUNITIES_UPDATE = permission("communities.update", "– – – – – – – y y y –")
CHARTER_AGREEMENTS_GIVE = permission("charter_agreements.give", "– – – o o o o o o – –")
CHARTER_AGREEMENTS_LIST = permission("charter_agreements.list", "– – – – – – – y y – –")
COMMUNITIES_GOVERN = permission("communities.govern", "– – – – – – – – y y –")
COMMUNITIES_JOIN = permission("communities.join", "– v o o o o o o o – –")
CAMPAIGNS_READ = permission("campaigns.read", "v v v y y y y y y y y")
CAMPAIGNS_WRITE = permission("campaigns.write", "– – – – – – – y y – –")
APPLICATIONS_CREATE = permission("applications.create", "– o – – – – – – – – –")
APPLICATIONS_WITHDRAW = permission("applications.withdraw", "– o – – – – – – – – –")
APPLICATIONS_READ = permission("applications.read", "– o/a o o o/a o/a o/a y y – y")
APPLICATIONS_DECIDE = permission("applications.decide", "– – – – – – – y y – –")
APPLICATIONS_HOLD = permission("applications.hold", "– – – – – – – – – y –")
TEST_ATTEMPTS_OWN = permission("test_attempts.own", "– o – – – – – – – – –")
TEST_ATTEMPTS_GRADE = permission("test_attempts.grade", "– – – – – a – y y – –")
TEST_ATTEMPTS_EXTEND = permission("test_attempts.extend", "– – – – – a – y y – –")
TEST_ATTEMPTS_REOPEN = permission("test_attempts.reopen", "– – – – – a – y y – –")
APPLICATIONS_APPROVE = permission("applications.approve", "– a – a a a a a a – –")
INTERVIEWS_CHOOSE = permission("interviews.choose", "– o – – – – – – – – –")
SCORECARDS_READ = permission("scorecards.read", "– a – a a a a y y – –")
SCORECARDS_WRITE = permission("scorecards.write", "– a – a a a a a a – –")
APPLICATIONS_IMPORT = permission("applications.import", "– – – – – – – y y – y")

# --- what people are told -------------------------------------------------------------------------------------------

BOUNCES_CREATE = permission("bounces.create", "– – – – – – – – – – y")
NOTIFICATIONS_OWN = permission("notifications.own", "– o o o o o o o o o –")

# --- the roster ----------------------------------------------------------------------------------------------------

MEMBERS_READ = permission("members.read", "– – o y y y y y y y y")
INVITATIONS_WRITE = permission("invitations.write", "– – – – – – – y y – –")
MEMBERS_IMPORT = permission("members.import", "– – – – – – – y y – y")
MEMBERS_REMOVE = permission("members.remove", "– – – – – – – y y – –")
MEMBERS_MUTE = permission("members.mute", "– – – – – – y y y – –")
MEMBERS_UNMUTE = permission("members.unmute", "– – – – – – y y y – –")
LEADERBOARDS_OPT_OUT = permission("leaderboards.opt_out", "– – – o o o o o o – –")
MEMBERS_LEAVE = permission("members.leave", "– – o o o o o o o – –")
ROLES_GRANT = permission("roles.grant", "– – – – – – – y y y –")
ROLES_REVOKE = permission("roles.revoke", "– – – – – – – y y y –")
GROUPS_READ = permission("groups.read", "– – – y y y y y y – y")
GROUPS_JOIN = permission("groups.join", "– – – y y y y y y – y")
GROUPS_LEAVE = permission("groups.leave", "– – – y y y y y y – y")
GROUPS_ARRANGE = permission("groups.arrange", "– – – – – – – y y – –")
GROUPS_EXPORT = permission("groups.export", "– – – – – – – y y – –")
GROUPS_WRITE = permission("groups.write", "– – – y y y y y y – –")
RESPONSIBILITIES_READ = permission("responsibilities.read", "– – – y y y y y y – y")
RESPONSIBILITIES_WRITE = permission("responsibilities.write", "– – – – – – – y y – –")
MENTORS_READ = permission("mentors.read", "– – – y y y y y y – –")
MENTORSHIPS_OWN = permission("mentorships.own", "– – – – o o o o o – –")
MENTORSHIPS_READ = permission("mentorships.read", "– – – o o o o y y – –")

# --- conduct -------------------------------------------------------------------------------------------------------

CONDUCT_REPORTS_CREATE = permission("conduct_reports.create", "– – o o o o o o o – –")
CASES_READ = permission("cases.read", "– a – – – – y y y – –")
CASES_WORK = permission("cases.work", "– a – – – – y y y – –")
APPEALS_APPOINT = permission("appeals.appoint", "– – – – – – – – – y –")
PENALTIES_READ = permission("penalties.read", "– o o o o o o y y – –")
PENALTIES_SUSPEND = permission("penalties.suspend", "– – – – – – – y y – –")
PENALTIES_EXPEL = permission("penalties.expel", "– – – – – – – y y – –")
PENALTIES_LIFT = permission("penalties.lift", "– – – – – – a y y – –")
RULE_SETS_READ = permission("rule_sets.read", "– o y y y y y y y – y")
RULE_SETS_WRITE = permission("rule_sets.write", "– – – – – – – y y – –")
RULE_SETS_ACKNOWLEDGE = permission("rule_sets.acknowledge", "– – o o o o o o o – –")
APPEALS_CREATE = permission("appeals.create", "– o o o o o o o o – –")
APPEALS_ANSWER = permission("appeals.answer", "– o o o o o o o o – –")
APPEALS_DECIDE = permission("appeals.decide", "– a – – – – – y y – –")

# --- what other systems are told -----------------------------------------------------------------------------------

WEBHOOKS_WRITE = permission("webhooks.write", "– – – – – – – – y y –")

# --- telling by messengers -----------------------------------------------------------------------------------------

MESSENGER_CHANNELS_READ = permission("messenger_channels.read", "– – – – – – – – y y –")
MESSENGER_CHANNELS_WRITE = permission("messenger_channels.write", "– – – – – – – – y y –")
