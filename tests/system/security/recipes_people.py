"""How each operation of membership that is about people and accounts is tried."""

from tests.system.security.cast_membership import PASSWORD, World
from tests.system.security.matrix import OWN_AND_OTHER, Call, Case, Recipes

people = Recipes()

CSV = {"Content-Type": "text/csv"}
FIRST = {"If-Match": '"1"'}
JOB = "imports.job"


# --- imports -------------------------------------------------------------------------------------------------------


@people("import_people")
def import_people(_w: World, _c: Case) -> Call:
    return Call("POST", "/v1/people/imports", content="employee_no,display_name\n77001,新人".encode(), headers=CSV)


@people("import_departments")
def import_departments(_w: World, _c: Case) -> Call:
    return Call("POST", "/v1/departments/imports", content="code,name\nX1,新部门".encode(), headers=CSV)


@people("read_people_import_template")
def people_template(_w: World, _c: Case) -> Call:
    return Call("GET", "/v1/people/imports/template")


@people("read_department_import_template")
def departments_template(_w: World, _c: Case) -> Call:
    return Call("GET", "/v1/departments/imports/template")


def _job(kind: str, verb: str) -> None:
    names = {"people": "people_import", "departments": "department_import", "members": "members_import"}
    before, after = {"read": ("read_", ""), "errors": ("list_", "_errors"), "cancel": ("cancel_", "")}[verb]

    @people(f"{before}{names[kind]}{after}", whose=OWN_AND_OTHER, within=JOB)
    def of_job(w: World, c: Case) -> Call | None:
        jobs = (c.who if c.whose == "own" else w.players["neighbour"]).own.get("jobs")
        if jobs is None:
            return None
        path = f"/v1/{kind}/imports/{jobs[f'{kind}.import']}"
        return Call("GET" if verb != "cancel" else "POST", path if verb == "read" else f"{path}/{verb}")


for _kind in ("people", "departments", "members"):
    for _verb in ("read", "errors", "cancel"):
        _job(_kind, _verb)


# --- oneself -------------------------------------------------------------------------------------------------------


@people("list_own_sessions", whose=OWN_AND_OTHER)
def list_own_sessions(w: World, c: Case) -> Call:
    whose = c.who if c.whose == "own" else w.players["neighbour"]
    return Call("GET", "/v1/sessions", shows=(whose.own.get("session", ""),))


@people("delete_own_sessions", whose=("own",))
def delete_own_sessions(_w: World, _c: Case) -> Call:
    return Call("DELETE", "/v1/sessions")


@people("delete_current_session", whose=("own",))
def delete_current_session(_w: World, _c: Case) -> Call:
    return Call("DELETE", "/v1/sessions/current")


@people("read_me", whose=("own",))
def read_me(_w: World, _c: Case) -> Call:
    return Call("GET", "/v1/people/me")


@people("update_my_profile", whose=("own",))
def update_my_profile(_w: World, _c: Case) -> Call:
    return Call("PATCH", "/v1/people/me", json={"locale": "en"}, headers=FIRST)


@people("change_own_password", whose=("own",))
def change_own_password(_w: World, _c: Case) -> Call:
    body = {"old_password": PASSWORD, "new_password": "another good long one"}
    return Call("POST", "/v1/people/me/password", json=body)


@people("delete_session", whose=OWN_AND_OTHER)
def delete_session(w: World, c: Case) -> Call:
    whose = c.who if c.whose == "own" and "session" in c.who.own else w.players["neighbour"]
    return Call("DELETE", f"/v1/sessions/{whose.own['session']}")


# --- people and what they log in with ------------------------------------------------------------------------------


@people("list_people")
def list_people(w: World, _c: Case) -> Call:
    return Call("GET", "/v1/people", params={"limit": 100}, shows=(w.players["neighbour"].person_id,))


@people("read_person", whose=OWN_AND_OTHER)
def read_person(w: World, c: Case) -> Call | None:
    person_id = w.players["neighbour"].person_id if c.whose == "other" else _self(c)
    return Call("GET", f"/v1/people/{person_id}") if person_id else None


