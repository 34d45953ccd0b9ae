"""The rows of the permission table that this service decides by."""

from chassis.security.permissions import permission

WALLETS_READ = permission("wallets.read", "– – o o o o o y y – y")
LEDGER_ENTRIES_READ = permission("ledger_entries.read", "– – o o o o o y y – y")
EARNING_OUTCOMES_READ = permission("earning_outcomes.read", "– – o o o o o y y – y")
STANDING_READ = permission("standing.read", "– – o y y y y y y – y")
LEDGER_REVERSE = permission("ledger.reverse", "– – – – – – – – y – –")
EARNING_RULES_READ = permission("earning_rules.read", "– – – y y y y y y – y")
EARNING_RULES_WRITE = permission("earning_rules.write", "– – – – – – – – y – –")
PROMOTIONS_DECIDE = permission("promotions.decide", "– – – – – – – – y – –")
CHECKINS_CREATE = permission("checkins.create", "– – – o o o o o o – –")
CHECKINS_READ = permission("checkins.read", "– – o o o o o y y – y")
CHECKINS_IMPORT = permission("checkins.import", "– – – – – – – – y – y")
CHECKIN_PLANS_READ = permission("checkin_plans.read", "– – – y y y y y y – y")
CHECKIN_PLANS_WRITE = permission("checkin_plans.write", "– – – – – – – y y – –")
CHECKIN_PLANS_JOIN = permission("checkin_plans.join", "– – – o o o o o o – –")
REWARDS_READ = permission("rewards.read", "– – – y y y y y y – y")
REWARDS_WRITE = permission("rewards.write", "– – – – – – – y y – –")
CERTIFICATES_READ = permission("certificates.read", "– o o o o o o y y – y")
CERTIFICATES_WRITE = permission("certificates.write", "– – – – – – – y y – –")
CERTIFICATES_ISSUE = permission("certificates.issue", "– – – – – – – y y – –")
CERTIFICATES_REVOKE = permission("certificates.revoke", "– – – – – – – y y – –")
