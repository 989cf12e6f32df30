"""registrar without a server: what the comparison with Kamailio does not reach."""

from __future__ import annotations

import pytest

from sipway.core.commands.process import ServerProcess
from sipway.core.context import Context
from sipway.core.sockets import ListenSocket
from sipway.errors import StoreError
from sipway.language.signatures import Routes
from sipway.sip.addresses import sockaddr
from sipway.sip.message import parse
from sipway.stores.memory import MemoryTable
from tests.fakes import reply, request
from tests.modules.pinging import peers_of
from tests.modules.running import NOW, context, load, mistakes

_MODULES = ("usrloc", "registrar")
_INSTANCE = "urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF"


def _register(
    *contacts: str, user: str = "alice", cseq: int = 1, extra: str = "", call_id: str = "call-1"
) -> bytes:
    lines = "".join(f"Contact: {each}\r\n" for each in contacts) + extra
    return request(
        "REGISTER",
        "sip:example.org",
        to=f"<sip:{user}@example.org>",
        cseq=f"{cseq} REGISTER",
        call_id=call_id,
        extra=lines,
    )


class _Server:
    """A script that runs on one message after the other."""

    def __init__(self, code: str, parameters: str = "", more: str = "") -> None:
        self.program, self.log, self.socket = load(
            f"request_route {{ {code} }} {more}", parameters=parameters, modules=_MODULES
        )

    def say(self, data: bytes, *, seconds: float = 0.0) -> Context:
        ctx = context(self.program, data)
        ctx.now = NOW + seconds
        route = self.program.request_route
        assert route is not None
        route(ctx)
        return ctx

    @property
    def answer(self) -> str:
        """The last that was sent."""
        return self.socket.outgoing[-1][0].decode("utf-8", "surrogateescape")

    @property
    def lines(self) -> list[str]:
        return [text.removeprefix("<script>: ").rstrip("\n") for _, text in self.log.written]


def _contact_of(answer: str) -> str:
    found = [line for line in answer.split("\r\n") if line.startswith("Contact: ")]
    return found[0].removeprefix("Contact: ") if found else ""


_SAVE = 'if (is_method("REGISTER")) { save("location"); exit; } '
_LOOK = 'lookup("location"); xlog("$rc $ru $du\\n");'


def test_what_was_saved_is_found_until_it_expires() -> None:
    server = _Server(_SAVE + _LOOK)
    server.say(_register("<sip:a@192.0.2.1>;expires=100"))
    assert _contact_of(server.answer) == "<sip:a@192.0.2.1>;expires=100"
    server.say(request("INVITE", "sip:ALICE@anything.example"), seconds=99)
    server.say(request("INVITE", "sip:alice@anything.example"), seconds=101)
    assert server.lines == [
        "1 sip:a@192.0.2.1 <null>",
        "-1 sip:alice@anything.example <null>",
    ]


def test_expired_contacts_count_where_the_script_says_so() -> None:
    server = _Server(_SAVE + _LOOK, 'modparam("registrar", "use_expired_contacts", 1)')
    server.say(_register("<sip:a@192.0.2.1>;expires=100"))
    server.say(request("INVITE", "sip:alice@x.example"), seconds=101)
    assert server.lines == ["1 sip:a@192.0.2.1 <null>"]


def test_the_same_cseq_again_is_answered_as_before_for_a_while() -> None:
    server = _Server(_SAVE)
    server.say(_register("<sip:a@192.0.2.1>;expires=100", cseq=7))
    server.say(_register("<sip:a@192.0.2.1>;expires=100", cseq=7), seconds=19)
    assert _contact_of(server.answer) == "<sip:a@192.0.2.1>;expires=81"
    server.say(_register("<sip:a@192.0.2.1>;expires=100", cseq=7), seconds=21)
    assert server.answer.startswith("SIP/2.0 400 ")
    assert "P-Registrar-Error: Invalid CSeq number\r\n" in server.answer
    # After a contact has expired nobody knows what came before.
    server.say(_register("<sip:a@192.0.2.1>;expires=100", cseq=6), seconds=101)
    assert server.answer.startswith("SIP/2.0 200 ")


