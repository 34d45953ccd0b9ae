"""Mail that comes back after the server took it: the address is refused, nobody is silenced by who forges it, and its person sees it."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.membership.deliveries.service import delivery_id
from tests.service.membership.deliveries.conftest import CANARY
from tests.service.membership.deliveries.test_codes import ask, code_in, deliveries, reset, tasks
from tests.unit.membership.test_bounces import failed, report

PATH = "/v1/notifications/bounces"
MAIL = {"Content-Type": "message/rfc822"}


@pytest.fixture
async def system(membership):
    """The company's mail system."""
    return await membership.account("bounces.create")


def returned(mail: Any, status: str = "5.1.1") -> bytes:
    """The report of a mail server about a mail."""
    return report(failed(status), returned=f"Message-ID: {mail['Message-ID']}")


async def says(system, mail: bytes) -> str:
    answer = await system.post(PATH, content=mail, headers=MAIL)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["outcome"])


async def refusal(membership, person) -> Any:
    """What administrators read of it."""
    return (await membership.admin.get(f"/v1/people/{person['id']}")).json()["mail_refused"]


async def mine(membership) -> Any:
    """What the person reads of it: their own page, and their inbox."""
    client = await membership.entered("c1")
    lines = (await client.get("/v1/notifications")).json()["items"]
    told = [one["text"] for one in lines if one["template"] == "security.mail_refused"]
    return (await client.get("/v1/people/me")).json()["mail_refused"], told


async def test_an_address_whose_mail_comes_back_is_refused_and_its_person_is_told_how_to_mend_it(
    membership,
    server,
    zhou,
    system,
):
    await ask(membership)
    assert await tasks(membership) == []
    assert await says(system, returned(server.arrived[0])) == "refused"
    assert await says(system, returned(server.arrived[0])) == "refused"
    refused, told = await mine(membership)
    assert refused["code"] == "bounced_5.1.1"
    assert told == [
        "Mail to your address comes back: have an administrator or HR correct it, or if it is right, set a new password by a code in a mail"
    ]
    # The code did not arrive: a person must give them one.
    assert await tasks(membership) == ["give_password_resets"]


async def test_the_mark_goes_when_the_address_changes(membership, server, zhou, system):
    await ask(membership)
    mail = server.arrived[0]
    await says(system, returned(mail))
    etag = (await membership.admin.get(f"/v1/people/{zhou['id']}")).headers["ETag"]
    changed = await membership.admin.patch(
        f"/v1/people/{zhou['id']}", json={"email": "zhou.new@example.com"}, headers={"If-Match": etag}
    )
    assert changed.json()["mail_refused"] is None
    # Late news of the address that they had.
    assert await says(system, returned(mail)) == "unknown"
    assert (await mine(membership))[0] is None


async def test_who_uses_a_code_that_was_mailed_has_an_address_at_which_mail_arrives(membership, server, zhou, system):
    await ask(membership)
    await says(system, returned(server.arrived[0]))
    assert (await mine(membership))[0] is not None
    assert await reset(membership, code_in(server.arrived[0])) == 204
    assert await refusal(membership, zhou) is None


async def test_a_code_that_somebody_handed_over_proves_nothing_of_mail(membership, server, zhou, system):
    await ask(membership)
    await says(system, returned(server.arrived[0]))
    membership.harness.clock.advance(timedelta(seconds=1))
    issued = await membership.admin.post(f"/v1/people/{zhou['id']}/password-reset-code")
    assert await reset(membership, issued.json()["code"]) == 204
    assert await refusal(membership, zhou) is not None


@pytest.mark.parametrize("status", ["4.4.7", "5.2.2", "5.7.1"])
async def test_what_is_not_about_the_address_for_good_marks_nothing(membership, server, zhou, system, status):
    await ask(membership)
    assert await says(system, returned(server.arrived[0], status)) == "not_final"
    assert await mine(membership) == (None, [])


async def test_a_forged_report_silences_nobody(membership, server, zhou, system):
    await ask(membership)
    (row,) = await deliveries(membership)
    right = str(server.arrived[0]["Message-ID"])
    reference = right.strip("<>").partition("@")[0]
    assert UUID(reference.partition(".")[0]) == row.id == delivery_id("mail", "code", row.subject_id)
    signature = reference.partition(".")[2]
    for forged in (
        str(row.id),
        f"{row.id}.{signature[::-1]}",
        f"{row.id}.{'A' * 43}",
        f"{delivery_id('mail', 'code', UUID(zhou['id']))}.{signature}",
        "0" * 300,
    ):
        assert await says(system, returned({"Message-ID": f"<{forged}@example.com>"})) == "unknown"
    assert await mine(membership) == (None, [])


async def test_only_a_program_with_the_right_for_it_reports(membership, server, zhou):
    other = await membership.account("people.read")
    for client in (membership.admin, other):
        assert (await client.post(PATH, content=report(failed("5.1.1")), headers=MAIL)).status_code == 403
    assert (await membership.anonymous.post(PATH, content=b"x", headers=MAIL)).status_code == 401


async def test_what_is_no_report_is_refused_and_changes_nothing(membership, server, zhou, system):
    await ask(membership)
    right = returned(server.arrived[0])
    for mail, headers, expected in (
        (b"Subject: I am on holiday\r\n\r\nBack on Monday.", MAIL, (422, "not_a_report")),
        (b"", MAIL, (422, "empty_upload")),
        (right, {"Content-Type": "text/plain"}, (415, "unsupported_media_type")),
        (right + b"x" * (256 * 1024), MAIL, (413, "body_too_large")),
    ):
        answer = await system.post(PATH, content=mail, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == expected
    assert await mine(membership) == (None, [])


async def test_the_same_report_from_many_at_once_is_told_once(membership, server, zhou, system):
    await ask(membership)
    mail = returned(server.arrived[0])
    assert set(await asyncio.gather(*(says(system, mail) for _ in range(5)))) == {"refused"}
    assert len((await mine(membership))[1]) == 1


async def test_neither_address_nor_reference_stands_in_a_log(membership, server, zhou, system, caplog):
    await ask(membership)
    await says(system, returned(server.arrived[0]))
    assert CANARY not in caplog.text
