"""loose_route() and what is asked after it: route sets of all kinds."""

from __future__ import annotations

from tests.compat.tables import OTHER, OURS, SOCKETS, TO_TAG, Table, routes

_TABLE = Table()
_SECOND = "<sip:127.0.0.2:{second};lr>"
_LAST = "<sip:bob@127.0.0.1:{other};x=1>"
_STRICT_URI = "sip:127.0.0.1:{server};lr"
_R2 = "<sip:127.0.0.1:{server};r2=on;lr>"
_R2_SECOND = "<sip:127.0.0.2:{second};r2=on;lr>"
_STRICT = "<sip:127.0.0.1:{other}>"


def _case(name: str, why: str, *values: str, call: str = "loose_route()", **more: str) -> None:
    more.setdefault("to", TO_TAG)
    _TABLE.add(name, why, f"$var(r) = {call}; route(SHOW);", extra=routes(*values), **more)


def _first(name: str, why: str, *values: str, **more: str) -> None:
    _case(name, why, *values, to="<sip:bob@callee.example>", **more)


def _tag(name: str, why: str, params: str, **more: str) -> None:
    _case(name, why, f"<sip:127.0.0.1:{{server}};lr{params}>", **more)


_case("none", "No Route.")
_first("none-first", "No Route, no dialog.")
_case("one", "Ours alone goes out.", OURS)
_first("one-first", "Without a dialog that is -3.", OURS)
_case("two", "The one below ours is the next hop.", OURS, OTHER)
_first("two-first", "So it is without a dialog.", OURS, OTHER)
_case("foreign", "A topmost Route that is not ours stays.", OTHER)
_first("foreign-first", "So it does without a dialog.", OTHER)
_case("foreign-two", "Two that are not ours.", OTHER, "<sip:1.2.3.4;lr>")
_case("strict-next", "To a strict router: its URI up, the Request-URI down.", OURS, _STRICT)
_case("strict-next-more", "With more behind it.", OURS, _STRICT, "<sip:3.3.3.3;lr>")
_case("strict-foreign", "A strict router on top.", _STRICT)
_case("strict-last-hop", "From a strict router.", OTHER, _LAST, uri=_STRICT_URI)
_case("strict-last-hop-one", "From one, and the end of the set.", _LAST, uri=_STRICT_URI)
_case("strict-last-hop-loose", "The end of the set has lr.", OTHER, uri=_STRICT_URI)
_case("strict-last-hop-ours", "A second one of ours.", OURS, OTHER, _LAST, uri=_STRICT_URI)
_case("strict-both", "Strict routers on both sides.", _STRICT, _LAST, uri=_STRICT_URI)
_case("strict-user", "A user in our URI.", OTHER, _LAST, uri="sip:u@127.0.0.1:{server}")
_first("strict-first", "No dialog, no strict router.", _LAST, uri=_STRICT_URI)
_case("gruu", "A GRUU of ours.", OURS, OTHER, uri="sip:bob@127.0.0.1:{server};gr=x")
_case("gruu-bare", "One without a value.", OURS, OTHER, uri="sip:bob@127.0.0.1:{server};gr")
_TABLE.add(
    "uri-changed",
    "The Request-URI counts as the script has left it.",
    '$ru = "sip:joe@1.1.1.1"; $var(r) = loose_route(); route(SHOW);',
    uri=_STRICT_URI,
    to=TO_TAG,
    extra=routes(OURS, OTHER),
)
_TABLE.add(
    "uri-changed-strict",
    "The one received goes down.",
    '$ru = "sip:joe@1.1.1.1"; $var(r) = loose_route(); route(SHOW);',
    to=TO_TAG,
    extra=routes(OURS, _STRICT),
)
_case("double", "Two of ours with r2: both go, the second says the socket.", _R2, _R2_SECOND)
_first("double-first", "So it is without a dialog.", _R2, _R2_SECOND)
_case("double-more", "With more below.", _R2, _R2_SECOND, OTHER)
_case("double-line", "In one line.", f"{_R2}, {_R2_SECOND} ,{OTHER}")
_case("double-lines", "In lines of another cut.", _R2, f"{_R2_SECOND} ,{OTHER}")
_case("double-not-said", "Two of ours without r2.", OURS, _SECOND.replace("0.2", "0.1"), OTHER)
_case("double-half", "The second is not ours and goes all the same.", _R2, OTHER)
_case("double-second-bare", "r2 in the first alone.", _R2, _SECOND, OTHER)
_case("double-alone", "There is no second.", _R2)
_case("double-six", "The second is of another family.", _R2, "<sip:[::1]:{second};r2=on;lr>")
_case(
    "double-strict",
    "r2 from a strict router.",
    _R2_SECOND,
    OTHER,
    _LAST,
    uri="sip:127.0.0.1:{server};r2=on;lr",
)
_case(
    "double-strict-foreign",
    "There the second has to be ours.",
    OTHER,
    _LAST,
    uri="sip:127.0.0.1:{server};r2=on;lr",
)
_case(
    "double-strict-end",
    "There is no Request-URI.",
    _R2_SECOND,
    uri="sip:127.0.0.1:{server};r2=on;lr",
)
_case(
    "r2-off",
    "The value of r2 does not matter.",
    "<sip:127.0.0.1:{server};R2=off;lr>",
    _SECOND,
    OTHER,
)
_case(
    "r2-tcp",
    "A second by TCP says no socket.",
    _R2,
    "<sip:127.0.0.2:{second};transport=tcp;r2=on;lr>",
    OTHER,
)
_case("r2-name", "A second by an alias says none.", _R2, "<sip:my.example;r2=on;lr>", OTHER)
_case(
    "r2-shown",
    "A second as the socket is advertised.",
    _R2,
    "<sip:203.0.113.9:6060;r2=on;lr>",
    OTHER,
)
_case("r2-broken", "A second that is no URI.", _R2, "<foo>", OTHER)
_case("socket", "A single Route says no socket.", _SECOND, OTHER)
_case("shown", "An advertised address is ours.", "<sip:203.0.113.9:6060;lr>", OTHER)
_case("alias", "An alias is ours.", "<sip:my.example;lr>", OTHER)
_case("alias-port", "On any port.", "<sip:my.example:7;lr>", OTHER)
_case("user", "A user in our Route.", "<sip:u@127.0.0.1:{server};lr>", OTHER)
_case("six", "Ours by IPv6.", "<sip:[::1]:{second};lr>", OTHER)
_case("sips", "Ours by sips.", "<sips:127.0.0.1:{server};lr>", OTHER)
_case("tcp", "Ours by TCP.", "<sip:127.0.0.1:{server};lr;transport=tcp>", OTHER)
_case("maddr", "maddr in our Route.", "<sip:127.0.0.1:{server};lr;maddr=127.0.0.9>", OTHER)
_case("default-port", "No port is 5060.", "<sip:127.0.0.1;lr>", OTHER)
_case("lr-value", "lr=on.", "<sip:127.0.0.1:{server};lr=on>", "<sip:127.0.0.1:{other};lr=on>")
_case("lr-capitals", "LR.", "<sip:127.0.0.1:{server};LR>", "<sip:127.0.0.1:{other};LR>")
_case("lr-outside", "lr outside of the URI does not count.", OURS, f"{_STRICT};lr")
_case("own-bare", "Ours needs no lr.", "<sip:127.0.0.1:{server}>", OTHER)
_case("no-angle", "No angle brackets.", "sip:127.0.0.1:{server};lr", OTHER)
_case("display", "Names and parameters.", f'"x, y" <sip:127.0.0.1:{{server}};lr>;p=v, Joe {OTHER}')
_case("broken", "A bracket that is not closed.", "<sip:127.0.0.1:{server};lr", OTHER)
_case("broken-next", "The next is no value.", OURS, "foo")
_case("broken-next-uri", "The next is no URI.", OURS, "<foo>")
_case("broken-port", "A port that is none.", "<sip:127.0.0.1:x;lr>", OTHER)
_case("broken-later", "A line that nobody needs.", OURS, OTHER, "foo")
_case("broken-in-line", "A broken value breaks its line.", f"{OURS}, {OTHER}, foo")
_case("empty", "An empty line.", "", OTHER)
_case("comma", "A comma at the end.", f"{OURS},", OTHER)
_case("tel", "A tel URI on top.", "<tel:123>", OTHER)
_case("tel-next", "A tel URI below.", OURS, "<tel:123>")
_case("tel-loose", "One with lr.", OURS, "<tel:123;lr>")
_case("http-next", "What SIP cannot route by.", OURS, "<http://x;lr>")
_case("maddr-next", "maddr says the next hop.", OURS, "<sip:127.0.0.9:{other};lr;maddr=127.0.0.1>")
_case(
    "maddr-more",
    "All else is left out then.",
    OURS,
    "<sips:u:p@127.0.0.9:{other};transport=tcp;lr;maddr=127.0.0.1;x=y>",
)
_case("maddr-no-port", "Without a port.", OURS, "<sip:127.0.0.9;lr;maddr=127.0.0.1>")
_case("maddr-empty", "An empty one.", OURS, "<sip:127.0.0.9:{other};lr;maddr=>")
_case("maddr-strict", "To a strict router.", OURS, "<sip:127.0.0.9:{other};maddr=127.0.0.1>")
_case(
    "maddr-last-hop",
    "From a strict router.",
    "<sip:127.0.0.9:{other};lr;maddr=127.0.0.1>",
    "<sip:x@127.0.0.1>",
    uri=_STRICT_URI,
)
_case(
    "line-strict",
    "A strict router in the same line.",
    f"{OURS} , {_STRICT};p=1 ,  <sip:3.3.3.3;lr>",
)
_case(
    "line-last",
    "The end of the set in the same line.",
    OTHER,
    f"<sip:2.2.2.2;lr> ,  {_LAST};p=1",
    uri=_STRICT_URI,
)
_case("ack", "An ACK.", OURS, OTHER, method="ACK")
_case("preloaded", "loose_route_preloaded() in a dialog.", OURS, call="loose_route_preloaded()")
_first("preloaded-first", "Without one.", OURS, call="loose_route_preloaded()")
_first("preloaded-two", "With a next hop.", OURS, OTHER, call="loose_route_preloaded()")
_first("preloaded-none", "Without a Route.", call="loose_route_preloaded()")
_case("mode-0", "As loose_route().", OTHER, _LAST, uri=_STRICT_URI, call='loose_route_mode("0")')
_case("mode-1", "No strict last hop.", OTHER, _LAST, uri=_STRICT_URI, call="loose_route_mode(1)")
_case("mode-2", "Flow tokens.", OTHER, _LAST, uri=_STRICT_URI, call='loose_route_mode("2")')
_TABLE.add(
    "mode-variable",
    "The mode from a variable.",
    '$var(m) = 3; $var(r) = loose_route_mode("$var(m)"); route(SHOW);',
    uri=_STRICT_URI,
    to=TO_TAG,
    extra=routes(OTHER, _LAST),
)
_tag("down", "From the caller.", ";ftag=a1")
_tag("up", "From the callee.", ";ftag=b1")
_tag("tag-of-another", "Who is not the caller is the callee.", ";ftag=zz")
_tag("tag-shorter", "A part of the tag.", ";ftag=a")
_tag("tag-empty", "An empty tag.", ";ftag=")
_tag("tag-bare", "A tag without a value.", ";ftag")
_tag("tag-missing", "No From-tag.", ";ftag=b1", from_="<sip:a@b>")
_case("tag-outside", "A tag outside of the URI.", "<sip:127.0.0.1:{server};lr>;ftag=b1")
_case("tag-foreign", "A tag in another's Route.", "<sip:127.0.0.1:{other};lr;ftag=b1>")
_case(
    "tag-second",
    "The second of two says nothing.",
    _R2,
    "<sip:127.0.0.2:{second};r2=on;lr;ftag=b1>",
)
_case("tag-strict", "The tag in the Request-URI.", OTHER, _LAST, uri=f"{_STRICT_URI};ftag=b1")
_first("tag-first", "No dialog yet.", "<sip:127.0.0.1:{server};lr;ftag=b1>", OTHER)
for _name, _pattern in (
    ("start", "^;lr"), ("scheme", "sip:"), ("any-case", "X=Y"), ("outside", "q=1"),
    ("next", "a=z"), ("several", "lr;.*x=y$"),
):  # fmt: skip
    _TABLE.add(
        f"param-{_name}", "check_route_param() sees the parameters of the URI of our Route.",
        f'loose_route(); $var(r) = check_route_param("{_pattern}"); L("$var(r)");',
        to=TO_TAG,
        extra=routes("<sip:127.0.0.1:{server};lr;ftag=b1;x=y>;q=1", "<sip:127.0.0.1:{other};a=z>"),
    )  # fmt: skip
