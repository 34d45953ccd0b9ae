"""What somebody logged in from, as they would say it; pure. Families are enough for people to know their own: versions and models are not kept apart."""

from dataclasses import dataclass

_BROWSERS = (
    ("wxwork", "WeCom"),
    ("micromessenger", "WeChat"),
    ("dingtalk", "DingTalk"),
    ("feishu", "Feishu"),
    ("lark/", "Feishu"),
    ("edg", "Edge"),
    ("opr/", "Opera"),
    ("samsungbrowser", "Samsung Internet"),
    ("huaweibrowser", "Huawei Browser"),
    ("miuibrowser", "Mi Browser"),
    ("mqqbrowser", "QQ Browser"),
    ("qqbrowser", "QQ Browser"),
    ("ucbrowser", "UC Browser"),
    ("fxios", "Firefox"),
    ("firefox", "Firefox"),
    ("crios", "Chrome"),
    ("chrome", "Chrome"),
    ("arkweb", "ArkWeb"),
    ("safari", "Safari"),
)
"""The first that a user agent names: nearly all also name Chrome or Safari, which they want to be taken for."""

_SYSTEMS = (
    ("harmony", "HarmonyOS"),
    ("android", "Android"),
    ("iphone", "iOS"),
    ("ipad", "iPadOS"),
    ("windows", "Windows"),
    ("cros", "ChromeOS"),
    ("mac os x", "macOS"),
    ("macintosh", "macOS"),
    ("linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class Device:
    """The families of a browser and of what it runs on, each None where it is none that we know."""

    browser: str | None
    system: str | None


def device_of(user_agent: str | None) -> Device:
    """What a user agent says of itself. It may say anything: nothing is decided by it."""
    said = (user_agent or "").lower()
    return Device(browser=_first(_BROWSERS, said), system=_first(_SYSTEMS, said))


def _first(families: tuple[tuple[str, str], ...], said: str) -> str | None:
    return next((family for word, family in families if word in said), None)
