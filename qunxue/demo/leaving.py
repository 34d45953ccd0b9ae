"""Taking the demo out of an installation that goes on: nobody of it can log in, and its community is in the archive."""

from qunxue.demo.client import Client, DemoFailed
from qunxue.demo.company import SLUG, people


def take_out(admin: Client) -> int:
    """Archive the community and end the people; how many left. What they wrote stays, as after any who leave."""
    found = [one for one in admin.every("/v1/communities") if one["slug"] == SLUG]
    if not found:
        raise DemoFailed(f"there is no community {SLUG} here")
    if found[0]["status"] != "archived":
        admin.post(f"/v1/communities/{found[0]['id']}/archive")
    # By number and address together: somebody of the company may have been given one of these numbers since.
    theirs = {(one.no, one.email) for one in people()}
    rows = admin.every("/v1/people")
    ids = [row["id"] for row in rows if (row["employee_no"], row["email"]) in theirs and row["status"] != "left"]
    if not ids:
        return 0
    items = admin.post("/v1/people/batch", {"action": "leave", "ids": ids})["items"]
    refused = [item for item in items if item["status"] != 200]
    if refused:
        raise DemoFailed(f"{len(refused)} people could not leave: {refused[0]['problem']}")
    return len(ids)
