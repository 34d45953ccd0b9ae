"""A second factor lost and recovered: by a recovery code, by another administrator, on the host."""

import pyotp

from tests.support.processes import Processes
from tests.system.api import Api
from tests.system.stacks import Stack

NUMBER, PASSWORD = "1001", "learn-together-26"


def arrive(admin: Api) -> str:
    """王芳, an administrator too, with a password."""
    person = str(admin.post("/v1/people", {"display_name": "王芳", "employee_no": NUMBER})["id"])
    code = admin.post(f"/v1/people/{person}/activation")["code"]
    admin.post("/v1/activations", {"code": code, "password": PASSWORD})
    admin.post(f"/v1/people/{person}/platform-roles", {"role": "admin"})
    return person


def set_up(stack: Stack, api: Api) -> list[str]:
    """An app, confirmed by the code that it shows: the recovery codes."""
    made = api.post("/v1/second-factors")
    code = pyotp.TOTP(made["secret"]).at(stack.clock.now())
    codes: list[str] = api.post(f"/v1/second-factors/{made['id']}/confirm", {"code": code})["recovery_codes"]
    return codes


def log_in(anyone: Api, **more: str) -> Api:
    tokens = anyone.post("/v1/sessions", {"login": NUMBER, "password": PASSWORD, **more}, expect=201)
    return Api(anyone.url, tokens["access_token"])


def needs_code(anyone: Api) -> None:
    anyone.problem("POST", "/v1/sessions", 401, "second_factor_needed", json={"login": NUMBER, "password": PASSWORD})


def walk_a_loss(stack: Stack, processes: Processes) -> None:
    """Somebody loses their app three times, and logs in by password alone in the end."""
    with stack.admin() as admin, Api(stack.url) as anyone:
        person = arrive(admin)
        with log_in(anyone) as wang:
            first, *_rest, last = set_up(stack, wang)
        needs_code(anyone)
        with log_in(anyone, code=first) as wang:
            wang.problem("POST", f"/v1/people/{person}/second-factor-reset", 403, "conflict_of_interest")
            # Another one helps, who has proved lately who they are.
            admin.post(f"/v1/people/{person}/second-factor-reset", expect=204)
            wang.until_refused("/v1/people/me", "session_revoked")
        with log_in(anyone) as wang:
            refused = wang.client.post("/v1/sessions/current/step-up", json={"code": last})
            assert refused.status_code == 422, refused.text
            set_up(stack, wang)
        needs_code(anyone)
        environment = {name: value for name, value in stack.environment().items() if name.startswith("QUNXUE_")}
        said = processes.run(["qunxue", "admin", "reset-second-factor", NUMBER], env=environment)
        assert "logs in by password alone" in said
        with log_in(anyone) as wang:
            assert wang.get("/v1/second-factors")["items"] == []
        trail = admin.get("/v1/audit", action="second_factor.reset")["items"]
        assert {one["actor"]["kind"] for one in trail} == {"person", "system"}