def test_a_range_takes_some_off_by_chance() -> None:
    parameters = (
        'modparam("registrar", "expires_range", 50)'
        'modparam("registrar", "default_expires_range", 100)'
    )
    server = _Server('save("location", "$hdr(Flags)");', parameters)
    seen = set()
    for number in range(200):
        server.say(_register("<sip:a@x>;expires=1000", cseq=number, extra="Flags: 0\r\n"))
        seen.add(int(_contact_of(server.answer).rpartition("=")[2]))
    assert 500 <= min(seen) < 600
    assert 900 < max(seen) <= 1000
    server.say(_register("<sip:a@x>;expires=1000", cseq=500, extra="Flags: 0x08\r\n"))
    assert _contact_of(server.answer) == "<sip:a@x>;expires=1000"
    server.say(_register("<sip:a@x>", cseq=501, extra="Flags: 0x08\r\n"))
    assert _contact_of(server.answer) == "<sip:a@x>;expires=3600"


def test_an_address_of_a_phone_finds_that_phone() -> None:
    server = _Server(_SAVE + _LOOK)
    server.say(_register("<sip:one@192.0.2.1>"))
    instance = f'+sip.instance="<{_INSTANCE}>"'
    server.say(_register(f"<sip:two@192.0.2.2>;{instance}", extra="Supported: gruu\r\n", cseq=2))
    answer = server.answer
    public = answer.partition('pub-gruu="')[2].partition('"')[0]
    temporary = answer.partition('temp-gruu="')[2].partition('"')[0]
    assert public == f"sip:alice@example.org;gr={_INSTANCE}"
    assert "alice" not in temporary
    for uri in (public, temporary, "sip:alice@example.org;gr=urn:uuid:1", "sip:uloc-1-1@x;gr"):
        server.say(request("INVITE", uri))
    assert [line[:22] for line in server.lines] == [
        "1 sip:two@192.0.2.2 <n", "1 sip:two@192.0.2.2 <n", "-1 sip:alice@example.o",
        "-1 sip:uloc-1-1@x;gr <",
    ]  # fmt: skip
    # Neither finds it once it is gone, or its instance has another contact.
    server.say(_register("*", extra="Expires: 0\r\n", cseq=3))
    server.say(request("INVITE", temporary))
    assert server.lines[-1].startswith("-1 ")


def test_what_an_xavp_says_is_kept_with_a_contact() -> None:
    parameters = (
        'modparam("usrloc", "xavp_contact", "ul")modparam("registrar", "xavp_rcd", "rcd")'
        'modparam("registrar", "xavp_rcd_mask", 1)'
    )
    server = _Server(
        'if (is_method("REGISTER")) { $xavp(ul=>a) = "ü"; $xavp(ul[0]=>n) = 7; save("location");'
        ' xlog("$xavp(rcd=>contact) $xavp(rcd=>ruid)\\n"); exit; }'
        ' registered("location", "$ru", 0, 1); xlog("$xavp(ul=>a) $xavp(ul=>n)\\n");'
        ' registered("location", "$ru", 0, 2); $xavp(ul) = $null; $xavp(rcd) = $null;'
        ' lookup("location"); xlog("$xavp(ul=>a) $xavp(rcd=>contact) $xavp(rcd=>path)\\n");',
        parameters,
    )
    server.say(_register("<sip:a@192.0.2.1>"))
    server.say(request("INVITE", "sip:alice@x.example"))
    assert server.lines == [
        "sip:a@192.0.2.1 <null>", "ü 7", "ü sip:a@192.0.2.1 <null>",
    ]  # fmt: skip


def test_registered_may_want_more_to_match() -> None:
    server = _Server(
        _SAVE + '$xavp(reg=>match_callid) = $ci; $xavp(reg[0]=>match_contact) = "sip:a@192.0.2.1";'
        ' if (registered("location", "$ru", 1)) xlog("call\\n");'
        ' if (registered("location", "$ru", 4)) xlog("contact\\n");'
        ' if (registered("location", "$ru", 5)) xlog("both\\n");'
        ' if (registered("location", "$ru", 2)) xlog("no value, no condition\\n");',
        'modparam("registrar", "xavp_cfg", "reg")',
    )
    server.say(_register("<sip:a@192.0.2.1>", call_id="one"))
    server.say(_register("<sip:b@192.0.2.1>", call_id="two"))
    server.say(request("INVITE", "sip:alice@x.example", call_id="two"))
    assert server.lines == ["call", "contact", "no value, no condition"]


