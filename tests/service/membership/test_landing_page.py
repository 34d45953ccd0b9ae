"""A short link in a browser: the app where there is one, else a plain page in the visitor's language."""

from html.parser import HTMLParser

import pytest

from tests.service.membership.scene import FORM, POSITIONING, SENIOR

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
SCRIPT = "<script>alert(1)</script>"


async def visited(scene, campaign, language="en", accept=BROWSER):
    token = campaign["channels"][0]["token"]
    headers = {"Accept": accept, "Accept-Language": language}
    return await scene.harness.anonymous().get(f"/v1/landings/{token}", headers=headers)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("zh-CN,zh;q=0.9", ("申请截止", "申请条件", "“years”不低于 2")),
        ("en-GB,en;q=0.9", ("Apply by", "Who can apply", "&quot;years&quot; is at least 2")),
    ],
)
async def test_a_browser_gets_a_page_in_the_visitors_language(scene, language, told):
    campaign = await scene.campaign(await scene.community())
    page = await visited(scene, campaign, language)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert f'lang="{"zh-CN" if language.startswith("zh") else "en"}"' in page.text
    assert [one for one in (*told, campaign["title"], POSITIONING["statement"]) if one not in page.text] == []
    assert page.headers["vary"] == "Accept, Accept-Language"


async def test_times_of_the_page_are_those_of_the_communitys_clocks(scene):
    community = await scene.community(time_zone="Pacific/Auckland")
    campaign = await scene.campaign(community, closes_at="2030-01-01T11:30:00Z")
    assert "2030-01-02 00:30 (Pacific/Auckland)" in (await visited(scene, campaign)).text


async def test_the_page_says_what_the_clock_says(scene):
    now = scene.harness.clock()
    community = await scene.community()
    later = (now.replace(microsecond=0)).replace(year=now.year + 1)
    coming = await scene.campaign(community, opens_at=later.isoformat(), days=800)
    assert "Applications open on" in (await visited(scene, coming)).text
    over = await scene.campaign(community)
    await scene.send(scene.again("owner"), f"/v1/campaigns/{over['id']}/close")
    assert "Applications closed on" in (await visited(scene, over)).text


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}


async def test_nothing_that_organisers_write_becomes_markup(scene):
    community = await scene.community(name=SCRIPT, positioning=POSITIONING | {"statement": f"{SCRIPT}\n\n'\">"})
    asked = SENIOR | {"text_zh": SCRIPT, "text_en": SCRIPT}
    page = await visited(scene, await scene.campaign(community, title=SCRIPT, requirements=[asked]))
    tags = Tags()
    tags.feed(page.text)
    assert tags.seen == {"html", "head", "meta", "title", "body", "main", "h1", "h2", "p", "ul", "li"}
    assert tags.attributes == {"lang", "charset", "name", "content"}
    assert page.headers["content-security-policy"].startswith("default-src 'none'")


async def test_a_browser_is_sent_to_the_app_where_there_is_one(scene):
    campaign = await scene.campaign(await scene.community())
    runtime = scene.harness.runtime
    runtime.settings = runtime.settings.model_copy(update={"app_url": "https://app.example/"})
    page = await visited(scene, campaign)
    token = campaign["channels"][0]["token"]
    assert (page.status_code, page.headers["location"]) == (303, f"https://app.example/landings/{token}")
    board = await scene.see(scene.again("owner"), f"/v1/campaigns/{campaign['id']}/board")
    assert board["by_channel"][0]["visits"] == 0, "the app reads the landing and is counted then"


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/json, text/html;q=0.5"])
async def test_whoever_does_not_browse_gets_json(scene, accept):
    campaign = await scene.campaign(await scene.community())
    answer = await visited(scene, campaign, accept=accept)
    assert answer.json()["form"] == FORM


async def test_a_requirement_says_what_the_organisers_say_and_keeps_it_through_a_patch(scene):
    asked = SENIOR | {"text_zh": "至少两年经验", "text_en": "Two years of experience"}
    campaign = await scene.campaign(await scene.community(), opened=False, requirements=[asked])
    path = f"/v1/campaigns/{campaign['id']}"
    assert campaign["requirements"][0] | asked == campaign["requirements"][0]
    again = await scene.change(scene.again("owner"), path, {"requirements": campaign["requirements"]})
    assert again["requirements"] == campaign["requirements"]
    one = await scene.change(scene.again("owner"), path, {"requirements": [SENIOR | {"text_zh": "两年以上"}]})
    assert (one["requirements"][0]["text_zh"], one["requirements"][0]["text_en"]) == ("两年以上", "两年以上")
