"""Members who go on talking while something is done to the servers, and remember what they were answered."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

from tests.support.waiting import eventually_sync
from tests.system.api import Api
from tests.system.journey import PASSWORD
from tests.system.stacks import Stack

PAUSE = 0.1
"""Between two replies of one member: fewer than the gateway's limit lets through."""


@dataclass
class Talk:
    """Replies of several members under one question; each member also likes what somebody said before."""

    stack: Stack
    discussion_id: str
    numbers: Sequence[str]
    said: dict[str, str] = field(default_factory=dict)
    """The text of each reply that was answered 201, by its id."""
    refused: dict[int, int] = field(default_factory=dict)
    """How often each other status was answered; 0 where no answer came."""
    _stop: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def going_on(self) -> Iterator[None]:
        threads = [threading.Thread(target=self._talk, args=(number,)) for number in self.numbers]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join(timeout=120)

    def more(self, replies: int, *, within: float = 240.0) -> None:
        """Wait until so many more replies were acknowledged."""
        wanted = len(self.said) + replies
        eventually_sync(
            lambda: len(self.said) >= wanted, timeout=within, what=f"{replies} more replies (refused: {self.refused})"
        )

    def _talk(self, number: str) -> None:
        with httpx.Client(base_url=self.stack.url, timeout=15, trust_env=False) as client:
            count = 0
            while not self._stop.wait(PAUSE):
                count += 1
                try:
                    status = self.say(client, number, count)
                    if status == 401:
                        self._log_in(client, number)
                except httpx.TransportError:
                    status = 0
                if status != 201:
                    with self.lock:
                        self.refused[status] = self.refused.get(status, 0) + 1

    def say(self, client: httpx.Client, number: str, count: int) -> int:
        """What a member says the next time; returns the status that was answered."""
        text = f"{number} 说的第 {count} 句"
        reply = {"discussion_id": self.discussion_id, "kind": "answer", "body": text}
        answer = client.post("/v1/replies", json=reply)
        if answer.status_code == 201:
            with self.lock:
                earlier = next(reversed(self.said), None)
                self.said[answer.json()["id"]] = text
            if earlier is not None:
                client.put(f"/v1/replies/{earlier}/reactions/like")
        return answer.status_code

    def _log_in(self, client: httpx.Client, number: str) -> None:
        """At first, and again after the clock has outrun a token; a later try makes good what fails."""
        client.headers.pop("Authorization", None)
        answer = client.post("/v1/sessions", json={"login": number, "password": PASSWORD})
        if answer.status_code == 201:
            client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"


def asked(owner: Api, community_id: str) -> str:
    """A question to talk about; returns its id."""
    question = {"community_id": community_id, "kind": "question", "title": "大家怎么备课？", "body": "请说说。"}
    return str(owner.post("/v1/discussions", question, expect=201)["id"])