def test_contacts_as_xavps() -> None:
    server = _Server(
        _SAVE + 'lookup_xavp("location", "$ru", "rul", "cul");'
        ' xlog("$rc $xavp(rul=>aor) $xavp(rul=>count) $xavp(cul=>uri) $xavp(cul[1]=>uri)'
        ' $xavp(cul=>socket) $xavp(cul=>dsturi)\\n");'
        ' lookup_xavp("location", "sip:bob@x", "rul", "cul"); xlog("$rc\\n");'
        ' lookup_xavp("location", "nonsense", "rul", "cul"); xlog("$rc\\n");'
    )
    server.say(_register('<sip:a@192.0.2.1>;q=0.1, <sip:b@192.0.2.1>;received="sip:9.9.9.9"'))
    server.say(request("INVITE", "sip:alice@x.example"))
    assert server.lines == [
        "1 alice 2 sip:a@192.0.2.1 sip:b@192.0.2.1 udp:192.0.2.9:5060 <null>", "-1", "-3",
    ]  # fmt: skip


def test_whether_a_message_comes_from_where_the_user_is() -> None:
    server = _Server(
        _SAVE + 'if (reg_from_user("location", "$ru", 0)) xlog("host\\n");'
        ' if (reg_from_user("location", "$ru", 1)) xlog("port\\n");'
        ' if (reg_from_user("location", "$ru", 2)) xlog("protocol\\n");'
        ' if (reg_from_user("location", "$ru", 3)) xlog("all\\n");'
    )
    server.say(_register("<sip:a@192.0.2.1:5070;transport=tcp>"))
    server.say(request("INVITE", "sip:alice@x.example"))
    assert server.lines == ["host", "port"]
    server.log.written.clear()
    server.say(_register('<sip:a@9.9.9.9>;received="sip:192.0.2.1:5071"', user="bob"))
    server.say(request("INVITE", "sip:bob@x.example"))
    assert server.lines == ["host", "protocol"]
    server.log.written.clear()
    server.say(request("INVITE", "sip:carol@x.example"))
    assert server.lines == []


def test_filters_of_lookup() -> None:
    parameters = (
        'modparam("registrar", "xavp_cfg", "reg")modparam("registrar", "lookup_filter_mode", 1)'
    )
    server = _Server(
        'if (is_method("REGISTER")) { if ($hdr(Flag) != $null) setbflag(3); save("location");'
        " exit; }"
        f" $xavp(reg=>rlf_bflags) = 8; {_LOOK} $xavp(reg[0]=>rlf_bflags) = 4; {_LOOK}",
        parameters,
    )
    server.say(_register("<sip:a@192.0.2.1>"))
    server.say(_register("<sip:b@192.0.2.1>", cseq=2, extra="Flag: 1\r\n"))
    server.say(request("INVITE", "sip:alice@x.example"))
    assert [line[:19] for line in server.lines] == ["1 sip:b@192.0.2.1 <", "-1 sip:b@192.0.2.1 "]


def test_contacts_whose_connection_has_gone_may_be_left_out() -> None:
    server = _Server(
        'if (is_method("REGISTER")) { $xavp(reg=>tcpconn_id) = 7; save("location"); exit; }'
        + _LOOK,
        'modparam("registrar", "lookup_filter_mode", 2)modparam("registrar", "xavp_cfg", "reg")',
    )
    server.say(_register("<sip:a@192.0.2.1;transport=tcp>"))
    server.say(request("INVITE", "sip:alice@x.example"))
    server.socket.connections = {b"somebody": 7}
    server.program.process = ServerProcess(peer_of=peers_of([server.socket]))
    server.say(request("INVITE", "sip:alice@x.example"))
    assert [line[:2] for line in server.lines] == ["-1", "1 "]


