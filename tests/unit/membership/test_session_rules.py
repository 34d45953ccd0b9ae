from datetime import UTC, datetime, timedelta

from services.membership.sessions.rules import ABSOLUTE, IDLE, RefreshToken, Verdict, expires_at, judge

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def token(*, started=NOW, issued=NOW, used=None, revoked=None):
    return RefreshToken(family_started_at=started, family_revoked_at=revoked, issued_at=issued, used_at=used)


def test_an_unused_token_gives_a_successor():
    assert judge(token(), NOW + DAY) is Verdict.ROTATE


def test_for_thirty_seconds_after_its_first_use_it_gives_another():
    assert judge(token(used=NOW), NOW + 30 * SECOND) is Verdict.ROTATE


def test_reuse_after_thirty_one_seconds_is_theft():
    assert judge(token(used=NOW), NOW + 31 * SECOND) is Verdict.REUSED


def test_reuse_is_noticed_even_when_the_token_has_long_expired():
    assert judge(token(used=NOW), NOW + 400 * DAY) is Verdict.REUSED


def test_thirty_idle_days_end_it():
    assert judge(token(), NOW + IDLE - SECOND) is Verdict.ROTATE
    assert judge(token(), NOW + IDLE) is Verdict.EXPIRED


def test_ninety_days_after_log_in_no_activity_helps():
    fresh = token(started=NOW, issued=NOW + 89 * DAY)
    assert expires_at(fresh) == NOW + ABSOLUTE
    assert judge(fresh, NOW + ABSOLUTE) is Verdict.EXPIRED


def test_a_session_that_a_provider_began_ends_when_it_was_said_to():
    soon = RefreshToken(NOW, None, issued_at=NOW, used_at=None, family_ends_at=NOW + DAY / 2)
    assert judge(soon, NOW + DAY / 2 - SECOND) is Verdict.ROTATE
    assert judge(soon, NOW + DAY / 2) is Verdict.EXPIRED


def test_a_token_of_a_revoked_family_is_worth_nothing():
    assert judge(token(revoked=NOW, used=NOW), NOW + SECOND) is Verdict.REVOKED
