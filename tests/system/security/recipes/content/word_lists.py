from uuid import UUID

from chassis.ids import COMPANY
from services.content.scanning.models import ListedWord, ScanRules, WordList
from tests.system.security.recipe import here, import_recipes, own, recipe, thing
from tests.system.security.world import World

HERE = {"community_id": here()}
KEEPS, READS, WHY = "company_word_lists.write", "company_moderation.read", "without a community it is the company's"

RECIPES = [
    recipe("create_word_list", body=HERE | {"name": "机密"}),
    recipe("list_word_lists", query=HERE, shows=here("word list")),
    recipe("read_word_list", here("word list"), shows=here("word list")),
    recipe("update_word_list", here("word list"), body={"enabled": True}, version=1),
    recipe("list_words", here("word list")),
    recipe("update_words", here("word list"), body={"add": [{"word": "刷单", "category": "广告"}]}, version=1),
    recipe("read_scan_rules", query=HERE),
    recipe("update_scan_rules", query=HERE, body={"links": "hold"}, version=1),
    recipe("try_word_list", here("word list")),
    recipe("read_word_list_dry_run", own("word_list_dry_run"), within="imports.job"),
    recipe("cancel_word_list_dry_run", own("word_list_dry_run"), within="imports.job"),
    *import_recipes(
        "word_import",
        start="import_word_lists",
        template="read_word_import_template",
        query=HERE,
        csv="list,word,category\n广告,代开发票,广告",
    ),
    recipe("create_word_list", body={"name": "公司机密"}, row=KEEPS, why=WHY),
    recipe("list_word_lists", shows=thing("company list"), row=READS, why=WHY),
    recipe("read_word_list", thing("company list"), shows=thing("company list"), row=READS, why=WHY),
    recipe("update_word_list", thing("company list"), body={"enabled": True}, version=1, row=KEEPS, why=WHY),
    recipe("list_words", thing("company list"), row=READS, why=WHY),
    recipe("update_words", thing("company list"), body={"remove": ["刷单"]}, version=1, row=KEEPS, why=WHY),
    recipe("read_scan_rules", row=READS, why=WHY),
    recipe("update_scan_rules", body={"links": "hold"}, version=1, row=KEEPS, why=WHY),
    recipe("try_word_list", thing("company list"), row=KEEPS, why=WHY),
    recipe("import_word_lists", csv="list,word,category\n广告,代开发票,广告", row=KEEPS, why=WHY),
    recipe("list_word_imports", row=KEEPS, why=WHY),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:
        lists: dict[UUID, WordList] = {}
        for ground in world.grounds.values():
            words = WordList(community_id=ground.id, name="广告", word_count=1, created_at=now)
            lists[words.id] = words
            ground.ids["word list"] = words.id
        company = WordList(community_id=COMPANY, name="公司", created_at=now)
        lists[company.id] = company
        world.things["company list"] = company.id
        session.add(ScanRules(community_id=COMPANY))
        session.add_all([*lists.values(), *(ScanRules(community_id=ground.id) for ground in world.grounds.values())])
        await session.flush()
        for list_id in lists:
            session.add(
                ListedWord(list_id=list_id, key="加我", word="加我", category="广告", action="hold", mode="word")
            )
    await world.jobs_of_everybody("word_import", "word-lists.import", of_community=True)
    await world.jobs_of_everybody("word_list_dry_run", "word-lists.dry-run", of_community=True)