def test_branches_are_looked_up_too() -> None:
    server = _Server(
        _SAVE + 'append_branch("sip:bob@x.example"); append_branch("sip:other@x.example");'
        ' lookup_branches("location"); xlog("$rc $ru\\n");'
        ' xlog("$(branch(uri)[*])\\n"); xlog("$branch(count)\\n");'
    )
    server.say(_register("<sip:a2@192.0.2.1>, <sip:a@192.0.2.1>"))
    server.say(_register("<sip:b@192.0.2.1>", user="bob"))
    ctx = server.say(request("INVITE", "sip:alice@x.example"))
    assert server.lines[0] == "1 sip:a@192.0.2.1"
    assert [each.uri for each in ctx.branches or ()] == [
        "sip:a2@192.0.2.1", "sip:b@192.0.2.1", "sip:other@x.example",
    ]  # fmt: skip


def test_a_path_of_our_own_is_left_out() -> None:
    server = _Server(
        _SAVE + _LOOK,
        'modparam("registrar", "use_path", 1)modparam("registrar", "path_mode", 0)'
        'modparam("registrar", "path_check_local", 1)',
    )
    server.say(
        _register("<sip:a@1.1.1.1>", extra="Path: <sip:192.0.2.9;lr>, <sip:p@2.2.2.2;lr>\r\n")
    )
    server.say(_register("<sip:b@1.1.1.1>", extra="Path: <sip:192.0.2.9;lr>\r\n", user="bob"))
    server.say(request("INVITE", "sip:alice@x.example"))
    server.say(request("INVITE", "sip:bob@x.example"))
    assert server.lines == ["1 sip:a@1.1.1.1 sip:p@2.2.2.2;lr", "1 sip:b@1.1.1.1 <null>"]


def test_a_socket_may_be_told_by_a_header_or_an_xavp() -> None:
    server = _Server(
        "if ($hdr(Flag) != $null) setflag(5); if ($hdr(X) != $null) $xavp(reg=>socket) = $hdr(X);"
        ' save("location"); reg_fetch_contacts("location", "$tu", "p");'
        ' xlog("$ulc(p=>socket)\\n");',
        'modparam("registrar", "sock_flag", 5)modparam("registrar", "sock_hdr_name", "Sock")'
        'modparam("registrar", "xavp_cfg", "reg")',
    )
    came_by = ListenSocket("udp", "192.0.2.8", 5)
    route = server.program.request_route
    assert route is not None
    for number, extra in enumerate(
        (
            "Sock: udp:192.0.2.9:5060\r\n",
            "Flag: 1\r\nSock: udp:192.0.2.9:5060\r\n",
            "Flag: 1\r\nSock: nonsense\r\n",
            "Flag: 1\r\nSock: udp:192.0.2.9:99999\r\n",
            "X: 192.0.2.9:5060\r\n",
            "X: tcp:192.0.2.9:5060\r\n",  # that is none of ours
        )
    ):
        message = parse(_register("<sip:a@1.1.1.1>", cseq=number, extra=extra))
        source = sockaddr("192.0.2.1", 5070)
        route(Context(message, server.program, came_by, source, NOW, Routes.REQUEST.value))
    own, told = "udp:192.0.2.8:5", "udp:192.0.2.9:5060"
    assert server.lines == [own, told, own, own, told, own]


@pytest.mark.parametrize(("q", "status"), [(0, 200), (1000, 200), (1001, 400), (-1, 400)])
def test_a_q_value_of_an_xavp_is_one(q: int, status: int) -> None:
    server = _Server(
        f'$xavp(reg=>q) = {q}; save("location");', 'modparam("registrar", "xavp_cfg", "reg")'
    )
    server.say(_register("<sip:a@192.0.2.1>"))
    assert server.answer.startswith(f"SIP/2.0 {status} ")


def test_an_id_alone_removes_nothing_from_the_store() -> None:
    server = _Server(
        _SAVE + 'unregister("location", "", "uloc-1"); xlog("$rc\\n");'
        ' unregister("location", ""); xlog("$rc\\n");'
        ' unregister("location", "nonsense", "uloc-1"); xlog("$rc\\n");'
    )
    server.say(request("INVITE", "sip:alice@x.example"))
    assert server.lines == ["-2", "-1", "-1"]


