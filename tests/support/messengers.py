"""Stand-ins for WeCom, DingTalk and Feishu: they check what their documents say they check, and answer with their numbers.

Written from docs/messengers.md alone: nothing of the product's adapters is used here, so a slip in one is not repeated in the other.
"""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from starlette.types import Receive, Scope, Send

from tests.support.standins import Answer, Seen, StandIn, listening

ID, SECRET, AGENT = "corp-of-tests", "canary-app-secret", 1000002
KEY, SIGNS = "canary-robot-key", "SECcanary-robot-signs"
USER = "zhangwei"


def _json(status: int = 200, headers: dict[str, str] | None = None, **said: Any) -> Answer:
    return status, {"content-type": "application/json", **(headers or {})}, json.dumps(said).encode()


def _query(seen: Seen) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(seen.query.decode(), keep_blank_values=True).items()}


@dataclass
class MessengerStandIn(StandIn):
    """What all three have: tokens that end, users, one robot, and limits. `second` is its clock."""

    lasts: int = 7200
    second: float = 1_715_000_000.0
    per_minute: int = 20
    signs: str | None = SIGNS
    users: set[str] = field(default_factory=lambda: {USER})
    robots: set[str] = field(default_factory=lambda: {KEY})
    to_people: list[tuple[str, str]] = field(default_factory=list)
    to_group: list[str] = field(default_factory=list)
    tokens: dict[str, float] = field(default_factory=dict)
    fetched: int = 0
    codes: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    """Codes of people who have logged in there: who it is, where they were sent back to, and the challenge that was given."""
    next_answers: list[Answer] = field(default_factory=list)
    """What is answered next, whatever is asked."""
    held: asyncio.Event | None = None
    """While it is not set, nothing is answered."""
    _times: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self.held is not None:
            await self.held.wait()
        await super().__call__(scope, receive, send)

    def _answer(self, seen: Seen) -> Answer:
        if self.next_answers:
            return self.next_answers.pop(0)
        return self.answer(seen)

    def answer(self, seen: Seen) -> Answer:
        raise NotImplementedError

    def new_token(self) -> str:
        self.fetched += 1
        token = f"canary-token-{self.fetched}"
        self.tokens[token] = self.second + self.lasts
        return token

    def too_fast(self) -> bool:
        """Whether the robot has had its messages of this minute; else one more is counted."""
        self._times = [at for at in self._times if at > self.second - 60]
        if len(self._times) >= self.per_minute:
            return True
        self._times.append(self.second)
        return False

    def body(self, seen: Seen) -> Any:
        assert seen.header("content-type") == "application/json"
        return json.loads(seen.body)


class WeComStandIn(MessengerStandIn):
    """https://developer.work.weixin.qq.com/document/path/91039, 90236 and 91770."""

    def answer(self, seen: Seen) -> Answer:
        query = _query(seen)
        match seen.method, seen.path:
            case "GET", "/cgi-bin/gettoken":
                if query != {"corpid": ID, "corpsecret": SECRET}:
                    return _json(errcode=40001, errmsg="invalid credential")
                return _json(errcode=0, errmsg="ok", access_token=self.new_token(), expires_in=self.lasts)
            case "GET", "/cgi-bin/auth/getuserinfo":
                return self._who(query)
            case "POST", "/cgi-bin/message/send":
                return self._to_person(query, self.body(seen))
            case "POST", "/cgi-bin/webhook/send":
                return self._to_robot(query, self.body(seen))
        return 404, {}, b"no such page"

    def _to_person(self, query: dict[str, str], said: Any) -> Answer:
        ends = self.tokens.get(query.get("access_token", ""))
        if ends is None:
            return _json(errcode=40014, errmsg="invalid access_token")
        if self.second >= ends:
            return _json(errcode=42001, errmsg="access_token expired")
        if said["msgtype"] != "text" or not said["text"]["content"]:
            return _json(errcode=40008, errmsg="invalid message type")
        if said["agentid"] != AGENT:
            return _json(errcode=301002, errmsg="not allow operate another agent")
        if len(said["text"]["content"].encode()) > 2048:
            return _json(errcode=45002, errmsg="content size out of limit")
        if said["touser"] not in self.users:
            return _json(errcode=81013, errmsg="user & party & tag all invalid")
        self.to_people.append((said["touser"], said["text"]["content"]))
        return _json(errcode=0, errmsg="ok", invaliduser="", invalidparty="", invalidtag="", msgid="m-1")

    def _to_robot(self, query: dict[str, str], said: Any) -> Answer:
        if set(query) != {"key"} or query["key"] not in self.robots:
            return _json(errcode=93000, errmsg="invalid webhook url")
        if said["msgtype"] != "text":
            return _json(errcode=40008, errmsg="invalid message type")
        if len(said["text"]["content"].encode()) > 2048:
            return _json(errcode=45002, errmsg="content size out of limit")
        if self.too_fast():
            return _json(errcode=45009, errmsg="api freq out of limit")
        self.to_group.append(said["text"]["content"])
        return _json(errcode=0, errmsg="ok")

    def _who(self, query: dict[str, str]) -> Answer:
        """https://developer.work.weixin.qq.com/document/path/98176; a code is good once."""
        if query.get("access_token") not in self.tokens:
            return _json(errcode=40014, errmsg="invalid access_token")
        user, _, _ = self.codes.pop(query.get("code", ""), ("", "", ""))
        if not user:
            return _json(errcode=40029, errmsg="invalid code")
        if user not in self.users:
            return _json(errcode=0, errmsg="ok", openid="o-1", external_userid="w-1")
        return _json(errcode=0, errmsg="ok", userid=user, user_ticket="t-1")


