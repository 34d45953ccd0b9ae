"""Logging in by WeCom, DingTalk or Feishu: where people are sent, and as whom the company's directory there knows who comes back.

Who is in no directory of the company's own app is refused: friends of somebody there, guests, people of other companies.
"""

import base64
import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from chassis.provider_settings import DingTalkSettings, FeishuSettings, MessengerBase, WeComSettings
from chassis.runtime import Runtime
from services.membership.messengers.messenger import App, Call, Provider, number_in
from services.membership.messengers.sending import Answer, called, fetched, messenger
from services.membership.messengers.tokens import Tokens
from services.membership.providers.interface import Asked, Identified
from services.membership.providers.problems import PROVIDER_REFUSED, PROVIDER_UNAVAILABLE

USER_ID = "user_id"
"""The kind of id: the one by which messages reach people, too."""
_STALE = frozenset({40014, 41001, 42001})
_BESIDE = 88
_NOT_OURS = frozenset({40029, 60121, 33012})
"""The code is used, old or invented, or its person is nobody of the company."""


class ByMessenger:
    """What the three have in common."""

    provider: Provider
    proves_again = False
    """They say nothing of when somebody proved who they are."""

    def __init__(self, runtime: Runtime, settings: MessengerBase) -> None:
        self.runtime = runtime
        self.settings = settings
        self.code = settings.code
        self.names: Mapping[str, str] = {"zh-CN": settings.names.zh, "en": settings.names.en}
        self._secret = settings.client_secret.get_secret_value() if settings.client_secret is not None else ""
        self._tokens = Tokens()

    def identified(self, user_id: object, tenant: object = "") -> Identified:
        """Raises `PROVIDER_REFUSED` for nobody."""
        if not isinstance(user_id, str) or not user_id or not isinstance(tenant, str):
            raise PROVIDER_REFUSED()
        return Identified(
            provider=self.code,
            tenant=tenant,
            kind=USER_ID,
            subject=user_id,
            employee_no=user_id if self.settings.user_id_is_employee_no else None,
            lasts=timedelta(hours=self.settings.session_hours),
        )

    async def asked(self, call: Call) -> Answer:
        """Raises `PROVIDER_UNAVAILABLE` where nothing that can be read comes back."""
        answer = await called(self.runtime.settings, self.provider, call)
        if not isinstance(answer, Answer):
            raise PROVIDER_UNAVAILABLE()
        return answer

    async def asked_as_app(self, call: Any) -> Mapping[str, Any]:
        """What `call`, given the app's token, is answered; with a new one where it is not known any more."""
        settings = self.runtime.settings
        there, ours = messenger(settings, self.provider), App(self.settings.client_id, self._secret)
        stale: str | None = None
        for _ in range(2):
            token = await self._tokens.of(ours.id, lambda: fetched(settings, there, ours), not_this=stale)
            if token is None:
                break
            said = (await self.asked(call(token))).said
            if _number(said) not in _STALE:
                return said
            stale = token
        raise PROVIDER_UNAVAILABLE()


class WeComLogin(ByMessenger):
    """WeCom: a code stands for somebody, and the company's app asks for whom. No PKCE there."""

    provider: Provider = "wecom"

    def __init__(self, runtime: Runtime, settings: WeComSettings) -> None:
        super().__init__(runtime, settings)
        self._page, self._agent = settings.login_url, settings.agent_id

    async def authorization_url(self, asked: Asked) -> str:
        """WeCom's page with a code to scan."""
        query = {
            "login_type": "CorpApp",
            "appid": self.settings.client_id,
            "agentid": str(self._agent),
            "redirect_uri": asked.redirect_uri,
            "state": asked.state,
        }
        return f"{self._page}?{urlencode(query)}"

    async def identify(self, code: str, asked: Asked, *, issuer: str | None = None) -> Identified:
        """A member of the company; for others WeCom says another kind of id."""
        base = self.runtime.settings.wecom_url.rstrip("/")

        def who(token: str) -> Call:
            return Call(f"{base}/cgi-bin/auth/getuserinfo?{urlencode({'access_token': token, 'code': code})}")

        said = await self.asked_as_app(who)
        _check(_number(said))
        return self.identified(said.get("userid"))