_TABLE.add(
    "before",
    "Without loose_route().",
    "$var(r) = 0; route(SHOW);",
    to=TO_TAG,
    extra=routes("<sip:127.0.0.1:{server};lr;ftag=b1>", OTHER),
)
_TABLE.add(
    "twice",
    "A second call changes nothing.",
    "$var(r) = loose_route(); $var(r) = loose_route(); route(SHOW);",
    to=TO_TAG,
    extra=routes(OURS, OTHER),
)
_TABLE.add(
    "du",
    "$du stays without a next hop.",
    '$du = "sip:127.0.0.1:{client}"; $var(r) = loose_route(); route(SHOW);',
    to=TO_TAG,
    extra=routes(OURS),
)
_TABLE.add(
    "removed",
    "Route taken out by the script besides.",
    'remove_hf("Route"); $var(r) = loose_route(); route(SHOW);',
    to=TO_TAG,
    extra=routes(OURS, OTHER),
)
_TABLE.add(
    "added",
    "A Route added by the script.",
    '$var(r) = loose_route(); append_hf("Route: <sip:5.5.5.5;lr>\\r\\n", "Route");'
    ' insert_hf("Route: <sip:6.6.6.6;lr>\\r\\n", "Route"); route(SHOW);',
    to=TO_TAG,
    extra=routes(OURS, OTHER),
)
_TABLE.add(
    "folded",
    "A name in capitals, blanks and folds.",
    "$var(r) = loose_route(); route(SHOW);",
    to=TO_TAG,
    extra=f"ROUTE :\r\n {OURS}\r\n ,{OTHER}\r\n",
)

SCRIPT = (
    SOCKETS
    + """
alias=my.example
loadmodule "rr.so"

route[SHOW] {
    L("$var(r): $ru du $du fs $fs rdir $rdir(name) $rdir(id) fti $fti tti $tti");
    if (is_direction("upstream")) { L("upstream"); }
    if (is_direction("Downstream")) { L("downstream"); }
    if (rr_next_hop_route()) { L("by a Route"); }
    if (check_route_param("ftag=")) { L("has ftag"); }
    forward(127.0.0.1, {other});
    exit;
}
"""
    + _TABLE.request_route
)
CASES = _TABLE.cases
