"""What members have not read reaches them outside: at the right time, once, and not where its cause is gone."""

from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from tests.support.mail_server import HOST, MailServer
from tests.support.waiting import eventually_sync
from tests.system.api import Api
from tests.system.getting_together import take_the_only_seat
from tests.system.journey import ACCEPTED, OWNER, PEOPLE, WAITLISTED, Journey
from tests.system.listening import listening

ASKER, ANSWERER = ACCEPTED, WAITLISTED
PUBLIC, APP = "https://learn.example.com", "https://app.example.com"
SHANGHAI = ZoneInfo("Asia/Shanghai")
UNREAD_FOR = timedelta(minutes=10)
OFFERED_FOR = timedelta(hours=12)
"""From when its member has been told."""
_ADDRESSES = {number: address for number, _, address, _ in PEOPLE}


def posted_to(server: MailServer) -> dict[str, str]:
    """The settings of a host whose mail goes there."""
    return {
        "QUNXUE_SMTP_HOST": HOST,
        "QUNXUE_SMTP_PORT": str(server.port),
        "QUNXUE_SMTP_TLS": "none",
        "QUNXUE_SMTP_FROM": "群学 <learn@example.com>",
        "QUNXUE_PUBLIC_URL": PUBLIC,
        "QUNXUE_APP_URL": APP,
    }


def walk_a_reply(journey: Journey, server: MailServer) -> None:
    """One is told live of two replies, and by mail of the one that is there still when they have not read of it for a while."""
    first, second = _ask(journey, "教案怎么写？"), _ask(journey, "怎么讲好开场？")
    with listening(journey[ASKER]) as live:
        gone = _answer(journey, first)
        [line] = _told(journey, 1)
        live.until("notification", kind="told", notification_id=line["id"])
        journey[ANSWERER].post(f"/v1/replies/{gone}/remove", expect=200)
        _told(journey, 0)
        live.until("notification", kind="withdrawn", notification_id=line["id"])
        stays = _answer(journey, second)
        [line] = _told(journey, 1)
        live.until("notification", kind="told", notification_id=line["id"])
    assert (line["text"], line["object"]["id"]) == ("李娜 replied to “怎么讲好开场？”", stays), line

    _wait_unread(journey)
    mail = next_mail(server, ASKER)
    assert (mail["Subject"], mail["From"]) == ("李娜 回复了你发起的“怎么讲好开场？”", "群学 <learn@example.com>")
    assert f"{APP}/notifications" in plain(mail)
    assert "教案怎么写" not in " ".join(str(one["Subject"]) for one in server.arrived), "it was deleted in time"

    journey[ANSWERER].post(f"/v1/replies/{stays}/remove", expect=200)
    assert _told(journey, 0) == [], "what was mailed is withdrawn where it can be"
    with listening(journey[ASKER], after=live.last) as again:
        # They were away meanwhile.
        again.until("notification", kind="withdrawn", notification_id=line["id"])
    _end_mail_by_one_click(journey, mail)


def walk_a_reminder(journey: Journey, server: MailServer) -> None:
    """All are told of an announcement; who has not confirmed it is reminded, in the inbox and by mail, and nobody else is."""
    asked = {"title": "周五闭馆", "body": "请**确认**。", "announcement": {"confirm": "acknowledge"}}
    made = journey[OWNER].post("/v1/discussions", _here(journey) | {"kind": "announcement"} | asked, expect=201)
    path = f"/v1/discussions/{made['id']}"
    for number in (ASKER, ANSWERER):
        _announced(journey, number, "Announcement: 周五闭馆")
    journey[ASKER].call("PUT", f"{path}/acknowledge", expect=200)
    journey[ASKER].post("/v1/notifications/read", {"thread": f"announcement:{made['id']}"})
    mails = len(server.to)
    _wait_unread(journey)
    first = next_mail(server, ANSWERER)
    assert first["Subject"] == "公告：周五闭馆"

    unread = journey[OWNER].get(f"{path}/readers", state="unread", limit=100)["items"]
    assert journey[OWNER].post(f"{path}/remind", expect=200) == {"reminded": len(unread)}
    _announced(journey, ANSWERER, "Please confirm the announcement “周五闭馆”")
    _wait_unread(journey)
    assert next_mail(server, ANSWERER, after=1)["Subject"] == "请确认公告“周五闭馆”"
    assert _unread(journey, ASKER, "announcements") == []
    assert [to for to in server.to[mails:] if to == [_ADDRESSES[ASKER]]] == []