@pytest.mark.parametrize(("flags", "found"), [(2, "1"), (4, "-1"), (6, "1"), (0, "1")])
def test_no_flags_filter_nothing(flags: int, found: str) -> None:
    server = _Server(
        f"setbflag(1); {_SAVE} $xavp(reg=>rlf_bflags) = {flags};"
        ' lookup("location"); xlog("$rc\\n");',
        'modparam("registrar", "xavp_cfg", "reg")modparam("registrar", "lookup_filter_mode", 1)',
    )
    server.say(_register("<sip:a@192.0.2.1>"))
    server.say(request("INVITE", "sip:alice@x.example"))
    assert server.lines == [found]


def test_a_negative_place_among_fetched_contacts_is_the_first() -> None:
    shown = " ".join(f"$(ulc(p=>addr)[{each}])" for each in (0, 1, 2, -1, -9))
    server = _Server(_SAVE + f'reg_fetch_contacts("location", "$ru", "p"); xlog("{shown}\\n");')
    server.say(_register("<sip:b@x>, <sip:a@x>"))
    server.say(request("INVITE", "sip:alice@x.example"))
    assert server.lines == ["sip:a@x sip:b@x <null> sip:a@x sip:a@x"]


@pytest.mark.parametrize(("seconds", "kept"), [(30, 60), (70, 70), (500, 90)])
def test_a_time_of_an_xavp_is_within_the_limits(seconds: int, kept: int) -> None:
    server = _Server(
        f'$xavp(reg=>expires) = {seconds}; save("location");',
        'modparam("registrar", "xavp_cfg", "reg")modparam("registrar", "max_expires", 90)',
    )
    server.say(_register("<sip:a@192.0.2.1>;expires=80"))
    assert _contact_of(server.answer) == f"<sip:a@192.0.2.1>;expires={kept}"


def test_an_answer_of_the_script_has_what_save_prepared_unless_that_refused() -> None:
    server = _Server('save("location", "0x12"); sl_send_reply("200", "Mine");')
    server.say(_register("<sip:a@192.0.2.1>"))
    assert _contact_of(server.answer) == "<sip:a@192.0.2.1>;expires=3600"
    server.say(_register("<sip:a@192.0.2.1>;q=7", cseq=2))
    assert server.answer.startswith("SIP/2.0 200 Mine")
    assert "Contact:" not in server.answer
    assert "P-Registrar-Error" not in server.answer


@pytest.mark.parametrize("agent", ["", "User-Agent: other\r\n"], ids=["usual", "general"])
def test_the_flag_of_nat_at_first_says_that_a_contact_is_kept_alive(agent: str) -> None:
    """As Kamailio has it in databases: later flags change nothing."""
    from sipway.modules import usrloc

    code = 'if ($hdr(X) != $null) setbflag(6); save("location");'
    server = _Server(code, 'modparam("usrloc", "nat_bflag", 6)')
    server.say(_register("<sip:a@x>", user="one", extra="X: 1\r\n"))
    server.say(_register("<sip:a@x>", user="two"))
    table = usrloc.locations(server.program).table("location")
    for _ in range(2):
        assert [each.keepalive for each in table.get("one")] == [1]
        assert [each.keepalive for each in table.get("two")] == [0]
        server.say(_register("<sip:a@x>", user="one", cseq=2, extra=agent))
        server.say(_register("<sip:a@x>", user="two", cseq=2, extra=agent + "X: 1\r\n"))


def test_contacts_of_one_field_are_taken_from_the_last_to_the_first() -> None:
    server = _Server(_SAVE)
    server.say(_register("<sip:a@x>, <sip:b@x>, <sip:c@x>", "<sip:d@x>", "<sip:e@x>, <sip:f@x>"))
    found = [each.split(">")[0] for each in _contact_of(server.answer).split("<")[1:]]
    assert found == [f"sip:{each}@x" for each in "cbadfe"]


def test_the_one_contact_that_is_kept_is_the_first_that_stands_there() -> None:
    server = _Server('save("location", "0x04"); xlog("$rc\\n");')
    server.say(_register("<sip:a@x>;expires=9", "<sip:b@x>;expires=9"))
    server.say(_register("<sip:a@x>, <sip:b@x>", "<sip:c@x>", cseq=2))
    assert _contact_of(server.answer).startswith("<sip:a@x>;expires=3600")
    server.say(_register("<sip:a@x>;expires=0, <sip:b@x>", cseq=3))
    assert _contact_of(server.answer).startswith("<sip:b@x>;expires=3600")
    assert server.lines == ["1", "2", "1"]


