"""Requests with From and To replaced, and those that follow in the dialog, for modes of uac."""

from __future__ import annotations

from tests.compat.case import Case
from tests.compat.tables import OTHER, SOCKETS, TO_TAG, Table, routes

_NEW = "sip:new@n.example"
_CALLER = "<sip:alice@caller.example>"
_CALLEE = "<sip:bob@callee.example>"
_RR = "record_route();"

# Kamailio's uac wants tm, whose functions are not called here; sipway's does not.
_HEAD = """
#!ifndef KAMAILIO_VERSION
loadmodule "tm.so"
#!endif
loadmodule "rr.so"
loadmodule "uac.so"
"""


def replaced_suite(
    parameters: str, kept: str, kept_to: str, *, names: tuple[str, str] = ("vsf", "vst")
) -> tuple[str, list[Case]]:
    """The script with these parameters, and the cases.

    `kept` and `kept_to`: what the Record-Route says of _NEW in place of the caller and the callee.
    """
    table = Table()
    for header in ("from", "to"):
        _replaced(table, header)
    _both(table)
    _following(table, f";{names[0]}={kept}", f";{names[1]}={kept_to}")
    return f"{SOCKETS}{_HEAD}{parameters}\n{table.request_route}", table.cases


def _send(table: Table, name: str, why: str, piece: str, **more: str) -> None:
    table.add(name, why, f'{piece} L("$var(r) $fu $tu"); forward(127.0.0.1, {{other}});', **more)


def _replaced(table: Table, header: str) -> None:
    call = f"uac_replace_{header}"
    field = f"{header}_" if header == "from" else header
    written = "sip:alice@caller.example" if header == "from" else "sip:bob@callee.example"
    tag = ";tag=a1" if header == "from" else ""

    def case(name: str, why: str, piece: str, value: str | None = None, **more: str) -> None:
        if value is not None:
            more[field] = value
        _send(table, f"{header}-{name}", why, f"$var(r) = {piece} {_RR}", **more)

    case("uri", "The URI.", f'{call}("{_NEW}");')
    case("both", "Display name and URI.", f'{call}("Joe", "{_NEW}");')
    case("quoted", "The name with quotes.", f'{call}("\\"Joe\\"", "{_NEW}");')
    case("display", "The name alone.", f'{call}("Joe", "");')
    case("kept", "The name stays.", f'{call}("{_NEW}");', f'"Al" <{written}>{tag};x=y')
    case(
        "display-replaced",
        "The name in place of another.",
        f'{call}("Joe", "");',
        f'"Al" <{written}>{tag};x=y',
    )
    case("no-angle", "No angle brackets.", f'{call}("{_NEW}");', f"{written}{tag};x=y")
    case(
        "no-angle-both",
        "They are added with a name.",
        f'{call}("Joe", "{_NEW}");',
        f"{written}{tag};x=y",
    )
    case(
        "twice", "The second call does nothing.", f'{call}("{_NEW}"); $var(r) = {call}("sip:b@b");'
    )
    case("same", "The URI that is there.", f'{call}("{written}");')
    case(
        "long",
        "A longer one.",
        f'{call}("sip:a-very-long-user-name-that-is-longer@n.example.org:5099;x=y");',
    )
    case("short", "A shorter one.", f'{call}("sip:a@b");')
    case("no-uri", "What is no URI.", f'{call}("joe");')
    case("variable", "One from a variable.", f'{call}("sip:$rU@$fd");')
    case("empty", "An empty one.", f'1; $var(e) = ""; $var(r) = {call}("$var(e)");')
    case("in-dialog", "In a dialog.", f'{call}("{_NEW}");', to=TO_TAG)
    case("later", "After record_route().", f'1; record_route(); $var(r) = {call}("{_NEW}");')
    case(
        "avp",
        "The AVP with what it was.",
        f'{call}("{_NEW}"); L("$avp(of) $avp(ot)");',
        f'"Al" <{written}>{tag};x=y',
    )


def _both(table: Table) -> None:
    _send(
        table,
        "both",
        "Both headers.",
        f'uac_replace_from("{_NEW}"); $var(r) = uac_replace_to("sip:to@n.example"); {_RR}',
    )
    _send(
        table,
        "register",
        "With any method.",
        f'$var(r) = uac_replace_from("{_NEW}"); {_RR}',
        method="REGISTER",
    )


def _following(table: Table, kept: str, kept_to: str) -> None:
    ours = "<sip:127.0.0.1:{server};lr"
    loose = "$var(r) = loose_route();"
    down, up = f"{ours};ftag=a1{kept}>", {"from_": f"{_CALLEE};tag=b1", "to": f"<{_NEW}>;tag=a1"}
    to_down = f"{ours};ftag=a1{kept_to}>"
    to_up = {"from_": f"<{_NEW}>;tag=b1", "to": f"{_CALLER};tag=a1"}

    def case(name: str, why: str, piece: str, *values: str, **more: str) -> None:
        more = {"method": "BYE", "to": TO_TAG, **more}
        _send(table, f"next-{name}", why, piece, extra=routes(*values), **more)

    case("down", "From of the caller.", loose, down)
    case("up", "To of the callee.", loose, down, **up)
    case("to-down", "To of the caller.", loose, to_down)
    case("to-up", "From of the callee.", loose, to_down, **to_up)
    case("both-down", "Both, from the caller.", loose, f"{ours};ftag=a1{kept}{kept_to}>")
    case(
        "both-up",
        "Both, from the callee.",
        loose,
        f"{ours};ftag=a1{kept}{kept_to}>",
        from_=f"<{_NEW}>;tag=b1",
        to=f"<{_NEW}>;tag=a1",
    )
    case(
        "double",
        "With two Routes of ours.",
        loose,
        f"{ours};r2=on;ftag=a1{kept}>",
        f"<sip:127.0.0.1:{{second}};r2=on;lr;ftag=a1{kept}>",
    )
    case("record", "With another Record-Route.", f"{loose} record_route();", down, method="INVITE")
    case("no-ftag", "Without ftag.", loose, f"{ours}{kept}>")
    case(
        "not-base64",
        "What is not Base64.",
        f"{loose} record_route();",
        f"{ours};ftag=a1{kept.partition('=')[0]}=%%%>",
    )
    case("empty", "An empty one.", loose, f"{ours};ftag=a1{kept.partition('=')[0]}=>")
    case(
        "other-uri",
        "A URI that is too long for it.",
        loose,
        down,
        from_="<sip:other-longer-name@caller.example>;tag=a1",
    )
    case(
        "other-end",
        "A URI that does not belong to it.",
        loose,
        down,
        **{**up, "to": f"<{_NEW};p=1>;tag=a1"},
    )
    case("foreign", "Another's Route.", loose, f"{OTHER[:-1]};ftag=a1{kept}>")
    case("first", "Without a dialog.", loose, down, to=_CALLEE)
    case(
        "replace",
        "Replaced once more.",
        f'{loose} $var(r) = uac_replace_from("sip:zz@zz"); {_RR}',
        down,
    )
    case("before", "Restored without loose_route().", "$var(r) = uac_restore_from();", down)
    case("nothing", "Restored without anything.", f"{loose} $var(r) = uac_restore_to();", down)
