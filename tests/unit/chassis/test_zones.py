import pytest

from chassis.zones import zone_name


@pytest.mark.parametrize("name", ["Asia/Shanghai", "Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires"])
def test_names_of_time_zones_are_known(name):
    assert zone_name(f" {name} ") == name


@pytest.mark.parametrize(
    "name",
    [
        "Shanghai",
        "+08:00",
        "localtime",
        "Factory",
        "posixrules",
        "EST",
        "../etc/passwd",
        "posix/Asia/Shanghai",
        "",
        "Asia/",
    ],
)
def test_what_only_looks_like_a_time_zone_is_none(name):
    with pytest.raises(ValueError):
        zone_name(name)
