"""Every operation that changes something, sent several times at the same moment, on both databases: nobody meets a 5xx, and what can
be had once is had once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from chassis.settings import SERVICES
from tests.system.security.casts.grounds import Ground, grounded
from tests.system.security.casts.opening import world_of
from tests.system.security.features import features
from tests.system.security.matrix import found
from tests.system.security.open_calls import ways
from tests.system.security.operations import Operation, operations
from tests.system.security.recipe import Call
from tests.system.security.world import Player

together = pytest.mark.asyncio(loop_scope="module")

AT_ONCE = 5
ROUNDS = 2
CHANGING = [one for one in operations(SERVICES) if one.method in {"POST", "PUT", "PATCH"}]

MORE_THAN_ONCE = {
    "create_session": "each is a log-in of its own",
    "begin_provider_login": "each is a log-in of its own",
    "begin_provider_link": "each is a try of its own, and one account is linked once",
    "begin_provider_step_up": "each is a try of its own, and one session is proved",
    "create_token": "each is a token of its own",
    "refresh_session": "a token used at once in two tabs gives each a successor",
    "step_up": "each proves it anew",
    "create_second_factor": "each takes the place of the one before",
    "create_recovery_codes": "each voids those before",
    "change_people_in_batch": "each code voids the one before",
    "read_notification": "again it changes nothing",
    "read_notifications": "again it changes nothing",
    "snooze_notification": "the last one counts",
    "update_notification_preferences": "saying the same again changes nothing",
    "create_activation_code": "each voids the one before",
    "create_password_reset_code": "each voids the one before",
    "create_webhook": "each is an endpoint of its own",
    "rotate_webhook_secret": "each is a secret of its own",
    "replay_webhook_delivery": "what waits already is left as it is",
    "replay_webhook": "the same that is at work is answered",
    "test_webhook": "as long as one waits, that is answered",
    "create_grouping": "the latest plan takes the place of those before",
    "apply_grouping": "again it changes nothing",
    "create_group": "a group's name is not unique",
    "dissolve_group": "again it changes nothing",
    "join_group": "again it changes nothing",
    "leave_group": "again it changes nothing",
    "add_group_members": "again it changes nothing",
    "remove_group_members": "again it changes nothing",
    "join_community": "who is a member stays one",
    "accept_invitation": "who is a member stays one",
    "accept_own_invitation": "who is a member stays one",
    "create_invitation": "each is another",
    "keep_enrolled": "again it changes nothing",
    "report_conduct": "what one reported of a thing stands, and is answered",
    "appoint_case_reviewer": "who is appointed stays so, and is told once",
    "set_mentor_capacity": "saying the same again changes nothing",
    "create_mentorship_note": "each is another",
    "give_mentorship_feedback": "again it changes nothing",
    "begin_test_attempt": "the one that runs is answered",
    "hand_in_test_attempt": "what is handed in stays so",
    "save_test_answers": "of the same sequence the first stands",
    "mark_test_answer": "saying the same again changes nothing",
    "give_extra_time": "what they have in all is said, not what is added",
    "hold_application": "what is held stays so, for the first reason",
    "create_question_bank": "a bank's title is not unique",
    "archive_question_bank": "again it changes nothing",
    "restore_question_bank": "again it changes nothing",
    "create_question": "each is another, and has a number of its own",
    "archive_question": "again it changes nothing",
    "restore_question": "again it changes nothing",
    "import_questions": "each is a job",
    "export_questions": "the same that is at work is answered",
    "create_paper": "a paper's title is not unique",
    "archive_paper": "again it changes nothing",
    "restore_paper": "again it changes nothing",
    "create_campaign": "a campaign's title is not unique",
    "add_campaign_form": "each is a version",
    "name_campaign_interviewer": "again it changes nothing",
    "put_interviewers": "saying the same again changes nothing",
    "choose_interview": "who has it has it still",
    "move_interview": "the last one counts",
    "declare_conflict": "again it changes nothing",
    "create_scorecard": "the one that is there is answered",
    "approve_application": "an answer may be given anew until the application moves",
    "refuse_application": "an answer may be given anew until the application moves",
    "put_own_absence": "saying the same again changes nothing",
    "acknowledge_rule_set": "again it changes nothing",
    "agree_to_charter": "again it changes nothing",
    "publish_charter": "what says the same makes no version",
    "publish_privacy_notice": "what says the same makes no version",
    "put_earning_rule": "what says the same makes no version",
    "put_points_expiry": "saying the same again changes nothing",
    "put_promotion_committee": "the same committee again changes nothing",
    "vote_on_nomination": "a vote may be changed until the decision",
    "put_ladder": "what says the same makes no version",
    "grant_badge": "the same that is at work is answered",
    "grant_certificates": "the same that is at work is answered",
    "create_checkin": "again on the same day changes nothing",
    "create_reward": "a reward's title is not unique",
    "restock_reward": "each counts what came in",
    "add_voucher_codes": "codes that are there are not taken again",
    "take_hook_result": "what is decided stays so, whatever is said",
    "create_redemption": "each is another",
    "begin_contest_attempt": "what was begun goes on, on the last device",
    "save_contest_answers": "again it changes nothing",
    "hand_in_contest_attempt": "again it changes nothing",
    "reopen_contest_attempt": "what runs is left as it is",
    "give_contest_extra_time": "each adds to what was given",
    "join_contest_team": "again it changes nothing",
    "pause_messenger_channel": "again it changes nothing",
    "resume_messenger_channel": "again it changes nothing",
    "test_messenger_channel": "several that wait are one",
    "cancel_redemption": "again it changes nothing",
    "approve_redemption": "again it changes nothing",
    "reject_redemption": "again it changes nothing",
    "fulfil_redemption": "again it changes nothing",
    "create_checkin_plan": "a plan's title is not unique",
    "join_checkin_plan": "again it changes nothing",
    "review_checkin_plan_entry": "again the same changes nothing",
    "add_checkin_plan_reaction": "again it changes nothing",
    "create_checkin_plan_comment": "each is another",
    "leave_checkin_plan": "again it changes nothing",
    "cancel_checkin_plan": "again it changes nothing",
    "cancel_season": "again it changes nothing",
    "put_award_budget": "saying the same again changes nothing",
    "answer_citation": "saying the same again changes nothing",
    "create_award": "each is an award of its own, within the budget",
    "create_awards_from_sheet": "each is a list of its own, within the budget",
    "create_awards": "each is a list of its own, within the budget",
    "give_kudos": "a day has five",
    "confirm_star": "again it changes nothing",
    "remove_kudos": "again it changes nothing",
    "create_discussion": "a discussion's title is not unique",
    "give_feedback": "each is another",
    "mark_feedback_read": "again it changes nothing",
    "reply_to_feedback": "each is another",
    "propose_idea": "an idea's title is not unique",
    "vote_for_idea": "again it changes nothing",
    "create_article": "an article's title is not unique",
    "copy_article": "an article's title is not unique",
    "verify_article": "each says so anew",
    "put_article_progress": "again it changes nothing",
    "put_article_rating": "again it changes nothing",
    "add_article_bookmark": "again it changes nothing",
    "add_article_reaction": "again it changes nothing",
    "create_attachment": "each is a file of its own",
    "renew_attachment_addresses": "it only reads",
    "ask_for_author": "each is in the trail",
    "pin_discussion": "again until the same moment changes nothing",
    "assign_discussion": "again to the same member changes nothing",
    "vote_in_poll": "again the same changes nothing",
    "acknowledge_announcement": "again it changes nothing",
    "import_metrics": "each is a job",
    "report_metric_value": "what says the same again changes nothing",
    "create_activity": "the title of an activity is not unique",
    "create_series": "the title of a series is not unique",
    "create_export": "each is a job",
    "create_report": "who asks for the same meanwhile is answered the one that is being made",
    "create_goal": "a goal's title is not unique",
    "join_series": "again it changes nothing",
    "leave_series": "again it changes nothing",
    "register": "again it changes nothing",
    "answer_form": "what was answered last counts",
    "add_activity_form": "each is a version",
    "create_retrospective": "again it is what there is",
    "propose_activity": "the title of a proposal is not unique",
    "withdraw_proposal": "again it changes nothing",
    "cancel_registration": "again it changes nothing",
    "confirm_registration": "again it changes nothing",
    "accept_seat": "again it changes nothing",
    "assign_registrations": "again it changes nothing",
    "ask_for_leave": "again it changes the reason alone",
    "exchange_code": "each is a ticket of its own",
    "check_in_at_door": "again it changes nothing",
    "record_attendance": "again it changes nothing",
    "put_recording_consent": "again it changes nothing",
    "put_speaker_consent": "again it changes nothing",
    "invite_speaker": "who speaks already is not invited again",
    "withdraw_speaker": "again it changes nothing",
    "create_speaker_link": "each ends the one before",
    "add_steward": "again it changes nothing",
    "scan_pass": "the same scan is the same",
    "batch_scans": "the same scan is the same",
    "check_out_at_door": "the last time counts",
    "revoke_attendance": "again it changes nothing",
    "create_calendar": "each voids the link before",
    "create_action_item": "the title of an action item is not unique",
    "close_action_item": "again it changes nothing",
    "request_feedback": "the title of a piece of work is not unique",
    "answer_feedback_request": "again it changes nothing",
    "close_feedback_request": "again it changes nothing",
    "create_survey": "the title of a survey is not unique",
    "close_survey": "again it changes nothing",
    "answer_survey": "again it changes nothing",
    "release_survey": "again it withholds the same",
    "add_discussion_reaction": "again it changes nothing",
    "add_reply_reaction": "again it changes nothing",
    "add_discussion_bookmark": "again it changes nothing",
    "add_discussion_subscription": "again it changes nothing",
    "add_tag_subscription": "again it changes nothing",
    "read_discussions": "again before the same moment changes nothing",
    "read_discussion_upto": "again up to the same position changes nothing",
    "create_reply": "short texts may repeat",
    "accept_answer": "again it changes nothing",
    "create_unsubscribe": "again changes nothing",
    "create_bounce": "again it changes nothing",
    "make_up_checkin": "again for the same day changes nothing",
    "batch_members": "again into the same cohort changes nothing",
    "rotate_service_account_secret": "each is a secret of its own",
    "raise_insight": "two may see the same",
    "create_automation": "the title of an automation is not unique",
    "try_automation": "each looks anew",
    "import_activities": "each is a job",
    "import_people": "each is a job",
    "import_departments": "each is a job",
    "import_members": "each is a job",
    "import_groups": "each is a job",
    "create_group_export": "each is a job",
    "import_applications": "each is a job",
    "import_attendances": "each is a job",
    "import_checkins": "each is a job",
    "import_archives": "each is a job",
    "import_work_calendars": "each is a job",
    "import_word_lists": "each is a job",
    "try_word_list": "what is at work goes on",
    "try_earning_rule": "what is at work goes on",
    "report_content": "again it changes nothing",
    "request_password_reset": "whoever asks is answered alike",
}
"""What may succeed each time, and why. Everything else succeeds once."""


# --- the worlds of the authorization matrix, on either database ------------------------------------------------------


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def grounds(
    kind: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> AsyncIterator[dict[str, Ground]]:
    folder = tmp_path_factory.mktemp("races")
    async with AsyncExitStack() as stack:
        opened = {}
        for name in SERVICES:
            if features(name):
                world = await stack.enter_async_context(world_of(name, folder))
                server = request.getfixturevalue("postgres_server") if kind == "postgres" else None
                opened[name] = await stack.enter_async_context(grounded(world, server))
        yield opened


# --- what is sent ----------------------------------------------------------------------------------------------------


async def race(player: Player, call: Call) -> list[int]:
    """The statuses of several who send the same at the same moment."""
    answers = await asyncio.gather(*(call.send(player.client) for _ in range(AT_ONCE)))
    return sorted(found(call, answer)[0] for answer in answers)


@together
@pytest.mark.parametrize("operation", CHANGING, ids=[one.id for one in CHANGING])
async def test_who_come_at_the_same_moment_are_all_answered(grounds: dict[str, Ground], operation: Operation) -> None:
    ground = grounds[operation.service]
    world, sent = ground.world, 0
    for _ in range(ROUNDS):
        for player, call in await ways(world, operation):
            statuses = await race(player, call)
            done = sum(200 <= status < 300 for status in statuses)
            least, most = 0 if call.also else 1, AT_ONCE if operation.id in MORE_THAN_ONCE else 1
            assert max(statuses) < 500, (call, statuses)
            assert least <= done <= most, (call, statuses)
            sent += 1
            await ground.put_back()
    assert sent, "nothing says how this is sent"


def test_what_may_be_done_more_than_once_is_there() -> None:
    assert set(MORE_THAN_ONCE) <= {one.id for one in CHANGING}
