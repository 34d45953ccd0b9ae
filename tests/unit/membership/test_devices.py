import pytest

from services.membership.sessions.devices import Device, device_of

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)
ANDROID = "Mozilla/5.0 (Linux; Android 15; PLK110) AppleWebKit/537.36 Chrome/142 Mobile Safari/537.36"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18 Safari/605.1.15"


@pytest.mark.parametrize(
    ("said", "browser", "system"),
    [
        (CHROME, "Chrome", "Windows"),
        (CHROME + " Edg/142.0.0.0", "Edge", "Windows"),
        (ANDROID, "Chrome", "Android"),
        (ANDROID + " MicroMessenger/8.0", "WeChat", "Android"),
        (ANDROID + " wxwork/4.1 MicroMessenger/7.0", "WeCom", "Android"),
        (MAC, "Safari", "macOS"),
        (MAC.replace("Safari", "Lark/7 Safari"), "Feishu", "macOS"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox", "Linux"),
        ("Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 Chrome/132 ArkWeb/4", "Chrome", "HarmonyOS"),
        ("python-httpx/0.28", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_a_session_is_known_by_the_families_of_what_it_was_begun_with(said, browser, system):
    assert device_of(said) == Device(browser, system)
