"""What is asked of whoever sits at somebody's screen: all that gives power, opens an account to others, or leads data out."""

from qunxue.documents import service_openapi
from tests.system.security.operations import PARTS

POWERS = {
    "exports.create",
    "groups.export",
    "identities.own",
    "identities.write",
    "messenger_channels.write",
    "penalties.expel",
    "people.write",
    "platform_roles.grant",
    "roles.grant",
    "roles.revoke",
    "second_factors.own",
    "second_factors.reset",
    "service_accounts.write",
    "webhooks.write",
}
"""Permissions of which each command asks for a recent proof, unless it stands below. A later one: erasures."""

NOT_ASKED = {
    "begin_provider_step_up": "it is how one proves it",
    "cancel_export": "it stops what would lead data out",
    "cancel_group_export": "the same",
    "delete_messenger_channel": "it ends what leads data out",
    "pause_messenger_channel": "the same",
    "cancel_webhook_replay": "it stops what would go out again",
    "remove_webhook": "it ends what leads data out",
    "pause_webhook": "the same",
    "resume_messenger_channel": "it goes to where it went before",
    "test_messenger_channel": "the same, and no data",
    "resume_webhook": "the same",
    "replay_webhook": "the same",
    "replay_webhook_delivery": "the same",
    "test_webhook": "the same, and no data",
    "register_person": "a person without a password is nobody's way in",
    "update_person": "its use case asks where what they log in with changes",
    "suspend_person": "it takes power away, and comes back",
    "reinstate_person": "it gives back what they had",
    "let_person_leave": "it takes power away",
    "rehire_person": "it opens no account: those before are closed, and sessions ended",
}
"""Commands under these permissions that ask for none, and why."""


def commands():
    for part in PARTS:
        for methods in service_openapi(part)["paths"].values():
            for method, operation in methods.items():
                if method != "get" and operation["x-permission"] in POWERS:
                    yield operation


def test_what_gives_power_or_leads_data_out_asks_for_a_recent_proof():
    asked = {one["operationId"] for one in commands() if "x-step-up" in one}
    others = {one["operationId"] for one in commands()} - asked
    assert others == set(NOT_ASKED)
    assert {one["x-permission"] for one in commands() if "x-step-up" in one} == POWERS


def test_who_may_be_asked_is_told_so():
    said = {one["operationId"] for one in commands() if "step_up_required" in str(one["responses"].get("401"))}
    assert said >= {one["operationId"] for one in commands() if "x-step-up" in one} | {"update_person"}
