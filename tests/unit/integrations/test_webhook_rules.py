"""Signatures after Standard Webhooks, the plan of retries, and the receiver that the documentation shows."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from guicang.integrations.webhooks import rules
from tests.receiver import documented

#: The vector of the standard's own libraries.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
ID, AT = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_vector_of_the_standard() -> None:
    assert rules.signature(SECRET, ID, AT, BODY) == SIGNATURE
    assert rules.signature(SECRET.removeprefix("whsec_"), ID, AT, BODY) == SIGNATURE
    with pytest.raises(ValueError, match="no webhook secret"):
        rules.signature("whsec_*", ID, AT, BODY)


def test_every_valid_secret_signs() -> None:
    other = "whsec_" + "QUJD" * 11
    said = rules.headers([other, SECRET], ID, AT, BODY)
    assert said["webhook-signature"].split() == [rules.signature(other, ID, AT, BODY), SIGNATURE]
    assert (said["webhook-id"], said["webhook-timestamp"]) == (ID, str(AT))


def test_the_plan() -> None:
    hour = 3600
    seconds = [5, 300, 1800, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour]
    found = [rules.wait_after(attempt, None, 0.0) for attempt in range(1, 12)]
    assert found == [*(timedelta(seconds=each) for each in seconds), None, None]
    assert rules.wait_after(1, None, 1.0) == timedelta(seconds=5.5)


@pytest.mark.parametrize(("asked", "seconds"), [(None, 5), (0, 5), (3, 5), (120, 120), (10**9, 24 * 3600)])
def test_retry_after_is_honoured_within_bounds(asked: int | None, seconds: int) -> None:
    assert rules.wait_after(1, asked, 0.0) == timedelta(seconds=seconds)
    assert rules.wait_after(10, asked, 0.0) is None


def test_only_2xx_has_arrived() -> None:
    found = [status for status in (0, 100, 199, 200, 204, 299, 300, 304, 400, 410, 500) if rules.arrived(status)]
    assert found == [200, 204, 299]


@pytest.mark.parametrize("language", ["en", "zh"])
class TestTheDocumentedReceiver:
    @pytest.fixture
    def genuine(self, language: str) -> Callable[..., bool]:
        program = documented(language)
        program["SECRET"] = SECRET

        def check(secrets: list[str], body: bytes = BODY, at: int | None = None, **changes: str) -> bool:
            seconds = int(time.time()) if at is None else at
            said = rules.headers(secrets, ID, seconds, BODY)
            return bool(program["is_genuine"](said | {name.replace("_", "-"): v for name, v in changes.items()}, body))

        return check

    def test_takes_what_we_sign(self, genuine: Callable[..., bool]) -> None:
        assert genuine([SECRET])
        assert genuine(["whsec_" + "QUJD" * 11, SECRET])

    def test_takes_nothing_else(self, genuine: Callable[..., bool]) -> None:
        now = int(time.time())
        assert not genuine(["whsec_" + "QUJD" * 11])
        assert not genuine([SECRET], body=BODY + b" ")
        assert not genuine([SECRET], at=now - 400)
        assert not genuine([SECRET], at=now + 400)
        assert not genuine([SECRET], webhook_id="msg_other")
        assert not genuine([SECRET], webhook_timestamp=str(now - 10))
        assert not genuine([SECRET], webhook_signature="v1,")


def test_both_languages_show_the_same_program() -> None:
    english, chinese = documented("en"), documented("zh")
    for name in ("is_genuine", "handle"):
        assert english[name].__code__.co_code == chinese[name].__code__.co_code
    assert json.loads(BODY) == {"test": 2432232314}