class DingTalkStandIn(MessengerStandIn):
    """https://open.dingtalk.com/document/orgapp/custom-robot-access and asynchronous-sending-of-enterprise-session-messages."""

    shown_today: set[tuple[str, str]]

    def __post_init__(self) -> None:
        super().__post_init__()
        self.shown_today = set()

    def answer(self, seen: Seen) -> Answer:
        query = _query(seen)
        match seen.method, seen.path:
            case "POST", "/v1.0/oauth2/accessToken":
                if self.body(seen) != {"appKey": ID, "appSecret": SECRET}:
                    return _json(400, code="invalidClientIdOrSecret", message="无效的clientId或者clientSecret")
                return _json(accessToken=self.new_token(), expireIn=self.lasts)
            case "POST", "/v1.0/oauth2/userAccessToken":
                return self._of_person(self.body(seen))
            case "GET", "/v1.0/contact/users/me":
                return self._me(seen)
            case "POST", "/topapi/user/getbyunionid":
                return self._by_union_id(query, self.body(seen))
            case "POST", "/topapi/message/corpconversation/asyncsend_v2":
                return self._to_person(query, self.body(seen))
            case "POST", "/robot/send":
                return self._to_robot(query, self.body(seen))
        return 404, {}, b"no such page"

    def _of_person(self, said: Any) -> Answer:
        """A code is good once."""
        known = {"clientId": ID, "clientSecret": SECRET, "grantType": "authorization_code"}
        if {name: said.get(name) for name in known} != known:
            return _json(400, code="invalidClientIdOrSecret", message="无效的clientId或者clientSecret")
        user, _, _ = self.codes.pop(said["code"], ("", "", ""))
        if not user:
            return _json(400, code="invalidParameter.authCode.notFound", message="不存在的临时授权码")
        return _json(accessToken=f"canary-person-{user}", refreshToken="canary-refresh", expireIn=7200, corpId="c-1")

    def _me(self, seen: Seen) -> Answer:
        token = seen.header("x-acs-dingtalk-access-token") or ""
        if not token.startswith("canary-person-"):
            return _json(400, code="InvalidAuthentication", message="不合法的access_token")
        return _json(nick="周", unionId=f"union-{token.removeprefix('canary-person-')}", openId="o-1")

    def _by_union_id(self, query: dict[str, str], said: Any) -> Answer:
        if query.get("access_token") not in self.tokens:
            return _json(errcode=88, errmsg="ding talk error", sub_code="40014", sub_msg="不合法的access_token")
        user = said["unionid"].removeprefix("union-")
        if user not in self.users:
            return _json(errcode=60121, errmsg="找不到该用户")
        kind = 1 if user.startswith("outside") else 0
        return _json(errcode=0, errmsg="ok", result={"contact_type": kind, "userid": user})

    def _to_person(self, query: dict[str, str], said: Any) -> Answer:
        ends = self.tokens.get(query.get("access_token", ""))
        if ends is None:
            return _json(errcode=88, errmsg="ding talk error", sub_code="40014", sub_msg="不合法的access_token")
        if self.second >= ends:
            return _json(errcode=42001, errmsg="access_token超时")
        if said["agent_id"] != AGENT or said["msg"]["msgtype"] != "text":
            return _json(errcode=88, errmsg="ding talk error", sub_code="60011", sub_msg="没有调用该接口的权限")
        if len(json.dumps(said["msg"], ensure_ascii=False, separators=(",", ":")).encode()) > 2048:
            return _json(errcode=40035, errmsg="不合法的参数")
        if said["userid_list"] not in self.users:
            return _json(errcode=33012, errmsg="无效的USERID")
        shown = said["userid_list"], said["msg"]["text"]["content"]
        if shown not in self.shown_today:
            # Of two alike in a day the second is taken, and not shown.
            self.shown_today.add(shown)
            self.to_people.append(shown)
        return _json(errcode=0, errmsg="ok", task_id=1, request_id="r-1")

    def _to_robot(self, query: dict[str, str], said: Any) -> Answer:
        if query.get("access_token") not in self.robots:
            return _json(errcode=300005, errmsg="token is not exist")
        if self.signs is not None and not self._signed(query):
            return _json(errcode=310000, errmsg="sign not match")
        if said["msgtype"] != "text" or not said["text"]["content"]:
            return _json(errcode=40035, errmsg="缺少参数 json")
        if self.too_fast():
            return _json(errcode=130101, errmsg="send too fast, exceed 20 times per minute")
        self.to_group.append(said["text"]["content"])
        return _json(errcode=0, errmsg="ok")

    def _signed(self, query: dict[str, str]) -> bool:
        at = query.get("timestamp", "")
        if not at.isdigit() or abs(int(at) / 1000 - self.second) > 3600:
            return False
        right = hmac.new((self.signs or "").encode(), f"{at}\n{self.signs}".encode(), hashlib.sha256).digest()
        return query.get("sign") == base64.b64encode(right).decode()


