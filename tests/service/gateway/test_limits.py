"""How often one may ask, as the client sees it."""

import asyncio
import json

from tests.service.gateway.conftest import Begin, Scene
from tests.support.standins import person, service


async def test_a_person_is_told_what_is_left_and_when_there_is_more(begin: Begin):
    scene = begin(person_requests_per_minute=2)
    caller = person()
    first, second, third = [await scene.get("/v1/ideas", caller) for _ in range(3)]
    assert [first.status_code, second.status_code, third.status_code] == [200, 200, 429]
    assert first.headers["ratelimit-policy"] == '"person";q=2;w=60'
    assert first.headers["ratelimit"].startswith('"person";r=1;t=')
    assert third.headers["ratelimit"].startswith('"person";r=0;t=')
    assert third.headers["ratelimit-policy"] == '"person";q=2;w=60'
    assert 1 <= int(third.headers["retry-after"]) <= 120
    assert third.json()["code"] == "rate_limited"
    assert len(scene["content"].seen) == 2


async def test_a_person_is_counted_over_all_sessions_and_services(begin: Begin):
    scene = begin(person_requests_per_minute=1)
    caller = person()
    assert (await scene.get("/v1/ideas", caller)).status_code == 200
    assert (await scene.get("/v1/wallets/1", caller)).status_code == 429
    assert (await scene.get("/v1/ideas", person())).status_code == 200