@people("register_person")
def register_person(_w: World, _c: Case) -> Call:
    return Call("POST", "/v1/people", json={"display_name": "新人", "employee_no": "77002"})


@people("update_person", whose=OWN_AND_OTHER)
def update_person(w: World, c: Case) -> Call | None:
    person_id = w.things["fresh"] if c.whose == "other" else _self(c)
    return Call("PATCH", f"/v1/people/{person_id}", json={"title": "总监"}, headers=FIRST) if person_id else None


@people("suspend_person")
def suspend_person(w: World, _c: Case) -> Call:
    return Call("POST", f"/v1/people/{w.things['fresh']}/suspend")


@people("reinstate_person")
def reinstate_person(w: World, _c: Case) -> Call:
    return Call("POST", f"/v1/people/{w.things['barred']}/reinstate")


@people("let_person_leave")
def let_person_leave(w: World, _c: Case) -> Call:
    return Call("POST", f"/v1/people/{w.things['fresh']}/leave")


@people("rehire_person")
def rehire_person(w: World, _c: Case) -> Call:
    return Call("POST", f"/v1/people/{w.things['departed']}/rehire")


@people("create_activation_code")
def create_activation_code(w: World, _c: Case) -> Call:
    return Call("POST", f"/v1/people/{w.things['fresh']}/activation")


_PROTECTED = "a service account never touches the log-in of who has set a password"


@people("create_password_reset_code")
def create_password_reset_code(w: World, c: Case) -> Call:
    also = {403: _PROTECTED} if c.who.column.startswith("svc") else {}
    return Call("POST", f"/v1/people/{w.things['activated']}/password-reset-code", also=also)


@people("change_people_in_batch", variants=("activation", "suspend"))
def change_people_in_batch(w: World, c: Case) -> Call:
    body = {"action": c.variant, "ids": [str(w.things["fresh"])]}
    return Call("POST", "/v1/people/batch", json=body, per_item=True)


@people("grant_platform_role", variants=("admin", "hr", "auditor"))
def grant_platform_role(w: World, c: Case) -> Call:
    return Call("POST", f"/v1/people/{w.things['fresh']}/platform-roles", json={"role": c.variant})


@people("revoke_platform_role")
def revoke_platform_role(w: World, _c: Case) -> Call:
    return Call("DELETE", f"/v1/people/{w.things['helper']}/platform-roles/hr")


# --- departments ---------------------------------------------------------------------------------------------------


@people("create_department")
def create_department(_w: World, _c: Case) -> Call:
    return Call("POST", "/v1/departments", json={"code": "D9", "name": "九部"})


@people("list_departments")
def list_departments(_w: World, _c: Case) -> Call:
    return Call("GET", "/v1/departments")


@people("read_department")
def read_department(_w: World, _c: Case) -> Call:
    return Call("GET", "/v1/departments/D1")


@people("update_department")
def update_department(_w: World, _c: Case) -> Call:
    return Call("PATCH", "/v1/departments/D1", json={"name": "一部"}, headers=FIRST)


# --- service accounts ----------------------------------------------------------------------------------------------


@people("create_service_account")
def create_service_account(_w: World, _c: Case) -> Call:
    return Call("POST", "/v1/service-accounts", json={"name": "a program", "scopes": ["people.read"]})


@people("list_service_accounts")
def list_service_accounts(_w: World, _c: Case) -> Call:
    return Call("GET", "/v1/service-accounts")


@people("rotate_service_account_secret")
def rotate_service_account_secret(w: World, _c: Case) -> Call:
    return Call("POST", f"/v1/service-accounts/{w.things['svc']}/rotate")


@people("revoke_service_account")
def revoke_service_account(w: World, _c: Case) -> Call:
    return Call("POST", f"/v1/service-accounts/{w.things['svc']}/revoke")


def _self(case: Case) -> object:
    """The caller as a person, where he is one."""
    caller = case.who.caller
    return caller.id if caller is not None and caller.kind == "person" else None