class FeishuStandIn(MessengerStandIn):
    """https://open.feishu.cn/document/server-docs/im-v1/message/create and client-docs/bot-v3/add-custom-bot."""

    by_uuid: dict[str, str]

    def __post_init__(self) -> None:
        super().__post_init__()
        self.by_uuid = {}

    def answer(self, seen: Seen) -> Answer:
        match seen.method, seen.path:
            case "POST", "/open-apis/auth/v3/tenant_access_token/internal":
                if self.body(seen) != {"app_id": ID, "app_secret": SECRET}:
                    return _json(400, code=10014, msg="app secret invalid")
                return _json(code=0, msg="ok", tenant_access_token=self.new_token(), expire=self.lasts)
            case "POST", "/oauth/v3/token":
                return self._of_person(self.body(seen))
            case "GET", "/open-apis/authen/v1/user_info":
                token = (seen.header("authorization") or "").removeprefix("Bearer canary-person-")
                return _json(code=0, msg="success", data={"open_id": "ou_1", "tenant_key": "t-1", "user_id": token})
            case "POST", "/open-apis/im/v1/messages":
                return self._to_person(seen, self.body(seen))
            case "POST", path if path.startswith("/open-apis/bot/v2/hook/"):
                return self._to_robot(path.rpartition("/")[2], seen, self.body(seen))
        return 404, {}, b"no such page"

    def _of_person(self, said: Any) -> Answer:
        """With PKCE (RFC 7636); a code is good once, whether what comes with it is right or not."""
        user, back, challenge = self.codes.pop(said.get("code", ""), ("", "", ""))
        given = hashlib.sha256(said.get("code_verifier", "").encode()).digest()
        right = base64.urlsafe_b64encode(given).decode().rstrip("=") == challenge
        ours = (said.get("client_id"), said.get("client_secret"), said.get("redirect_uri")) == (ID, SECRET, back)
        if said.get("grant_type") != "authorization_code" or not user or not right or not ours:
            return _json(400, code=20003, error="invalid_grant", error_description="The code is invalid.")
        return _json(code=0, access_token=f"canary-person-{user}", expires_in=7200, token_type="Bearer")

    def _to_person(self, seen: Seen, said: Any) -> Answer:
        scheme, _, token = (seen.header("authorization") or "").partition(" ")
        ends = self.tokens.get(token)
        if scheme != "Bearer" or not token:
            return _json(400, code=99991661, msg="Missing access token for authorization")
        if ends is None or self.second >= ends:
            return _json(400, code=99991663, msg="Invalid access token for authorization")
        content = json.loads(said["content"])
        if _query(seen) != {"receive_id_type": "user_id"} or said["msg_type"] != "text" or len(said["uuid"]) > 50:
            return _json(400, code=230001, msg="Your request contains an invalid request parameter")
        if len(seen.body) > 150 * 1024:
            return _json(400, code=230025, msg="The length of the message content reaches its limit")
        if said["receive_id"] not in self.users:
            return _json(400, code=230013, msg="Bot has NO availability to this user")
        if said["uuid"] not in self.by_uuid:
            self.by_uuid[said["uuid"]] = content["text"]
            self.to_people.append((said["receive_id"], content["text"]))
        return _json(code=0, msg="success", data={"message_id": "om_1"})

    def _to_robot(self, key: str, seen: Seen, said: Any) -> Answer:
        if key not in self.robots:
            return _json(400, code=19001, msg="param invalid: incoming webhook access token invalid")
        if len(seen.body) > 20 * 1024:
            return _json(400, code=9499, msg="Bad Request")
        if self.signs is not None and not self._signed(said):
            return _json(400, code=19021, msg="sign match fail or timestamp is not within one hour from current time")
        if said["msg_type"] != "text" or not said["content"]["text"]:
            return _json(400, code=9499, msg="Bad Request")
        if self.too_fast():
            return _json(429, {"x-ogw-ratelimit-reset": "52"}, code=99991400, msg="request trigger frequency limit")
        self.to_group.append(said["content"]["text"])
        return _json(code=0, msg="success", data={}, StatusCode=0, StatusMessage="success")

    def _signed(self, said: Any) -> bool:
        at = said.get("timestamp", "")
        if not at.isdigit() or abs(int(at) - self.second) > 3600:
            return False
        right = hmac.new(f"{at}\n{self.signs}".encode(), digestmod=hashlib.sha256).digest()
        return bool(said.get("sign") == base64.b64encode(right).decode())


