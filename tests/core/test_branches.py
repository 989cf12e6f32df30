"""Branches as data, and $br, $bR, $ds, $branch, $sbranch of them."""

from __future__ import annotations

import pytest

from sipway.core.branches import NO_Q, Branch, add_branch, destination_set, q_text
from sipway.core.extras import main_branch
from sipway.core.settings import Settings
from sipway.core.sockets import ListenSocket
from tests.fakes import context, read, write
from tests.modules.running import mistakes


@pytest.mark.parametrize(
    ("q", "text"),
    [(NO_Q, ""), (0, "0"), (1, "0.001"), (10, "0.01"), (120, "0.12"), (500, "0.5"), (999, "0.999"),
     (1000, "1"), (1001, "1")],
)  # fmt: skip
def test_q_values(q: int, text: str) -> None:
    assert q_text(q) == text


def test_there_are_no_more_branches_than_allowed() -> None:
    for settings, most in ((Settings(), 12), (Settings(max_branches=3), 3)):
        ctx = context(settings=settings)
        for number in range(most - 1):
            write(ctx, "br", f"sip:{number}@x")
        with pytest.raises(ValueError, match=f"no more than {most}"):
            add_branch(ctx, Branch("sip:one@more"))
        assert read(ctx, "branch", "count") == most - 1


def test_the_destination_set() -> None:
    ctx = context()
    assert destination_set(ctx) is None
    assert (read(ctx, "ds"), read(ctx, "br"), read(ctx, "bR")) == (None, None, None)
    add_branch(ctx, Branch("sip:b@x", q=500))
    add_branch(ctx, Branch("sip:c@x"))
    assert read(ctx, "ds") == "Contact: <sip:b@x>;q=0.5, <sip:c@x>"
    assert read(ctx, "bR") == "<sip:b@x>;q=0.5, sip:c@x"
    ctx.ruri = "sip:a@x"
    assert destination_set(ctx) == "<sip:a@x>, <sip:b@x>;q=0.5, <sip:c@x>"
    main_branch(ctx).q = 1000
    assert destination_set(ctx) == "<sip:a@x>;q=1, <sip:b@x>;q=0.5, <sip:c@x>"


def test_all_that_a_branch_has() -> None:
    ctx = context(socket=ListenSocket("udp", "192.0.2.9", 5060, name="s"))
    add_branch(ctx, Branch("sip:b@x"))
    parts = ("uri", "dst_uri", "path", "q", "send_socket", "flags", "ruid", "location_ua",
             "instance", "otcpid", "count")  # fmt: skip
    assert [read(ctx, "branch", part) for part in parts] == [
        "sip:b@x", None, None, None, None, 0, None, None, None, 0, 1,
    ]  # fmt: skip
    for part, value in (
        ("dst_uri", "sip:d"), ("path", "<sip:p;lr>"), ("q", 7), ("flags", -1), ("otcpid", 3),
        ("send_socket", "udp:192.0.2.9:5060"), ("ruid", "r"), ("instance", "i"), ("count", 9),
    ):  # fmt: skip
        write(ctx, "branch", value, part)
    assert [read(ctx, "branch", part) for part in parts] == [
        "sip:b@x", "sip:d", "<sip:p;lr>", 7, "udp:192.0.2.9:5060", 0xFFFFFFFF, None, None, None, 3,
        1,
    ]  # fmt: skip
    write(ctx, "branch", "udp:192.0.2.1:5060", "send_socket")
    assert read(ctx, "branch", "send_socket") is None


@pytest.mark.parametrize(
    ("part", "value"),
    [("uri", 5), ("dst_uri", 5), ("path", 5), ("q", "x"), ("flags", "x"), ("otcpid", "x"),
     ("send_socket", 5), ("send_socket", "x:y:z")],
)  # fmt: skip
def test_a_branch_is_not_set_to_anything(part: str, value: int | str) -> None:
    ctx = context()
    write(ctx, "br", "sip:b@x")
    with pytest.raises(ValueError, match=r"\w \w"):
        write(ctx, "branch", value, part)
    assert read(ctx, "bR") == "sip:b@x"


def test_branches_are_counted_from_both_ends_and_taken_out_by_null() -> None:
    ctx = context()
    for name in "abc":
        write(ctx, "br", f"sip:{name}")
    assert [read(ctx, "branch", "uri", at) for at in (None, 0, 2, -1, -3, 3, -4, "*")] == [
        "sip:a", "sip:a", "sip:c", "sip:c", "sip:a", None, None, "sip:a",
    ]  # fmt: skip
    write(ctx, "branch", None, "uri", 1)
    write(ctx, "branch", None, "uri", 9)
    assert read(ctx, "bR") == "sip:a, sip:c"


@pytest.mark.parametrize("value", [None, "", 5])
def test_a_branch_is_added_by_its_uri(value: int | str | None) -> None:
    with pytest.raises(ValueError, match="the URI of one more branch"):
        write(context(), "br", value)


def test_the_static_branch_is_null_until_it_has_a_uri() -> None:
    ctx = context()
    write(ctx, "sbranch", "sip:d", "dst_uri")
    assert (read(ctx, "sbranch", "dst_uri"), read(ctx, "sbranch", "count")) == (None, 0)
    write(ctx, "sbranch", "sip:s", "uri")
    assert (read(ctx, "sbranch", "dst_uri"), read(ctx, "sbranch", "q")) == ("sip:d", 0)
    write(ctx, "sbranch", None, "uri")
    assert read(ctx, "sbranch", "dst_uri") is None
    assert ctx.branches is None


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ('xlog("$branch(x)");', "a branch has uri, dst_uri"),
        ('xlog("$sbranch(x)");', "a branch has uri, dst_uri"),
        ('$bR = "sip:x";', "cannot be assigned to"),
        ('$ds = "sip:x";', "cannot be assigned to"),
        ('xlog("$branch");', "needs a name"),
    ],
)
def test_mistakes_are_found_before_the_script_runs(code: str, message: str) -> None:
    found = mistakes(f"request_route {{ {code} }}")
    assert len(found) == 1
    assert message in found[0]
