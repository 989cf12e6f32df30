from __future__ import annotations

import socket

import pytest

from sipway.core.operands import OPERANDS
from sipway.language.signatures import Routes
from sipway.sip.addresses import sockaddr
from tests.fakes import context, reply, request

OF_A_REQUEST = {
    "af": int(socket.AF_INET), "dst_ip": "192.0.2.9", "dst_port": 5060,
    "from_uri": "sip:alice@caller.example", "method": "OPTIONS", "msg:len": len(request()),
    "proto": 1, "src_ip": "192.0.2.1", "src_port": 5070, "status": None,
    "to_uri": "sip:bob@callee.example", "uri": "sip:bob@callee.example",
}  # fmt: skip


def test_of_a_request() -> None:
    ctx = context()
    values = {name: operand.get(ctx) for name, operand in OPERANDS.items()}
    assert {name: values[name] for name in OF_A_REQUEST} == OF_A_REQUEST


def test_of_what_is_sent() -> None:
    ctx = context()
    names = ["snd_af", "snd_ip", "snd_port", "snd_proto", "to_ip", "to_port", "msg:len"]
    ctx.sending = (b"OPTIONS", sockaddr("198.51.100.7", 5099), ctx.socket)
    assert [OPERANDS[name].get(ctx) for name in names] == [
        int(socket.AF_INET), "192.0.2.9", 5060, 1, "198.51.100.7", 5099, 7
    ]  # fmt: skip
    assert all(OPERANDS[name].routes is Routes.ONSEND for name in names[:-1])


def test_of_a_reply() -> None:
    ctx = context(reply(180, method="INVITE"), source=("2001:db8::1", 5070))
    values = {name: operand.get(ctx) for name, operand in OPERANDS.items()}
    assert (values["status"], values["method"], values["uri"]) == ("180", "INVITE", None)
    assert (values["af"], values["src_ip"]) == (int(socket.AF_INET6), "2001:db8::1")


@pytest.mark.parametrize("name", OPERANDS)
def test_is_listed_under_its_name(name: str) -> None:
    assert OPERANDS[name].name == name


def test_the_uri_as_the_script_left_it() -> None:
    ctx = context()
    ctx.ruri = "sip:n@n"
    assert OPERANDS["uri"].get(ctx) == "sip:n@n"