def walk_an_offer(journey: Journey, server: MailServer) -> None:
    """A seat that falls free at night is offered, told and mailed in the morning, and taken half an hour later."""
    waits = take_the_only_seat(journey, ASKER, ANSWERER, seat_offers="timed")
    path = f"/v1/registrations/{waits}"
    _go_to(journey, hour=23)
    activity = journey[ANSWERER].get(path)["activity_id"]
    listed = journey[OWNER].get("/v1/registrations", activity_id=activity)["items"]
    [seat] = [one for one in listed if one["status"] == "confirmed"]
    journey[ASKER].post(f"/v1/registrations/{seat['id']}/cancel", expect=200)
    assert journey[ANSWERER].get(path)["status"] == "waitlisted", "nobody is woken"
    waitlist = journey[OWNER].get(f"/v1/activities/{activity}/waitlist")
    assert waitlist["held_by"] == "night_hours"
    mails = len(server.to)

    _go_to(journey, hour=8, minute=30)
    journey[ANSWERER].until(path, lambda one: one["status"] == "offered")
    query: dict[str, Any] = {"unread": True, "category": "changes"}
    [line] = journey[ANSWERER].until("/v1/notifications", lambda page: page["items"], **query)["items"]
    assert line["text"] == "A seat at “怎么讲好一门课” is yours if you take it"
    since = journey.stack.clock.now()
    _wait_unread(journey)
    eventually_sync(
        lambda: "“怎么讲好一门课”有名额留给你，请尽快确认" in _subjects(server, ANSWERER, mails), what="mail"
    )
    journey[ANSWERER].until(path, lambda one: datetime.fromisoformat(one["offer_ends_at"]) >= since + OFFERED_FOR)
    _go_to(journey, hour=9)
    assert journey[ANSWERER].post(f"{path}/accept", expect=200)["status"] == "confirmed"
    journey[ANSWERER].until("/v1/notifications", lambda page: not page["items"], **query)


def _go_to(journey: Journey, *, hour: int, minute: int = 0) -> None:
    """Let time go by until the community's clocks next say this."""
    now = journey.stack.clock.now().astimezone(SHANGHAI)
    then = now.replace(hour=hour, minute=minute, second=0)
    journey.stack.clock.advance(then + timedelta(days=then <= now) - now)
    journey.log_in_again()


def _subjects(server: MailServer, number: str, after: int) -> list[str]:
    arrived = list(zip(list(server.to), list(server.arrived), strict=False))[after:]
    return [str(mail["Subject"]) for (to,), mail in arrived if to == _ADDRESSES[number]]


def _announced(journey: Journey, number: str, text: str) -> None:
    """Wait until this is what somebody has not read."""

    def said(page: Any) -> bool:
        return [line["text"] for line in page["items"]] == [text]

    journey[number].until("/v1/notifications", said, unread=True, category="announcements")


def _unread(journey: Journey, number: str, category: str) -> Any:
    return journey[number].get("/v1/notifications", unread=True, category=category)["items"]


def _wait_unread(journey: Journey) -> None:
    """Let so much time go by that what is unread then is mailed."""
    journey.stack.clock.advance(UNREAD_FOR)
    journey.log_in_again()


def _end_mail_by_one_click(journey: Journey, mail: EmailMessage) -> None:
    link = urlsplit(str(mail["List-Unsubscribe"]).strip("<>"))
    assert f"{link.scheme}://{link.netloc}" == PUBLIC
    with Api(journey.stack.url) as anyone:
        assert anyone.client.get(link.path).status_code == 200
        assert _by_mail(journey, "replies") == "now", "looking at it ends nothing"
        assert anyone.client.post(link.path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert (_by_mail(journey, "replies"), _by_mail(journey, "mentions")) == ("off", "now")


def next_mail(server: MailServer, number: str, *, after: int = 0) -> EmailMessage:
    """The first mail to somebody behind so many, once it is there."""

    def theirs() -> list[EmailMessage]:
        arrived = list(zip(list(server.to), list(server.arrived), strict=False))
        return [mail for (to,), mail in arrived if to == _ADDRESSES[number]][after:]

    eventually_sync(theirs, what=f"mail to {number}")
    return theirs()[0]


def plain(mail: EmailMessage) -> str:
    """What it says as plain text."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def _by_mail(journey: Journey, category: str) -> Any:
    items = journey[ASKER].get("/v1/notification-preferences")["items"]
    [setting] = [one["mail"] for one in items if one["category"] == category]
    return setting


def _here(journey: Journey) -> dict[str, Any]:
    return {"community_id": journey.community_id}


def _ask(journey: Journey, title: str) -> str:
    body = _here(journey) | {"kind": "question", "title": title, "body": "请指教。"}
    return str(journey[ASKER].post("/v1/discussions", body, expect=201)["id"])


def _answer(journey: Journey, discussion: str) -> str:
    body = {"discussion_id": discussion, "kind": "answer", "body": "先写目标，再写过程。"}
    return str(journey[ANSWERER].post("/v1/replies", body, expect=201)["id"])


def _told(journey: Journey, lines: int) -> Any:
    """The asker's unread lines about replies, once there are so many."""
    query: dict[str, Any] = {"unread": True, "category": "replies"}
    return journey[ASKER].until("/v1/notifications", lambda page: len(page["items"]) == lines, **query)["items"]
