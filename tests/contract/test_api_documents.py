"""What generators of clients trip over in an API document: names that mean two things, bodies that nobody mentions."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from gateway.merging import SHARED
from qunxue.documents import merged_openapi, service_openapi
from tests.system.security.features import recipes
from tests.system.security.operations import PARTS


def described() -> Iterator[dict[str, Any]]:
    """Every operation of every part, as its document has it."""
    for part in PARTS:
        for methods in service_openapi(part)["paths"].values():
            yield from methods.values()


def test_no_two_operations_share_an_id():
    counted = Counter(operation["operationId"] for operation in described())
    assert {name for name, times in counted.items() if times > 1} == set()


def test_a_schema_has_no_title_beside_its_name():
    """Generators name what they make after titles, and of two with one title they lose one."""
    assert [place for place, schema in schemas(merged_openapi()) if "title" in schema] == []


def test_every_object_choice_and_list_of_values_has_a_name():
    """What has none is a class of its own in a client, at each place where it stands."""
    assert [place for place, schema in schemas(merged_openapi()) if "/" in place and is_anonymous(schema)] == []


def test_no_two_names_stand_for_one_shape():
    """The parts may have the same shape by chance: `MembershipSort` is not `ContentSort`."""
    for part in PARTS:
        shapes: dict[str, set[str]] = {}
        for name, schema in service_openapi(part)["components"]["schemas"].items():
            shapes.setdefault(json.dumps(bare(schema), sort_keys=True), set()).add(name)
        assert [names for names in shapes.values() if len(names) > 1] == [], part


def test_what_the_chassis_answers_is_one_shape_in_all_services():
    for name in SHARED:
        shapes = [service_openapi(part)["components"]["schemas"].get(name) for part in PARTS]
        known = [shape for shape in shapes if shape is not None]
        assert known, name
        assert all(shape == known[0] for shape in known), name


def test_null_is_a_type_where_the_value_is_a_plain_one():
    """`anyOf` with null is a class of its own to many generators."""
    null = {"type": "null"}
    assert [place for place, schema in schemas(merged_openapi()) if null in schema.get("anyOf", ())] == []


def test_a_default_is_something_that_every_language_can_write():
    """A generator writes it as a literal of its language; of objects it writes nonsense."""
    made_of_objects = [
        place for place, schema in schemas(merged_openapi()) if "{" in json.dumps(schema.get("default", ""))
    ]
    assert made_of_objects == []


def test_a_choice_is_between_things_with_names():
    """A list, beside something else, has no class that a client could ask for."""
    unnamed = [
        place
        for place, schema in schemas(merged_openapi())
        for one in (*schema.get("anyOf", ()), *schema.get("oneOf", ()))
        if one != {"type": "null"} and "$ref" not in one
    ]
    assert unnamed == []


def test_answers_name_the_values_known_today_and_requests_those_allowed():
    """An answer may grow, and a strict client must not break."""
    document = merged_openapi()
    asked, answered = reached(document, requests_of(document)), reached(document, answers_of(document))
    components = document["components"]["schemas"]
    assert [name for name in answered if "enum" in components[name]] == []
    assert [name for name in asked if "x-known-values" in components[name]] == []
    assert [name for name in answered if closed_by_name(components[name])] == []


def test_whoever_did_something_is_named_and_not_numbered():
    """A screen shows names; an id alone would cost it another call."""
    things = {"operated_by", "reversed_by", "group_by"}
    document = merged_openapi()
    bare_ids = [
        f"{name}/{field}"
        for name in reached(document, answers_of(document))
        for field, one in document["components"]["schemas"][name].get("properties", {}).items()
        if (field in {"actor", "holder", "giver", "starter"} or field.endswith("_by")) and field not in things
        if ("string" in (one.get("type") or ()) or one.get("format") == "uuid") and one.get("format") != "date-time"
    ]
    assert bare_ids == []


def test_every_body_is_declared_with_its_media_type_and_form():
    for operation in described():
        for body in [operation.get("requestBody", {}), *operation["responses"].values()]:
            assert all(form.get("schema") for form in body.get("content", {}).values()), operation["operationId"]


def test_a_refusal_is_the_named_problem_and_says_which_codes_it_has():
    for operation in described():
        refusals = {status: one for status, one in operation["responses"].items() if int(status) >= 400}
        assert {"422", "429", "500", "503"} <= refusals.keys()
        for status, refusal in refusals.items():
            (form,) = refusal["content"].values()
            assert form == {"schema": {"$ref": "#/components/schemas/Problem"}}
            assert refusal["x-problem-codes"]
            if status in {"429", "503", "504"}:
                assert "Retry-After" in refusal["headers"]


WITHOUT_ADDRESS = {
    "give_mentorship_feedback": "it is read with its mentorship",
    "create_mentorship_note": "it is read with the others of its mentorship",
    "activate_account": "what is made is a password",
    "create_awards_from_sheet": "each is read by its own address",
    "create_awards": "each is read by its own address",
    "report_conduct": "nobody reads it but who works the case",
    "answer_survey": "an answer without a name is found by nobody",
    "add_campaign_channel": "it is read with its campaign",
    "create_activation_code": "it is shown once",
    "create_password_reset_code": "it is shown once",
    "create_speaker_link": "it is shown once",
    "begin_provider_login": "it is where a browser is sent to, once",
    "begin_provider_link": "it is where a browser is sent to, once",
    "begin_provider_step_up": "it is where a browser is sent to, once",
    "create_provider_session": "it is a log-in",
    "create_second_factor": "it is read in the list of one's second factors",
    "create_recovery_codes": "they are shown once",
    "create_session": "it is read in the list of one's sessions",
    "create_metric": "it is read in the list of metrics",
    "report_metric_value": "it is read in the list of values",
    "reply_to_feedback": "it is read in the list of replies",
    "decide_promotion": "it is read in the member's progress",
    "grant_platform_role": "it is read with its person",
    "report_content": "only moderators read reports",
    "reverse_ledger_entry": "the entries are read in the list of the wallet's",
    "rotate_service_account_secret": "it is shown once",
    "rotate_webhook_secret": "it is shown once",
    "create_stream_ticket": "it is shown once",
    "test_webhook": "it is read in the log of its endpoint",
}


def test_what_is_made_or_started_says_where_it_is():
    for operation in described():
        for status in {"201", "202"} & operation["responses"].keys():
            answer = operation["responses"][status]
            told = "Location" in answer.get("headers", {})
            has_address = "content" in answer and operation["operationId"] not in WITHOUT_ADDRESS
            assert told == has_address, operation["operationId"]


def test_what_is_written_without_a_network_is_remembered_for_a_week():
    keys = {
        operation["operationId"]: one["description"]
        for operation in described()
        for one in operation.get("parameters", [])
        if one["name"] == "Idempotency-Key"
    }
    of_a_week = {name for name, said in keys.items() if said.endswith("for 7 days.")}
    assert of_a_week == {
        "create_discussion",
        "create_reply",
        "create_checkin",
        "make_up_checkin",
        "register",
        "check_in_at_door",
    }
    assert {said.rpartition(" for ")[2] for name, said in keys.items() if name not in of_a_week} == {"24 h."}


ADDED_TO = {
    "send_attachment_part": "a part goes where `Upload-Offset` says",
    "update_notification_preferences": "each setting is said on its own, and what is not named stays",
}


def test_what_a_patch_changes_has_an_etag_where_it_is_read():
    for part in PARTS:
        for path, methods in service_openapi(part)["paths"].items():
            if "patch" in methods and methods["patch"]["operationId"] not in ADDED_TO:
                assert "If-Match" in {one["name"] for one in methods["patch"]["parameters"]}, path
                for method in {"get", "patch"} & methods.keys():
                    assert "ETag" in methods[method]["responses"]["200"]["headers"], path


def test_the_home_shows_the_forms_of_its_parts():
    home = merged_openapi()["components"]["schemas"]["GatewayHome"]["properties"]
    typed = {name: one["oneOf"][0]["$ref"].rpartition("/")[2] for name, one in home.items() if "oneOf" in one}
    assert typed == {
        "person": "MembershipOneselfPublic",
        "membership": "MembershipMembership",
        "checkin": "GamificationHomeCheckin",
        "wallet": "GamificationWalletPublic",
        "progress": "GamificationProgressPublic",
        "announcements": "ContentAnnouncementsHome",
        "unread": "ContentUnreadPublic",
        "notifications": "MembershipNotificationsHome",
    }


def test_the_gateways_own_problems_stand_once():
    document = merged_openapi()
    once = {one["code"] for one in document["x-gateway-problems"]}
    assert {"request_timeout", "uri_too_long", "headers_too_large", "bad_gateway", "overloaded"} <= once
    assert all(f"`{code}`" in document["info"]["description"] for code in once)


def test_a_document_says_where_its_paths_begin():
    assert [part for part in PARTS if service_openapi(part)["servers"] != [{"url": "/"}]] == []
    assert merged_openapi()["servers"] == [{"url": "/"}]


def test_what_takes_oauths_form_says_so():
    """Not as another body: between two, a generated Python client does not compile."""
    told = {operation["operationId"]: operation.get("x-also-takes") for operation in described()}
    assert {name: one for name, one in told.items() if one} == {
        name: ["application/x-www-form-urlencoded"] for name in ("create_token", "end_provider_sessions")
    }


def test_the_body_of_every_recipe_is_declared_with_its_media_type():
    undeclared = {
        f"{operation['operationId']}: {media_type}"
        for operation in described()
        for media_type in sent_to(operation)
        if media_type not in operation.get("requestBody", {}).get("content", {})
    }
    assert undeclared == set()


def test_every_body_that_must_be_sent_is_sent_by_a_recipe():
    unsent = {
        operation["operationId"]
        for operation in described()
        if operation.get("requestBody", {}).get("required") and not sent_to(operation)
    }
    assert unsent == set()


def test_what_changes_nothing_takes_no_body():
    for part in PARTS:
        for path, methods in service_openapi(part)["paths"].items():
            taking = {method for method, operation in methods.items() if "requestBody" in operation}
            assert taking <= {"post", "put", "patch"}, path


def schemas(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema with its place; a named one stands at its name, and what is inside at `name/…`."""
    for name, schema in document["components"]["schemas"].items():
        yield from within(name, schema)
    for methods in document["paths"].values():
        for operation in methods.values():
            for parameter in operation.get("parameters", ()):
                yield from within(f"{operation['operationId']}/{parameter['name']}", parameter["schema"])
            for body in [operation.get("requestBody", {}), *operation["responses"].values()]:
                for media_type, form in body.get("content", {}).items():
                    yield from within(f"{operation['operationId']}/{media_type}", form.get("schema", {}))


