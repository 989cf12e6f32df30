"""Kamailio and sipway on one table `location` (`db_mode` 3): each finds what the other wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pytest

from tests.compat.flow import Network
from tests.compat.flow_script import script
from tests.compat.locations import make_sqlite, statements
from tests.compat.servers import running, sipway_command
from tests.databases import MYSQL, is_there, new_url, remove, run_mysql

_URLS: Final = ("sqlite", "mysql")
_SCRIPT: Final = script(
    {},
    parameters="""
loadmodule "db_sqlite.so"
loadmodule "db_mysql.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
modparam("usrloc", "db_mode", 3)
modparam("usrloc", "db_url", "{url}")
modparam("usrloc", "xavp_contact", "ula")
modparam("usrloc", "use_domain", 1)
""",
    before="""
    if ($rm == "REGISTER") {
        if ($hdr(A) != $null) { $xavp(ula=>text) = $hdr(A); $xavp(ula[0]=>number) = 5; }
        save("location"); exit;
    }
    if ($rm == "PUBLISH") { unregister("location", "$ru"); sl_send_reply("299", "$rc"); exit; }
    registered("location"); $var(is) = $rc;
    reg_fetch_contacts("location", "$ru", "p");
    lookup("location");
    append_to_reply("X: $var(is) $rc $ru $du $bf [$xavp(ula=>text) $xavp(ula=>number)]"
        " $ulc(p=>user_agent) $ulc(p=>methods) $ulc(p=>q) $ulc(p=>cseq) $ulc(p=>instance)"
        " $ulc(p=>path) $ulc(p=>callid) $branch(count)\\r\\n");
    sl_send_reply("480", "Looked"); exit;
""",
)
_ALL: Final = (
    'Contact: <sip:one@192.0.2.1:5070;x=y>;q=0.5;expires=300;+sip.instance="<urn:x>"\r\n'
    'User-Agent: phone "1"\r\nAllow: INVITE, ACK\r\nA: kept\r\n'
)


@pytest.fixture(params=_URLS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        make_sqlite(tmp_path / "location.sqlite")
        yield f"sqlite:///{tmp_path}/location.sqlite"
        return
    if not is_there(MYSQL):
        pytest.skip("MariaDB is not running here")
    made = new_url("mysql", tmp_path, "shared")
    run_mysql(*statements("mysql").split(";\n"), database=made.rpartition("/")[2])
    yield made.replace(":@", "@")
    remove(made)


class _Pair:
    """Both servers, and a phone before each."""

    def __init__(self, stack: ExitStack, kamailio: list[str], url: str, folder: Path) -> None:
        self.networks: dict[str, Network] = {}
        text = _SCRIPT.replace("{url}", url).replace("{end}", _END)
        for name, command in (("kamailio", kamailio), ("sipway", sipway_command())):
            net = self.networks[name] = stack.enter_context(Network())
            place = folder / name
            place.mkdir()
            ready = lambda net=net: net.mark("ready", 0.05)  # noqa: E731
            stack.enter_context(running(command, text, place, net.ports, ready))
        self._number = 0

    def ask(self, server: str, method: str, lines: str = "", cseq: int = 1) -> str:
        net = self.networks[server]
        self._number += 1
        net.alice.send(
            f"{method} sip:alice@callee.example SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP 127.0.0.1:{{alice}};branch=z9hG4bK-{self._number}\r\n"
            "From: <sip:alice@caller.example>;tag=a\r\nTo: <sip:alice@callee.example>\r\n"
            f"Call-ID: shared\r\nCSeq: {cseq} {method}\r\nMax-Forwards: 70\r\n{lines}"
            "Content-Length: 0\r\n\r\n"
        )
        return net.alice.wait("200", "299", "400", "480", "500").text


_END: Final = (
    'if ($rU == "compat-end") { xlog("L_NOTICE", "@@ compat-end $ci\\n");'
    ' sl_send_reply("200", "OK"); exit; }'
)


def _looked(answer: str) -> str:
    found = re.search(r"^X: (.*)\r$", answer, re.MULTILINE)
    assert found is not None, answer
    return found[1]


def _contacts(answer: str) -> list[str]:
    assert answer.startswith("SIP/2.0 200"), answer
    return re.findall(r"<(sip:[^>]*)>", "".join(re.findall(r"\r\nContact: (.*)\r\n", answer)))


@pytest.mark.parametrize(("first", "second"), [("kamailio", "sipway"), ("sipway", "kamailio")])
def test_each_finds_what_the_other_wrote(
    first: str, second: str, kamailio: list[str], url: str, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        pair = _Pair(stack, kamailio, url, tmp_path)
        pair.ask(first, "REGISTER", _ALL)
        seen = _looked(pair.ask(first, "OPTIONS"))
        assert seen.startswith("1 1 sip:one@192.0.2.1:5070;x=y")
        assert "[kept 5]" in seen
        assert _looked(pair.ask(second, "OPTIONS")) == seen
        # An update here is one of the same row there.
        again = "Contact: <sip:one@192.0.2.1:5070;x=y>;expires=600\r\n"
        assert _contacts(pair.ask(second, "REGISTER", again, cseq=2)) == [
            "sip:one@192.0.2.1:5070;x=y"
        ]
        seen = _looked(pair.ask(second, "OPTIONS"))
        assert "[<null> <null>]" in seen, "the attributes are those of the last REGISTER"
        assert _looked(pair.ask(first, "OPTIONS")) == seen
        # An older one of the same dialog is refused, whoever took the newer one.
        assert pair.ask(first, "REGISTER", again, cseq=1).startswith("SIP/2.0 400")
        other = "Contact: <sip:two@192.0.2.2>;expires=300;q=0.1\r\n"
        assert len(_contacts(pair.ask(first, "REGISTER", other, cseq=3))) == 2
        assert len(_contacts(pair.ask(second, "REGISTER"))) == 2
        gone = "Contact: <sip:one@192.0.2.1:5070;x=y>;expires=0\r\n"
        assert _contacts(pair.ask(second, "REGISTER", gone, cseq=4)) == ["sip:two@192.0.2.2"]
        assert _looked(pair.ask(first, "OPTIONS")).startswith("1 1 sip:two@192.0.2.2")
        assert pair.ask(first, "PUBLISH").startswith("SIP/2.0 299 1")
        assert _looked(pair.ask(second, "OPTIONS")).startswith("-1 -1 ")