@dataclass
class Messengers:
    """The three behind one port, each below its name, and the settings with which an installation finds them."""

    port: int = 0
    wecom: WeComStandIn = field(default_factory=WeComStandIn)
    dingtalk: DingTalkStandIn = field(default_factory=DingTalkStandIn)
    feishu: FeishuStandIn = field(default_factory=FeishuStandIn)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.wecom(scope, receive, send)
            return
        _, provider, rest = scope["path"].split("/", 2)
        await self.of(provider)({**scope, "path": f"/{rest}"}, receive, send)

    def of(self, provider: str) -> MessengerStandIn:
        one: MessengerStandIn = getattr(self, provider)
        return one

    def base(self, provider: str) -> str:
        return f"http://127.0.0.1:{self.port}/{provider}"

    def settings(self) -> dict[str, Any]:
        """As `Settings` takes them."""
        return {
            "messenger_networks": ("127.0.0.0/8",),
            "wecom_url": self.base("wecom"),
            "wecom_corp_id": ID,
            "wecom_secret": SECRET,
            "wecom_agent_id": AGENT,
            "dingtalk_url": self.base("dingtalk"),
            "dingtalk_api_url": self.base("dingtalk"),
            "dingtalk_app_key": ID,
            "dingtalk_app_secret": SECRET,
            "dingtalk_agent_id": AGENT,
            "feishu_url": self.base("feishu"),
            "feishu_app_id": ID,
            "feishu_app_secret": SECRET,
        }

    def robot(self, provider: str, key: str = KEY) -> str:
        """The address of a group's robot, as its owner copies it."""
        rest = {
            "wecom": f"/cgi-bin/webhook/send?key={key}",
            "dingtalk": f"/robot/send?access_token={key}",
            "feishu": f"/open-apis/bot/v2/hook/{key}",
        }
        return self.base(provider) + rest[provider]


@asynccontextmanager
async def messengers() -> AsyncIterator[Messengers]:
    """The three, listening on this machine."""
    three = Messengers()
    async with listening(three) as three.port:
        yield three