def within(place: str, schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield place, schema
    for name, one in schema.get("properties", {}).items():
        yield from within(f"{place}/{name}", one)
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from within(f"{place}/{key}", schema[key])
    for key in ("anyOf", "oneOf", "allOf", "prefixItems"):
        for one in schema.get(key, ()):
            yield from within(f"{place}/{key}", one)


def is_anonymous(schema: dict[str, Any]) -> bool:
    """Whether it would be a class: an object, values, a choice that is more than one thing or null."""
    nullable = len(schema.get("oneOf", ())) == 2 and {"type": "null"} in schema["oneOf"]
    choice = not nullable and not schema.keys().isdisjoint({"anyOf", "oneOf", "allOf"})
    return choice or "enum" in schema or "object" in (schema.get("type") or ())


CLOSED_WORDS = {"status", "state", "outcome", "role", "roles", "visibility", "platform_roles", "steps"}


def closed_by_name(schema: dict[str, Any]) -> list[str]:
    """Properties that hold closed values, by what they are called, and are plain text."""
    return [
        name
        for name, one in schema.get("properties", {}).items()
        if name in CLOSED_WORDS and "string" in (one.get("items", one).get("type") or ())
    ]


def bare(schema: Any) -> Any:
    """The shape alone."""
    if isinstance(schema, list):
        return [bare(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: bare(one) for key, one in schema.items() if key != "description" or isinstance(one, dict)}


def requests_of(document: dict[str, Any]) -> list[Any]:
    every = [operation for methods in document["paths"].values() for operation in methods.values()]
    return [[operation.get("requestBody"), operation.get("parameters")] for operation in every]


def answers_of(document: dict[str, Any]) -> list[Any]:
    return [operation["responses"] for methods in document["paths"].values() for operation in methods.values()]


def reached(document: dict[str, Any], roots: Any) -> set[str]:
    """The named schemas that something refers to, by way of others too."""
    found: set[str] = set()
    waiting = [roots]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            name = str(node.get("$ref", "")).removeprefix("#/components/schemas/")
            if name in document["components"]["schemas"] and name not in found:
                found.add(name)
                waiting.append(document["components"]["schemas"][name])
            waiting += node.values()
    return found


def sent_to(operation: dict[str, Any]) -> set[str]:
    """The media types of the bodies that its recipes send."""
    ways = [one for part in PARTS for one in recipes(part).get(operation["operationId"], ())]
    return {
        one.headers.get("Content-Type", "application/json")
        for one in ways
        if one.body is not None or one.content is not None
    }


def test_what_is_made_can_be_edited_without_being_read_again():
    """Who makes a thing that is edited with `If-Match` is told its ETag at once."""
    paths = merged_openapi()["paths"]
    missing = []
    for path, item in paths.items():
        made = paths.get(path.rpartition("/")[0], {}).get("post", {}).get("responses", {}).get("201")
        edits = [one for method in ("patch", "put") for one in item.get(method, {}).get("parameters", ())]
        if path.endswith("}") and made is not None and any(one["name"] == "If-Match" for one in edits):
            missing += [] if "ETag" in made.get("headers", {}) else [path]
    assert missing == []
