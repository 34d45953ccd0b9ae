"""How each operation of gamification is tried."""

from typing import Any

from tests.system.security.cast_gamification import World
from tests.system.security.matrix import OWN_AND_OTHER, Call, Case, Player, Recipes

gamification = Recipes()


def _whose(w: World, c: Case) -> Player:
    return c.who if c.whose == "own" else w.neighbour


def _member(w: World, c: Case) -> dict[str, str] | None:
    member_id = _whose(w, c).member_id
    return {"member_id": str(member_id)} if member_id else None


@gamification("read_wallet", whose=OWN_AND_OTHER)
def read_wallet(w: World, c: Case) -> Call | None:
    member = _member(w, c)
    return Call("GET", f"/v1/wallets/{member['member_id']}") if member else None


@gamification("list_ledger_entries", whose=OWN_AND_OTHER)
def list_ledger_entries(w: World, c: Case) -> Call | None:
    member = _member(w, c)
    return Call("GET", "/v1/ledger-entries", params=member, shows=(_whose(w, c).own["entry"],)) if member else None


@gamification("reverse_ledger_entry")
def reverse_ledger_entry(w: World, _c: Case) -> Call:
    return Call("POST", f"/v1/ledger-entries/{w.neighbour.own['entry']}/reverse", json={"reason": "误发"})


@gamification("list_earning_rules")
def list_earning_rules(w: World, _c: Case) -> Call:
    return Call("GET", "/v1/earning-rules", params={"community_id": w.home})


@gamification("list_earning_rules", whose=OWN_AND_OTHER, within="earning_outcomes.read")
def list_earning_rules_with_room(w: World, c: Case) -> Call | None:
    # A service account would need both scopes.
    member = _member(w, c)
    return Call("GET", "/v1/earning-rules", params=member) if member and not c.who.column.startswith("svc") else None


@gamification("list_earning_rule_versions")
def list_earning_rule_versions(w: World, _c: Case) -> Call:
    return Call("GET", "/v1/earning-rules/checkin/versions", params={"community_id": w.home})


RULE: dict[str, Any] = {"trigger": "checkin.recorded", "points": 7, "xp": 7}


@gamification("put_earning_rule")
def put_earning_rule(w: World, _c: Case) -> Call:
    return Call("PUT", "/v1/earning-rules/a_new_rule", params={"community_id": w.home}, json=RULE)


@gamification("put_earning_rule")
def try_an_earning_rule(w: World, _c: Case) -> Call:
    return Call("PUT", "/v1/earning-rules/a_new_rule", params={"community_id": w.home, "dry_run": True}, json=RULE)


@gamification("list_earning_outcomes", whose=OWN_AND_OTHER)
def list_earning_outcomes(w: World, c: Case) -> Call | None:
    member = _member(w, c)
    return Call("GET", "/v1/earning-outcomes", params=member) if member else None


@gamification("read_ladder")
def read_ladder(w: World, _c: Case) -> Call:
    return Call("GET", "/v1/ladders", params={"community_id": w.home})


@gamification("read_promotion_progress", whose=OWN_AND_OTHER)
def read_promotion_progress(w: World, c: Case) -> Call | None:
    member = _member(w, c)
    return Call("GET", "/v1/promotions/progress", params=member) if member else None


@gamification("read_leaderboard", whose=OWN_AND_OTHER)
def read_leaderboard(w: World, c: Case) -> Call | None:
    member_id = _whose(w, c).member_id
    params = {"community_id": w.home, "period": "all_time", "limit": 100}
    return Call("GET", "/v1/leaderboards", params=params, shows=(member_id,)) if member_id else None


@gamification("create_checkin", whose=("own",))
def create_checkin(w: World, _c: Case) -> Call:
    return Call("POST", "/v1/checkins", json={"community_id": w.home})


@gamification("make_up_checkin", whose=("own",))
def make_up_checkin(w: World, _c: Case) -> Call:
    return Call("POST", "/v1/checkins/make-ups", json={"community_id": w.home, "day": "2024-05-05"})


@gamification("list_checkins", whose=OWN_AND_OTHER)
def list_checkins(w: World, c: Case) -> Call | None:
    member = _member(w, c)
    return Call("GET", "/v1/checkins", params=member, shows=(_whose(w, c).own["checkin"],)) if member else None


@gamification("list_checkins", whose=OWN_AND_OTHER)
def list_checkins_of_a_community(w: World, c: Case) -> Call | None:
    if _whose(w, c).member_id is None:
        return None
    params = {"community_id": w.home, "limit": 100}
    return Call("GET", "/v1/checkins", params=params, shows=(_whose(w, c).own["checkin"],))


@gamification("read_checkin_calendar", whose=OWN_AND_OTHER)
def read_checkin_calendar(w: World, c: Case) -> Call | None:
    member = _member(w, c)
    return Call("GET", "/v1/checkins/calendar", params=member) if member else None


@gamification("read_checkin", whose=OWN_AND_OTHER)
def read_checkin(w: World, c: Case) -> Call | None:
    checkin = _whose(w, c).own.get("checkin")
    return Call("GET", f"/v1/checkins/{checkin}") if checkin else None


@gamification("import_checkins")
def import_checkins(w: World, _c: Case) -> Call:
    row = f"employee_no,occurred_at\n{w.neighbour.own['employee_no']},2024-03-01T04:00:00Z"
    headers = {"Content-Type": "text/csv"}
    return Call("POST", "/v1/checkins/imports", params={"community_id": w.home}, content=row.encode(), headers=headers)


@gamification("read_checkins_template")
def read_checkins_template(w: World, _c: Case) -> Call:
    return Call("GET", "/v1/checkins/imports/template", params={"community_id": w.home})


def _job(operation: str, method: str, verb: str) -> None:
    @gamification(operation, whose=OWN_AND_OTHER, within="imports.job")
    def of_job(w: World, c: Case) -> Call | None:
        job_id = _whose(w, c).own.get("job")
        return Call(method, f"/v1/checkins/imports/{job_id}{verb}") if job_id else None


_job("read_checkins_import", "GET", "")
_job("list_checkins_import_errors", "GET", "/errors")
_job("cancel_checkins_import", "POST", "/cancel")
