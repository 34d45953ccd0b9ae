"""Members who are penalised and whose appeals are granted, again and again, while something is done to the servers."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx

from tests.support.scale import scaled
from tests.support.waiting import eventually_sync
from tests.system.api import NO_TLS
from tests.system.journey import (
    ACCEPTED,
    KNOCKED_OUT,
    OWNER,
    PASSWORD,
    REJECTED,
    RETURNED,
    WAITLISTED,
    Journey,
    activate,
    import_people,
    open_community,
)
from tests.system.stacks import Stack

AUTHORS = (ACCEPTED, WAITLISTED)
MODERATOR, OPERATOR = REJECTED, RETURNED
REPORTERS = (KNOCKED_OUT, *(f"2{n:04}" for n in range(scaled(15, reduced=3))))
"""So many, because each may report twenty times a day."""
FINE = 60
RULE = {
    "code": "grave",
    "category": "speech",
    "title": "不辱骂他人",
    "text": "辱骂是严重违规。",
    "severity": "grave",
}
PATIENCE = 180.0
PAUSE = 0.2
BREATH = 1.0
"""Seconds between two deeds of an author: something is always under way, and two cores have time for what follows from it."""
AGAIN = frozenset({0, 401, 403, 404, 429, 502, 503, 504})
"""Asked once more: nobody answered, or a service has not heard yet what another one said."""


@dataclass
class Court:
    """Who writes, is reported, suspended, and has it all taken back; two at a time. Remembers what was acknowledged."""

    stack: Stack
    community_id: str
    member_ids: Mapping[str, str]
    activity_id: str
    appeals: list[str] = field(default_factory=list)
    """Those whose grant was acknowledged."""
    penalties: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    """Answers that are faults of ours, and what ended a thread."""
    _stop: threading.Event = field(default_factory=threading.Event)
    _tokens: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def going_on(self) -> Iterator[None]:
        threads = [threading.Thread(target=self._go_on, args=(author,)) for author in AUTHORS]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join(timeout=2 * PATIENCE)
            assert self.faults == [], self.faults

    def more(self, granted: int) -> None:
        """Wait until so many more appeals were granted."""
        wanted = len(self.appeals) + granted
        done = lambda: len(self.appeals) >= wanted or self.faults  # noqa: E731
        eventually_sync(done, timeout=2 * PATIENCE, what=f"{granted} more appeals")
        assert self.faults == [], self.faults

    def _go_on(self, author: str) -> None:
        try:
            while not self._stop.wait(BREATH):
                self.grant(author, self.penalise(author))
        except AssertionError as failed:
            self.faults.append(str(failed))

    def penalise(self, author: str) -> str:
        """Suspend somebody for what they write; returns the penalty."""
        here = {"community_id": self.community_id}
        topic = here | {"kind": "topic", "title": f"骂人 {uuid4().hex[:8]}", "body": "你们都不懂。"}
        thing = {"kind": "discussion", "id": self.said(author, "/v1/discussions", topic)["id"]}
        self.written.append(thing["id"])
        report = {"member_id": self.member_ids[author], "category": "speech", "words": "骂人", "object": thing}
        reporter = REPORTERS[len(self.written) % len(REPORTERS)]
        self.said(reporter, "/v1/conduct-reports", here | report)
        found = self.read(MODERATOR, "/v1/cases", status="open", limit=100, **here)["items"]
        case = next(one["id"] for one in found if one["object"] == thing)
        self.said(MODERATOR, f"/v1/cases/{case}/claim")
        verdict = {"rule": RULE["code"], "reason": "属实", "words": "请尊重他人", "fine": FINE}
        penalty = str(self.said(MODERATOR, f"/v1/cases/{case}/confirm", verdict)["penalty_id"])
        assert self.said(OWNER, f"/v1/penalties/{penalty}/suspend")["sanction"] == "suspend"
        return penalty

    def grant(self, author: str, penalty: str) -> None:
        """Let them appeal, and let somebody take everything back who had no part in it."""
        appeal = {"object": {"kind": "penalty", "id": penalty}, "words": "那是引用别人的话。"}
        made = self.said(author, "/v1/appeals", appeal)["id"]
        done = self.said(OPERATOR, f"/v1/appeals/{made}/decide", {"outcome": "granted", "reason": "误判，撤销。"})
        assert (done["status"], done["object"]["id"]) == ("granted", penalty)
        self.penalties.append(penalty)
        self.appeals.append(made)

    def said(self, who: str, path: str, body: Any = None) -> Any:
        """Post until it is acknowledged, each time with the same key: so it has happened once."""
        headers = {"Idempotency-Key": uuid4().hex} | ({} if path.count("/") == 2 else {"If-Match": "*"})
        return self._asked(who, "POST", path, json=body or {}, headers=headers)

    def read(self, who: str, path: str, **params: Any) -> Any:
        return self._asked(who, "GET", path, params=params)

    def _asked(self, who: str, method: str, path: str, **options: Any) -> Any:
        end = time.monotonic() + PATIENCE
        with httpx.Client(base_url=self.stack.url, timeout=15, trust_env=False, verify=NO_TLS) as client:
            while True:
                status, answer = self._answer(client, who, method, path, options)
                if status < 300 and status:
                    return answer.json()
                text = f"{method} {path}: {status} {answer.text[:500] if answer is not None else ''}"
                assert status in AGAIN or (status == 409 and "in_progress" in text), text
                assert time.monotonic() < end, text
                time.sleep(PAUSE)

    def _answer(self, client: httpx.Client, who: str, method: str, path: str, options: Any) -> tuple[int, Any]:
        try:
            if who not in self._tokens:
                answer = client.post("/v1/sessions", json={"login": who, "password": PASSWORD})
                if answer.status_code != 201:
                    return answer.status_code, answer
                self._tokens[who] = answer.json()["access_token"]
            said = dict(options)
            said["headers"] = {"Authorization": f"Bearer {self._tokens[who]}"} | options.get("headers", {})
            answer = client.request(method, path, **said)
        except httpx.TransportError:
            return 0, None
        if answer.status_code == 401:
            self._tokens.pop(who, None)
        return answer.status_code, answer


def open_court(stack: Stack) -> Court:
    """A community with a grave rule, people who apply it, and authors with a streak and a seat."""
    journey = Journey(stack, stack.admin())
    import_people(journey)
    for number in REPORTERS[1:]:
        person = {
            "employee_no": number,
            "display_name": f"举报人 {number}",
            "kind": "employee",
            "department_code": "RD",
        }
        journey.people[number] = journey.admin.post("/v1/people", person, expect=201)["id"]
    open_community(journey)
    activate(journey)
    here, owner = {"community_id": journey.community_id}, journey[OWNER]
    numbers = "employee_no\n" + "\n".join((*AUTHORS, *REPORTERS, MODERATOR, OPERATOR))
    job = owner.upload("/v1/members/imports", numbers.encode(), community_id=journey.community_id)
    assert (job["state"], job["failed"]) == ("succeeded", 0), job
    ids = {number: journey.membership(number)["member_id"] for number in (*AUTHORS, MODERATOR, OPERATOR)}
    for number, role in ((MODERATOR, "moderator"), (OPERATOR, "operator")):
        owner.post("/v1/role-grants", {"member_id": ids[number], "role": role}, expect=201)
    rules = owner.post("/v1/rule-sets", here | {"rules": [RULE]}, expect=201)
    owner.post(f"/v1/rule-sets/{rules['id']}/publish", expect=200)
    starts = stack.clock.now() + timedelta(days=5)
    draft = here | {
        "kind": "workshop",
        "title": "怎么备课",
        "starts_at": starts.isoformat(),
        "ends_at": (starts + timedelta(hours=1)).isoformat(),
        "capacity": len(AUTHORS),
    }
    activity = owner.post("/v1/activities", draft, expect=201)["id"]
    owner.post(f"/v1/activities/{activity}/announce", expect=200, headers={"If-Match": "*"})
    court = Court(stack, journey.community_id, ids, activity)
    for author in AUTHORS:
        court.said(author, "/v1/registrations", {"activity_id": activity})
        court.said(author, "/v1/checkins", here)
    journey.close()
    return court
