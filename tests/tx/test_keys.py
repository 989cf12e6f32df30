from __future__ import annotations

import pytest

from sipway.sip.message import parse
from sipway.tx.keys import branch_of, branch_parameter, invite_key, request_key
from tests.tx.wire import request, request_bytes


def test_a_retransmission_has_the_same_key() -> None:
    assert request_key(request()) == request_key(request())


@pytest.mark.parametrize(
    "other",
    [
        request(branch="z9hG4bKclient2"),
        request(sent_by="192.0.2.1:5071"),
        request(sent_by="192.0.2.2:5070"),
        request("MESSAGE"),
    ],
    ids=["branch", "port", "host", "method"],
)
def test_another_request_has_another_key(other: object) -> None:
    assert request_key(other) != request_key(request())  # type: ignore[arg-type]


def test_ack_and_cancel_belong_to_the_invite() -> None:
    key = request_key(request())
    assert invite_key(request("ACK", to_tag="b1")) == key
    assert invite_key(request("CANCEL")) == key
    assert request_key(request("CANCEL")) != key


def test_a_host_is_the_same_in_any_case() -> None:
    assert request_key(request(sent_by="Phone.Example")) == request_key(
        request(sent_by="phone.example")
    )


@pytest.mark.parametrize("branch", ["1", "z9hg4bK1", "z9hG4bK", ""])
def test_clients_of_rfc_2543(branch: str) -> None:
    key = request_key(request(branch=branch))
    assert key == request_key(request(branch=branch))
    assert key == invite_key(request("ACK", branch=branch, to_tag="made-by-the-server"))
    data = request_bytes(branch=branch)
    for old, new in (
        (b"CSeq: 1", b"CSeq: 2"),
        (b"tag=a1", b"tag=a2"),
        (b"call-1", b"call-2"),
        (b"INVITE sip:bob", b"INVITE sip:eve"),
    ):
        assert request_key(parse(data.replace(old, new, 1))) != key


def test_our_branches_say_whose_they_are() -> None:
    branch = branch_parameter(b"0123456789abcdef", 12)
    assert branch_of(request(branch=branch.decode())) == (b"0123456789abcdef", 12)


@pytest.mark.parametrize(
    "branch",
    ["", "z9hG4bK", "z9hG4bKabc", "z9hG4bKabc.", "z9hG4bKabc.x", "z9hG4bKabc.99999", "abc.1"],
)
def test_what_is_not_ours_is_nobodys(branch: str) -> None:
    assert branch_of(request(branch=branch)) == (b"", -1)