def test_a_response_is_saved_without_an_answer() -> None:
    server = _Server("exit;", more='reply_route { save("location"); xlog("$rc\\n"); }')
    data = reply(method="REGISTER", extra="Contact: <sip:a@192.0.2.1>;expires=100\r\n")
    ctx = Context(
        parse(data), server.program, server.socket, context(server.program).source, NOW,
        Routes.REPLY.value,
    )  # fmt: skip
    assert server.program.reply_route is not None
    server.program.reply_route(ctx)
    assert server.lines == ["1"]
    assert server.socket.outgoing == []


def test_a_store_that_is_broken_is_an_error_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    server = _Server(
        _SAVE + _LOOK + 'if (!registered("location")) xlog("not registered\\n");'
        ' unregister("location", "$ru"); xlog("$rc\\n");'
        ' reg_fetch_contacts("location", "$ru", "p"); xlog("$rc\\n");'
    )

    def broken(*_: object) -> bytes:
        raise StoreError("it is broken")

    monkeypatch.setattr(MemoryTable, "get", broken)
    server.say(_register("<sip:a@192.0.2.1>"))
    assert server.answer.startswith("SIP/2.0 500 ")
    server.say(request("INVITE", "sip:alice@x.example"))
    assert [line for line in server.lines if "broken" not in line] == [
        "-3 sip:alice@x.example <null>", "not registered", "-2", "-1",
    ]  # fmt: skip


def test_what_a_phone_says_does_not_break_the_answer() -> None:
    """No header field of an answer is what a phone makes of it."""
    server = _Server(_SAVE)
    server.say(_register('<sip:a@x>;received="sip:b\r\n Evil: 1"', extra="Path: <sip:a>\r\n"))
    assert "\r\nEvil" not in server.answer
    server.say(_register("<sip:a@x\rEvil: 1>"))
    assert "\nEvil" not in server.answer


def test_statistics() -> None:
    server = _Server(
        _SAVE + 'xlog("$stat(accepted_regs) $stat(rejected_regs) $stat(max_contacts)'
        ' $stat(default_expire)\\n");',
        'modparam("registrar", "max_contacts", 3)',
    )
    server.say(_register("<sip:a@192.0.2.1>"))
    server.say(_register("<sip:a@192.0.2.1"))
    server.say(request())
    assert server.lines[-1] == "1 1 3 3600"


def test_statistics_of_tables() -> None:
    server = _Server(_SAVE + 'xlog("$stat(location_users) $stat(location_contacts)\\n");')
    server.say(_register("<sip:a@192.0.2.1>, <sip:b@192.0.2.1>"))
    server.say(request())
    assert server.lines[-1] == "1 2"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ('save("location", "0x40");', "flags of save() are 0 to 0x1f, not 0x40"),
        ('save("location", "many");', '"many" is no number of flags'),
        ("save();", "save"),
        ('xlog("$ulc(p)");', "$ulc is written $ulc(profile=>attribute), not $ulc(p)"),
        ('xlog("$ulc(p=>colour)");', "a contact has no colour"),
        ('lookup("location", "sip:a@b", "c");', "lookup"),
        ('add_sock_hdr("a b");', "no header field is called"),
    ],
)
def test_bad_arguments_are_named(code: str, said: str) -> None:
    found = mistakes(f"request_route {{ {code} }}", modules=_MODULES)
    assert len(found) == 1
    assert said in found[0]


@pytest.mark.parametrize(
    ("parameter", "said"),
    [
        ('"default_q", 1001', "from 0 to 1000"),
        ('"path_mode", 3', "from 0 to 2"),
        ('"outbound_mode", -1', "from 0 to 2"),
        ('"received_avp", "rcv"', "an AVP is written $avp(name)"),
        ('"sock_flag", 32', "from -1 to 31"),
        ('"contact_max_size", 0', "from 1 to 65535"),
        ('"min_expires", -1', "from 0 to"),
        ('"aor_avp", "x"', "aor_avp"),
    ],
)
def test_bad_parameters_are_named(parameter: str, said: str) -> None:
    found = mistakes(
        "request_route { exit; }", f'modparam("registrar", {parameter})', modules=_MODULES
    )
    assert len(found) == 1
    assert said in found[0]