async def test_service_accounts_have_a_limit_of_their_own(begin: Begin):
    scene = begin(person_requests_per_minute=1, service_requests_per_minute=2)
    caller = service()
    statuses = [(await scene.get("/v1/ideas", caller)).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


def in_vain(scene: Scene) -> Scene:
    """Nobody's secret is right any more."""
    for path, status, code in (("/v1/sessions", 401, "login_failed"), ("/v1/activations", 422, "code_invalid")):
        problem = {"type": f"urn:qunxue:problem:{code}", "title": "No", "status": status, "code": code}
        headers = {"content-type": "application/problem+json"}
        scene.membership.answers[path] = (status, headers, json.dumps(problem).encode())
    return scene


async def test_log_ins_in_vain_are_counted_by_address(begin: Begin):
    scene = in_vain(begin(logins_per_minute=2))
    paths = ["/v1/sessions", "/v1/activations", "/v1/tokens"]
    answers = [await scene.send("POST", path, json={}) for path in paths]
    assert [answer.status_code for answer in answers] == [401, 422, 429]
    assert answers[0].headers["ratelimit-policy"] == '"login";q=2;w=60'


async def test_a_claimed_address_does_not_give_more_log_ins(begin: Begin):
    scene = in_vain(begin(logins_per_minute=2))
    claimed = [{"X-Forwarded-For": f"198.51.100.{n}"} for n in range(3)]
    statuses = [(await scene.send("POST", "/v1/sessions", json={}, headers=one)).status_code for one in claimed]
    assert statuses == [401, 401, 429]


async def test_behind_a_trusted_proxy_each_client_has_log_ins_of_his_own(begin: Begin):
    scene = in_vain(begin(logins_per_minute=1, trusted_proxies=("203.0.113.9",)))
    claimed = [{"X-Forwarded-For": f"198.51.100.{n}"} for n in (1, 2, 1)]
    statuses = [(await scene.send("POST", "/v1/sessions", json={}, headers=one)).status_code for one in claimed]
    assert statuses == [401, 401, 429]


async def test_a_log_in_that_succeeds_counts_a_tenth_of_one_that_fails(begin: Begin):
    scene = begin(logins_per_minute=2)
    statuses = [(await scene.send("POST", "/v1/sessions", json={})).status_code for _ in range(10)]
    assert statuses == [200] * 10
    in_vain(scene)
    statuses = [(await scene.send("POST", "/v1/sessions", json={})).status_code for _ in range(2)]
    assert statuses == [401, 429]


async def test_guesses_sent_at_once_are_not_more_than_one_after_the_other(begin: Begin):
    scene = in_vain(begin(logins_per_minute=20))
    answers = await asyncio.gather(*(scene.send("POST", "/v1/sessions", json={}) for _ in range(100)))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [401] * 20 + [429] * 80


async def test_many_at_once_who_know_their_secret_wait_for_one_another(begin: Begin):
    scene = begin(logins_per_minute=20)
    answers = await asyncio.gather(*(scene.send("POST", "/v1/sessions", json={}) for _ in range(100)))
    assert {answer.status_code for answer in answers} == {200}


async def test_to_ask_for_a_reset_counts_whole_for_it_proves_nothing(begin: Begin):
    scene = begin(logins_per_minute=2)
    statuses = [(await scene.send("POST", "/v1/password-resets", json={})).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


async def test_reading_without_a_token_is_not_counted(begin: Begin):
    scene = begin(person_requests_per_minute=1, logins_per_minute=1)
    answers = [await scene.get("/v1/landings/x") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert "ratelimit" not in answers[0].headers


async def test_to_renew_a_session_is_no_log_in(begin: Begin):
    scene = begin(logins_per_minute=1)
    assert [(await scene.send("POST", "/v1/sessions/refresh", json={})).status_code for _ in range(3)] == [200] * 3


async def test_a_calendar_is_counted_by_its_link_and_not_by_the_address(begin: Begin):
    scene = begin(calendar_requests_per_minute=2)
    feeds = ["/v1/calendars/feeds/" + name for name in ("one.ics", "one", "%6Fne.ics", "two.ics")]
    answers = [await scene.get(path) for path in feeds]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 200]
    assert answers[0].headers["ratelimit-policy"] == '"calendar";q=2;w=60'
    assert (await scene.get("/v1/calendars/me", person())).headers["ratelimit-policy"].startswith('"person"')


async def test_whoever_renews_their_link_again_and_again_reads_no_more_calendars_for_it(begin: Begin):
    scene = begin()
    caller = person()
    answers = [await scene.send("POST", "/v1/calendars", caller, json={}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert '"calendar-link";q=3;w=60' in answers[3].headers["ratelimit-policy"]
    assert (await scene.send("POST", "/v1/calendars", person(), json={})).status_code == 200
    assert (await scene.get("/v1/calendars/me", caller)).status_code == 200


async def test_links_that_somebody_invents_take_no_room_from_those_that_are(begin: Begin):
    scene = begin(calendar_requests_per_minute=1)
    scene["events"].answers["/v1/calendars/feeds/invented.ics"] = (404, {}, b"")
    statuses = [(await scene.get("/v1/calendars/feeds/invented.ics")).status_code for _ in range(3)]
    assert statuses == [404, 404, 404]


async def test_serials_of_certificates_are_not_tried_one_after_the_other(begin: Begin):
    scene = begin()
    right, wrong = "/v1/certificates/serials/right", "/v1/certificates/serials/wrong"
    scene["gamification"].answers[wrong] = (404, {}, b"")
    assert [(await scene.get(right)).status_code for _ in range(50)] == [200] * 50, "many read one that is there"
    guesses = [(await scene.get(path)).status_code for path in [wrong, wrong.replace("serials", "seri%61ls")] * 16]
    assert guesses[0] == 404
    assert guesses[-1] == 429
    assert guesses.count(404) <= 30


async def test_links_of_invitations_are_not_tried_one_after_the_other(begin: Begin):
    scene = begin(logins_per_minute=3)
    path, caller = "/v1/invitations/accept", person()
    statuses = [(await scene.send("POST", path, caller, json={})).status_code for _ in range(10)]
    assert statuses == [200] * 10, "a whole office comes in by one link"
    scene.membership.answers[path] = (404, {}, b"")
    guesses = [path, path.replace("accept", "accep%74"), path]
    statuses = [(await scene.send("POST", one, person(), json={})).status_code for one in guesses]
    assert statuses == [404, 404, 429]
