from tests.service.membership.scene import CHARTER
from tests.system.security.recipe import here, recipe, thing

AFTER = ["directory"]

RECIPES = [
    recipe("create_community", body={"slug": "a-new-one", "name": "新社群", "owner_person_id": thing("fresh")}),
    recipe("list_communities", query={"limit": 100}, shows=here()),
    recipe("read_community", here(), names_to_suspended=True),
    recipe("read_community_by_slug", here("slug")),
    recipe("list_charters", here()),
    recipe("read_charter", here(), 1),
    recipe("update_community", here(), body={"name": "改名"}, version=2),
    recipe(
        "update_community",
        here(),
        body={"visibility": "public"},
        version=2,
        row="communities.govern",
        why="operators change neither visibility nor time zone",
    ),
    recipe("open_community", here(), also={"everyone": 409}, why="it is open already"),
    recipe("archive_community", here()),
    recipe("publish_charter", here(), body=CHARTER | {"vision": "新的愿景"}),
]
