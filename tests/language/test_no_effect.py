"""A parameter that does nothing yet says so, with its line."""

from __future__ import annotations

import pytest

from tests.modules.running import mistakes

_ROUTE = "request_route { exit; }"


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ('modparam("htable", "enable_dmq", 1)', "enable_dmq has no effect yet"),
        (
            'modparam("nathelper", "natping_socket", "192.0.2.1")',
            "natping_socket has no effect yet",
        ),
        ("enable_tls=yes", "enable_tls has no effect yet"),
        ('modparam("htable", "event_callback", "f")', "event_callback has no effect yet"),
    ],
)
def test_what_has_no_effect_yet_is_named(setting: str, message: str) -> None:
    found = mistakes(_ROUTE, setting, modules=("tm", "nathelper", "htable"))
    assert [each.partition(" (")[0] for each in found] == [message]


@pytest.mark.parametrize(
    "setting",
    [
        'modparam("usrloc", "db_clean_tcp", 0)',
        'modparam("usrloc", "hash_size", 12)',
        "enable_tls=no",
        "children=8",
    ],
)
def test_what_changes_nothing_is_not(setting: str) -> None:
    assert mistakes(_ROUTE, setting, modules=("usrloc",)) == []
