"""What the gamification service is made of, and what follows what inside it."""

from chassis.occasions import when
from chassis.projections import ProjectionAuthority, follow_membership
from chassis.service import Service
from contracts.belonging import GROUP_MEMBER_STATES, GROUP_STATES
from contracts.conduct import ACKNOWLEDGEMENT_STATES, RULE_SET_STATES
from contracts.membership import (
    COMMUNITY_STATES,
    DEPARTMENT_STATES,
    MEMBER_STATES,
    PERSON_STATES,
    SANCTION_STATES,
    WORK_CALENDAR_STATES,
)
from services.gamification.attended.feature import feature as attended
from services.gamification.attended.occasions import attendances_told
from services.gamification.awards.feature import feature as awards
from services.gamification.badges.awarding import follow_deeds, follow_xp
from services.gamification.badges.feature import feature as badges
from services.gamification.badges.occasions import badges_moved
from services.gamification.base import Base, tables, texts
from services.gamification.certificates.awarding import award_attendances, award_levels
from services.gamification.certificates.feature import feature as certificates
from services.gamification.certifications.feature import feature as certifications
from services.gamification.certifications.settling import settle_attendances
from services.gamification.checkins.feature import feature as checkins
from services.gamification.checkins.occasions import day_offered
from services.gamification.deeds.feature import feature as deeds
from services.gamification.earning.editions import note_editions
from services.gamification.earning.feature import feature as earning
from services.gamification.earning.occasions import days_moved, deeds_recorded, deeds_restored
from services.gamification.kudos.feature import feature as kudos
from services.gamification.leaderboards.feature import feature as leaderboards
from services.gamification.leaderboards.service import enter_on_boards, recount_boards
from services.gamification.ledger.occasions import xp_changed, xp_changing
from services.gamification.levels.feature import feature as levels
from services.gamification.levels.occasions import levels_reached
from services.gamification.levels.service import look_after_badges, look_after_deeds, move_on_ladder
from services.gamification.penalties.feature import feature as penalties
from services.gamification.plans.counting import count_for_plans
from services.gamification.plans.feature import feature as plans
from services.gamification.plans.naming import name_plans
from services.gamification.promotions.feature import feature as promotions
from services.gamification.rewards.feature import feature as rewards
from services.gamification.rewards.naming import name_redemptions
from services.gamification.seasons.feature import feature as seasons
from services.gamification.seasons.naming import name_seasons
from services.gamification.stars.feature import feature as stars
from services.gamification.wallets.feature import feature as wallets
from services.gamification.wallets.occasions import sources_shown

definition = Service(
    name="gamification",
    base=Base,
    tables=tables,
    migrations="services.gamification.migrations",
    features=[
        deeds,
        wallets,
        earning,
        checkins,
        badges,
        levels,
        promotions,
        plans,
        leaderboards,
        seasons,
        # Before kudos, whose path of one would take theirs.
        stars,
        kudos,
        attended,
        certificates,
        certifications,
        rewards,
        awards,
        penalties,
    ],
    effects=[
        when(xp_changing, move_on_ladder),
        when(xp_changed, enter_on_boards, follow_xp),
        when(deeds_recorded, follow_deeds, look_after_deeds),
        when(deeds_restored, follow_deeds, look_after_deeds),
        when(badges_moved, look_after_badges),
        when(days_moved, recount_boards),
        when(day_offered, count_for_plans),
        when(levels_reached, award_levels),
        when(attendances_told, award_attendances, settle_attendances),
        when(sources_shown, name_plans, name_redemptions, name_seasons),
    ],
    projections=follow_membership(
        people=PERSON_STATES,
        departments=DEPARTMENT_STATES,
        communities=COMMUNITY_STATES,
        members=MEMBER_STATES,
        sanctions=SANCTION_STATES,
        rule_sets=RULE_SET_STATES,
        acknowledgements=ACKNOWLEDGEMENT_STATES,
        work_calendars=WORK_CALENDAR_STATES,
        groups=GROUP_STATES,
        group_members=GROUP_MEMBER_STATES,
    ),
    authority=ProjectionAuthority,
    texts=texts,
    publishes=["qunxue.gamification", "qunxue.gamification.restricted"],
    bootstrap=note_editions,
)
