"""How each of the gateway's own operations is tried."""

from tests.system.security.cast_gateway import World
from tests.system.security.matrix import Call, Case, Recipes

gateway = Recipes()


@gateway("read_home", whose=("own",))
def read_home(w: World, _c: Case) -> Call:
    return Call("GET", "/v1/me/home", params={"community_id": w.home})


@gateway("list_audit")
def list_audit(w: World, _c: Case) -> Call:
    return Call("GET", "/v1/audit", params={"community_id": w.home})


@gateway("read_status")
def read_status(_w: World, _c: Case) -> Call:
    return Call("GET", "/status")


@gateway("read_metrics")
def read_metrics(_w: World, _c: Case) -> Call:
    return Call("GET", "/metrics")