class DingTalkLogin(ByMessenger):
    """DingTalk: the code is changed for a token of the person, who is looked for among the company's own. No PKCE there."""

    provider: Provider = "dingtalk"

    def __init__(self, runtime: Runtime, settings: DingTalkSettings) -> None:
        super().__init__(runtime, settings)
        self._page = settings.login_url

    async def authorization_url(self, asked: Asked) -> str:
        """DingTalk's page with a code to scan."""
        query = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "scope": "openid",
            "prompt": "consent",
            "redirect_uri": asked.redirect_uri,
            "state": asked.state,
        }
        return f"{self._page}?{urlencode(query)}"

    async def identify(self, code: str, asked: Asked, *, issuer: str | None = None) -> Identified:
        """Somebody of the company, not one of its contacts outside."""
        api = self.runtime.settings.dingtalk_api_url.rstrip("/")
        exchange = {
            "clientId": self.settings.client_id,
            "clientSecret": self._secret,
            "code": code,
            "grantType": "authorization_code",
        }
        token = (await self.asked(Call(f"{api}/v1.0/oauth2/userAccessToken", exchange))).said
        if str(token.get("code", "")).startswith("invalidParameter.authCode"):
            raise PROVIDER_REFUSED()
        bearer = {"x-acs-dingtalk-access-token": _text(token, "accessToken")}
        me = (await self.asked(Call(f"{api}/v1.0/contact/users/me", headers=bearer))).said
        union_id, base = _text(me, "unionId"), self.runtime.settings.dingtalk_url.rstrip("/")

        def who(ours: str) -> Call:
            where = f"{base}/topapi/user/getbyunionid?{urlencode({'access_token': ours})}"
            return Call(where, {"unionid": union_id})

        said = await self.asked_as_app(who)
        _check(_number(said))
        found = said.get("result")
        if not isinstance(found, dict) or found.get("contact_type") != 0:
            raise PROVIDER_REFUSED()
        return self.identified(found.get("userid"))


class FeishuLogin(ByMessenger):
    """Feishu: OAuth 2.0 with PKCE, then who the token's person is."""

    provider: Provider = "feishu"

    def __init__(self, runtime: Runtime, settings: FeishuSettings) -> None:
        super().__init__(runtime, settings)
        self._accounts = settings.accounts_url.rstrip("/")

    async def authorization_url(self, asked: Asked) -> str:
        """Feishu's page of consent."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(asked.verifier.encode()).digest()).decode().rstrip("=")
        query = {
            "client_id": self.settings.client_id,
            "response_type": "code",
            "redirect_uri": asked.redirect_uri,
            "state": asked.state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{self._accounts}/open-apis/authen/v1/authorize?{urlencode(query)}"

    async def identify(self, code: str, asked: Asked, *, issuer: str | None = None) -> Identified:
        """A person of the company's tenant. The app needs the right to read user ids there."""
        exchange = {
            "grant_type": "authorization_code",
            "client_id": self.settings.client_id,
            "client_secret": self._secret,
            "code": code,
            "redirect_uri": asked.redirect_uri,
            "code_verifier": asked.verifier,
        }
        token = (await self.asked(Call(f"{self._accounts}/oauth/v3/token", exchange))).said
        if token.get("error") == "invalid_grant":
            raise PROVIDER_REFUSED()
        bearer = {"Authorization": f"Bearer {_text(token, 'access_token')}"}
        base = self.runtime.settings.feishu_url.rstrip("/")
        said = (await self.asked(Call(f"{base}/open-apis/authen/v1/user_info", headers=bearer))).said
        found = said.get("data")
        if number_in(said, "code") != 0 or not isinstance(found, dict):
            raise PROVIDER_UNAVAILABLE()
        return self.identified(found.get("user_id"), found.get("tenant_key", ""))


def _number(said: Mapping[str, Any]) -> int | None:
    """How it went; DingTalk says 88 where the number stands beside it."""
    number, beside = number_in(said, "errcode"), said.get("sub_code")
    if number == _BESIDE and isinstance(beside, str) and beside.isascii() and beside.isdigit():
        return int(beside)
    return number


def _check(number: int | None) -> None:
    if number in _NOT_OURS:
        raise PROVIDER_REFUSED()
    if number != 0:
        raise PROVIDER_UNAVAILABLE()


def _text(said: Mapping[str, Any], name: str) -> str:
    """Raises `PROVIDER_UNAVAILABLE` where there is none: it is also written into a header."""
    found = said.get(name)
    if not isinstance(found, str) or not found or not found.isascii() or not found.isprintable():
        raise PROVIDER_UNAVAILABLE()
    return found
