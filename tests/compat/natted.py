"""Cases of nathelper as tables: what calls return, and what goes on after them."""

from __future__ import annotations

from typing import Any, Final

from tests.compat.tables import Table

HEAD: Final = """
loadmodule "textopsx.so"
loadmodule "usrloc.so"
loadmodule "rr.so"
loadmodule "nathelper.so"
modparam("nathelper", "received_avp", "$avp(rcv)")
"""
CONTACTS: Final = {
    "plain": "<sip:a@10.1.2.3:5070>",
    "no-port": "<sip:a@10.1.2.3>",
    "no-user": "<sip:10.1.2.3>",
    "password": "<sip:a:b@10.1.2.3:1>",
    "params": "<sip:a@10.1.2.3:5070;transport=udp;x=y>;expires=3;q=0.3",
    "headers": "<sip:a@10.1.2.3:5070?X=y>",
    "bare": "sip:a@10.1.2.3:5070;expires=3",
    "display": '"A <b>, c" <sip:a@10.1.2.3:5070>',
    "several": "<sip:a@10.1.2.3:5070>, <sip:b@10.1.2.4:5070>;q=1",
    "sips": "<sips:a@10.1.2.3>",
    "six": "<sip:a@[fd00::1]:5070>",
    "name": "<sip:a@phone.example:5070>",
    "ours": "<sip:a@127.0.0.1:{client}>",
    "ours-tcp": "<sip:a@127.0.0.1:{client};transport=tcp>",
    "ours-udp": "<sip:a@127.0.0.1:{client};transport=udp>",
    "ours-name": "<sip:a@127.0.0.1:{client};transport=UDP;ob>",
    "tel": "<tel:+123>",
    "star": "*",
    "broken": "<sip:a@",
    "alias": "<sip:a@10.1.2.3:5070;alias=10.9.9.9~77~2>",
    "alias-first": "<sip:a@10.1.2.3:5070;alias=10.9.9.9~77~2;ob>;expires=3",
    "alias-two": "<sip:a@10.1.2.3:5070;alias=10.9.9.9~77~2;ob;alias=10.9.9.8~78~1>",
    "alias-odd": "<sip:a@10.1.2.3:5070;alias=x>",
    "alias-like": "<sip:a@10.1.2.3:5070;aliased=10.9.9.9~77~2>",
    "blanks": "  <sip:a@10.1.2.3:5070>  ",
    "maddr": "<sip:a@10.1.2.3:5070;maddr=10.2.2.2>",
    "received": "<sip:a@10.1.2.3:5070>;received=x",
}


class NatTable(Table):
    def codes(
        self, name: str, why: str, *calls: str, before: str = "", after: str = "", **of: Any
    ) -> None:
        """What calls return, and variables after each."""
        piece = before + " ".join(f'{call}; L("$rc{after}");' for call in calls)
        self.add(name, why, piece, **of)

    def goes_on(self, name: str, why: str, piece: str, **of: Any) -> None:
        """What a call returns, and the request as it leaves."""
        self.add(name, why, f'{piece}; L("$rc $du"); forward();', **of)


def contact(value: str) -> str:
    return f"Contact: {value}\r\n"


def sdp(
    address: str = "10.1.2.3", *, media: str = "", session: str = "", owner: str = "10.1.2.3"
) -> str:
    return (
        f"v=0\r\no=alice 1 1 IN IP4 {owner}\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\n{session}"
        f"m=audio 4000 RTP/AVP 0\r\n{media}a=sendrecv\r\n"
    )


TYPE: Final = "Content-Type: application/sdp\r\n"
