"""Codes by mail: they wait sealed, go at once whatever the hour, and nobody but their person reads them."""

import asyncio
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import orjson
from sqlalchemy import exists, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import context_of
from chassis.days import zone_of
from chassis.ids import new_id
from chassis.locale import Locale, negotiate
from chassis.runtime import Runtime
from chassis.secrets import hash_of
from chassis.security.caller import Caller
from services.membership.credentials import rules, service
from services.membership.credentials.models import Credential, OneTimeCode
from services.membership.credentials.problems import NO_ADDRESS, NO_MAIL
from services.membership.credentials.schemas import CodeMailed, OneTimeCodePublic
from services.membership.deliveries.channels import Content
from services.membership.deliveries.occasions import Ended, Pointless, Sending
from services.membership.deliveries.queries import left_since
from services.membership.deliveries.rules import USUAL_ZONE
from services.membership.deliveries.service import Parcel, leave, refused_address
from services.membership.deliveries.smtp import MAIL, is_set
from services.membership.people.models import Person

EVEN_SECONDS: Final = 0.25
"""How long the work for a lost password takes at least, found or not: the next request by the same connection waits for it."""
_PATHS: Final = {"activation": "activations", "password_reset": "password-resets"}

_SAYS: Final[dict[Locale, dict[str, tuple[str, str, str]]]] = {
    "en": {
        "activation": (
            "Your account is ready",
            "Hello {name}, an account was made for you. Set your password with this code:",
            "Set your password",
        ),
        "password_reset": (
            "A new password",
            "Hello {name}, somebody said that your password is lost. Set a new one with this code:",
            "Set a new password",
        ),
    },
    "zh-CN": {
        "activation": ("您的账号已开通", "{name}，您好！已为您开通账号，请用以下激活码设置密码：", "设置密码"),
        "password_reset": (
            "重置密码",
            "{name}，您好！有人为您的账号申请重置密码，请用以下验证码设置新密码：",
            "设置新密码",
        ),
    },
}
_UNTIL: Final[dict[Locale, str]] = {
    "en": "It is good until {until} ({zone}), and once. If you asked for nothing, do nothing, and give it to nobody.",
    "zh-CN": "有效期至 {until}（{zone}），仅限使用一次。如非本人操作，请忽略此邮件，切勿将其告诉他人。",
}


async def activation_by_mail(session: AsyncSession, caller: Caller, person_id: UUID, now: datetime) -> CodeMailed:
    """Make an activation code and mail it; nobody else is shown it. Raises `NO_MAIL`, `NO_ADDRESS`, and what `issue_activation` raises."""
    if not is_set(context_of(session).runtime):
        raise NO_MAIL()
    issued = await service.issue_activation(session, caller, person_id, now)
    person = await session.get(Person, person_id)
    email = None if person is None else person.email
    if email is None or await refused_address(session, person_id, MAIL, email) is not None:
        raise NO_ADDRESS()
    await _mail(session, issued, "activation", now)
    return CodeMailed(
        person_id=person_id,
        display_name=issued.display_name,
        employee_no=issued.employee_no,
        expires_at=issued.expires_at,
    )


async def ask_for_reset(runtime: Runtime, login: str) -> None:
    """Mail a code to whoever lost their password, or note it for administrators; both take as long as if there were nobody."""
    await asyncio.gather(_ask(runtime, login), asyncio.sleep(EVEN_SECONDS))


async def _ask(runtime: Runtime, login: str) -> None:
    now = runtime.clock()
    async with runtime.database.transaction() as session:
        person = await service.who_lost_their_password(session, login)
        if person is None:
            return
        if person.email is not None and is_set(runtime):
            lately = await left_since(session, person.id, MAIL, "code", now - rules.MAILED_WITHIN)
            if rules.may_mail_code(lately, now):
                # Nobody has proved who they are: the codes that somebody else was given stay good.
                issued = await service.issue(session, None, person, "password_reset", now, instead=False)
                await _mail(session, issued, "password_reset", now)
            if (
                await refused_address(session, person.id, MAIL, person.email) is None
                and len(lately) < rules.MOST_MAILED
            ):
                return
        await service.note_lost_password(session, person, now)


async def _mail(session: AsyncSession, issued: OneTimeCodePublic, purpose: str, now: datetime) -> None:
    said = {"purpose": purpose, "code": issued.code, "expires_at": issued.expires_at}
    parcel = Parcel(MAIL, issued.person_id, "code", new_id(), now, issued.expires_at, orjson.dumps(said))
    await leave(session, [parcel], now)


async def write(session: AsyncSession, turn: Sending) -> Content | Pointless | None:
    """The mail of a code, unless it was used or another took its place meanwhile."""
    if turn.kind != "code" or turn.secret is None:
        return None
    said = orjson.loads(turn.secret)
    person = await session.get(Person, turn.person_id)
    code = await session.get(OneTimeCode, hash_of(rules.normal_code(said["code"])))
    if person is None or code is None or code.used_at is not None or code.expires_at <= turn.now:
        return Pointless("used")
    locale = negotiate(turn.locale)
    title, first, word = _SAYS[locale][said["purpose"]]
    zone = person.time_zone or USUAL_ZONE
    until = code.expires_at.astimezone(zone_of(zone))
    app_url = context_of(session).runtime.settings.app_url
    # Behind `#`, so that no server on the way keeps it in a log.
    address = f"{app_url.rstrip('/')}/{_PATHS[said['purpose']]}#{said['code']}" if app_url else None
    return Content(
        locale=locale,
        title=title,
        paragraphs=[first.format(name=person.display_name)],
        secret=said["code"],
        link=(word, address) if address else None,
        footer=_UNTIL[locale].format(until=f"{until:%Y-%m-%d %H:%M}", zone=zone),
    )


async def note_undelivered(session: AsyncSession, what: Ended) -> None:
    """Whoever lost their password and cannot be reached by mail waits for a person to give them a code."""
    if what.kind != "code" or what.state == "taken":
        return
    asked = exists(
        select(col(OneTimeCode.code_hash)).where(
            col(OneTimeCode.person_id) == what.person_id,
            col(OneTimeCode.purpose) == "password_reset",
            col(OneTimeCode.used_at).is_(None),
            col(OneTimeCode.created_at) > what.at - rules.RESET_LIFETIME - timedelta(hours=1),
        )
    )
    await session.execute(
        update(Credential)
        .where(col(Credential.person_id) == what.person_id, col(Credential.reset_requested_at).is_(None), asked)
        .values(reset_requested_at=what.at)
    )
