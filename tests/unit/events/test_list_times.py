"""Times as they stand in attendance lists."""

from contextlib import suppress
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.days import local_day, moment_at, zone_of
from chassis.imports import RowRefused
from services.events.attendances.list_rules import is_another_name
from services.events.attendances.time_rules import FAR, Span, moment_of, written_time

ZONES = ("Asia/Shanghai", "America/New_York", "Europe/Berlin", "Asia/Kathmandu", "UTC")
WIDE = str.maketrans("0123456789:", "０１２３４５６７８９：")
EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's numbers have no zone


def half(at):
    return ("上午" if at.hour < 12 else "下午") + f"{(at.hour - 1) % 12 + 1}:{at:%M}"


WITH_DAY = {
    "iso": lambda at: f"{at:%Y-%m-%d %H:%M}",
    "iso with a T": lambda at: f"{at:%Y-%m-%dT%H:%M:00}",
    "slashes": lambda at: f"{at.year}/{at.month}/{at.day} {at.hour}:{at:%M}",
    "points": lambda at: f"{at.year}.{at.month}.{at.day} {at.hour}:{at:%M}",
    "chinese": lambda at: f"{at.year}年{at.month}月{at.day}日 {at.hour}时{at.minute}分",
    "chinese, together": lambda at: f"{at.year}年{at.month}月{at.day}日{at.hour}点{at:%M}分",
    "chinese, by halves": lambda at: f"{at.year}年{at.month}月{at.day}日 {half(at)}",
    "with its weekday": lambda at: f"{at.year}年{at.month}月{at.day}日 星期{'一二三四五六日'[at.weekday()]} {half(at)}",
    "without a year": lambda at: f"{at.month}月{at.day}日 {at.hour}:{at:%M}",
    "am and pm": lambda at: f"{at:%Y-%m-%d %I:%M %p}",
    "full width": lambda at: f"{at:%Y-%m-%d}　{at:%H:%M}".translate(WIDE),
    "compact": lambda at: f"{at:%Y%m%d%H%M}",
    "a spreadsheet's number": lambda at: repr((at - EPOCH) / timedelta(days=1)),
    "an offset": None,
}


def span(zone, day, starts, hours):
    begins = moment_at(day, starts, time_zone=zone)
    return Span(begins, begins + timedelta(hours=hours), zone)


@given(
    zone=st.sampled_from(ZONES),
    day=st.dates(min_value=datetime(2000, 1, 1, tzinfo=UTC).date(), max_value=datetime(2099, 12, 1, tzinfo=UTC).date()),
    starts=st.times(),
    hours=st.integers(1, 70),
    part=st.floats(0, 1),
    form=st.sampled_from(sorted(WITH_DAY)),
)
def test_whatever_way_a_time_is_written_with_its_day_it_is_the_same_moment(zone, day, starts, hours, part, form):
    taking_place = span(zone, day, starts.replace(second=0, microsecond=0), hours)
    at = (taking_place.starts_at + part * (taking_place.ends_at - taking_place.starts_at)).replace(
        second=0, microsecond=0
    )
    local = at.astimezone(zone_of(zone)).replace(tzinfo=None)
    if moment_at(local.date(), local.time(), time_zone=zone) != at:
        return  # the second of two such hours: the list does not say which
    write = WITH_DAY[form]
    cell = at.astimezone(zone_of(zone)).isoformat() if write is None else write(local)
    assert moment_of("checked_in_at", written_time("checked_in_at", cell), taking_place) == at


@given(zone=st.sampled_from(ZONES), starts=st.times(), hours=st.integers(1, 12), part=st.floats(0, 1))
def test_a_time_without_a_day_is_of_the_activity_also_past_midnight(zone, starts, hours, part):
    taking_place = span(zone, datetime(2024, 5, 9, tzinfo=UTC).date(), starts.replace(second=0, microsecond=0), hours)
    at = (taking_place.starts_at + part * (taking_place.ends_at - taking_place.starts_at)).replace(
        second=0, microsecond=0
    )
    local = at.astimezone(zone_of(zone))
    for cell in (f"{local:%H:%M}", half(local), repr((local.hour * 60 + local.minute) / 1440)):
        if cell == "0.0":
            continue
        assert moment_of("checked_in_at", written_time("checked_in_at", cell), taking_place) == at


@given(st.text(max_size=30) | st.text("0123456789:：.-/年月日时分点半上下午中晚 +eETZ", max_size=16))
def test_any_text_is_a_time_or_refused(text):
    with suppress(RowRefused):
        found = written_time("checked_in_at", text)
        assert found.moment or found.day or found.at is not None


@pytest.mark.parametrize(
    "cell",
    ["25:00", "9:75", "24:00", "905", "9.05", "0", "-1", "1e400", "晚上12:05", "上午", "上午下午9:00", "已签到",
     "2024-13-01 9:00", "2024-02-30 9:00", "9点半5分", "9:", "12345678901", "2024-05-09 9", "13:05 PM 上午", "５月"],
)  # fmt: skip
def test_what_may_be_two_times_or_none_is_refused(cell):
    with pytest.raises(RowRefused) as refused:
        written_time("checked_out_at", cell)
    assert (refused.value.code, refused.value.values["field"]) == ("not_a_time", "checked_out_at")


def refusal(cell, taking_place):
    with pytest.raises(RowRefused) as refused:
        moment_of("checked_in_at", written_time("checked_in_at", cell), taking_place)
    return refused.value.code


def test_what_is_far_from_the_activity_or_of_several_of_its_days_is_refused():
    one = span("Asia/Shanghai", datetime(2024, 5, 9, tzinfo=UTC).date(), time(12), 2)
    assert timedelta(hours=3) == FAR
    assert moment_of("in", written_time("in", "9:00"), one) == one.starts_at - FAR
    assert moment_of("in", written_time("in", "17:00"), one) == one.ends_at + FAR
    for cell in ("8:59", "17:01", "2023-05-09 12:00", "5月8日 12:00", "2024-05-10", "2024-05-09T12:00:00Z"):
        assert refusal(cell, one) == "outside"
    days = span("Asia/Shanghai", datetime(2024, 5, 9, tzinfo=UTC).date(), time(12), 48)
    assert refusal("13:00", days) == "which_day"
    assert moment_of("in", written_time("in", "2024-05-09"), one) is None
    tenth = moment_of("in", written_time("in", "5月10日"), days)
    assert tenth is not None
    assert local_day(tenth, time_zone="Asia/Shanghai").day == 10


@pytest.mark.parametrize(
    ("written", "known", "another"),
    [
        ("张伟", "张伟", False),
        ("张 伟", "张伟（市场部）", False),
        ("Zhang Wei", "ZHANG WEI", False),
        ("张伟", "李娜", True),
        ("张伟", None, False),
        ("", "李娜", False),
    ],
)
def test_names_are_of_one_person_where_one_is_part_of_the_other(written, known, another):
    assert is_another_name(written, known) is another
