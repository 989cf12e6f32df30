"""avpops with a database: AVPs loaded, stored, deleted and asked for."""

from __future__ import annotations

from tests.compat.case import Files
from tests.compat.preferences import loading, make, rows, script, storing
from tests.compat.tables import Table

_URI = '$ru = "sip:alice@a.org"; '
_table = Table()
_add = _table.add_waiting

# --- loaded --------------------------------------------------------------------------------------

_add(
    "load-names",
    "AVPs of all types by their names; what is no number is left aside.",
    loading(
        *(("u1", f"$avp({name})") for name in ("color", "n", "i:5", "i:6", "bad", "empty", "x")),
        ("u1", "$(avp(color)[1])"),
        ("nobody", "$avp(color)"),
        ("u1/uuid", "$avp(color)"),
        ("u1/UUID", "$avp(color)"),
    ),
)
_add(
    "load-kinds",
    "All AVPs of a kind.",
    loading(*(("u1", kind) for kind in ("a", "A", "s", "S", "i", "I", "*")), ("nobody", "a")),
)
_add(
    "load-types",
    "The name of a row is a number or a text; two bits of the type count.",
    loading(("u3", "$avp(i:77)"), ("u3", "$avp(s:77)"), ("u3", "a"), ("u3", "i"), ("u3", "s")),
)
_add(
    "load-uris",
    "Whose AVPs, of URIs: users, whatever the domain, or domains.",
    _URI
    + loading(
        ("$ru", "$avp(color)"), ("$ru/uri", "$avp(color)"), ("$ru/username", "$avp(color)"),
        ("$ru/domain", "$avp(color)"), ("$ru/domain", "a"), ("$ru/uuid", "a"),
        ("sip:alice@a.org/uri", "$avp(color)"), ("sip:alice@b.org/domain", "$avp(color)"),
        ("sip:alice:pw@a.org:5080;x=y/URI", "$avp(color)"), ("sip:ali%63e@a.org/uri", "a"),
        ("sip:ALICE@A.ORG/uri", "a"), ("sip:ALICE@A.ORG/domain", "a"), ("$fu", "$avp(n)"),
        ("$tu", "a"), ("$ou", "a"), ("$fU", "a"), ("$fU/uuid", "a"), ("sips:alice@x/uri", "s"),
    ),
)  # fmt: skip
_add(
    "load-no-uris",
    "What is no URI of a user has no AVPs.",
    loading(
        ("alice/username", "a"), ("a.org/domain", "a"), ("sip:a.org/uri", "a"),
        ("sip:a.org/domain", "a"), ("tel:123/uri", "a"), ("sip:@a.org/domain", "a"), ("/uri", "a"),
        ("", "a"), ("$avp(nope)", "a"), ("$avp(nope)/uri", "a"), ("$hdr(X)", "a"),
    ),
)  # fmt: skip
_add(
    "load-variables",
    "Whose AVPs, said by variables.",
    '$var(u) = "u1"; $xavp(a=>b) = "u1"; '
    + loading(
        ("$var(u)", "$avp(color)"), ("$xavp(a=>b)", "$avp(color)"), ("$avp(u)", "$avp(n)"),
        ("$var(zero)", "a"),
    ),
)  # fmt: skip
_add(
    "names-by-variables",
    "Names of AVPs that are known when the script runs.",
    '$var(n) = "color"; avp_db_load("u1", "$avp($var(n))"); L("$rc $(avp(color)[*])");'
    ' avp_db_load("u1", "$avp($avp(nope))"); L("$rc");',
)
_add(
    "load-on-top",
    "What is loaded goes on top of what is there.",
    '$avp(color) = "mine"; avp_db_load("u1", "$avp(color)"); L("$rc $(avp(color)[*])");'
    ' avp_db_load("u1", "$avp(color)"); L("$rc $(avp(color)[*])");',
)
_add(
    "load-tables",
    "Another table, and such that are not there.",
    loading(
        ("u1", "$avp(color)/usr_preferences"), ("u1", "a/nosuch"), ("u1", "$avp(color)/nosuch"),
        ("u1", "$avp(color)/subscriber"), ("u1", "i/usr_preferences"), ("d1", "a/gone"),
    ),
)  # fmt: skip
_add(
    "load-schemes",
    "A column of a table of another form.",
    _URI
    + loading(
        *(("u1", f"$avp(x)/${name}") for name in ("text", "number", "as_text", "fraction")),
        *(("u1", f"$avp(x)/${name}") for name in ("no_number", "defaults", "whole", "no_table")),
        ("$ru", "$avp(x)/$text"), ("$ru", "$avp(x)/$number"), ("$ru/domain", "$avp(x)/$number"),
        ("$ru/username", "$avp(x)/$whole"), ("sip:Al@x/username", "$avp(x)/$whole"),
        ("u3", "$avp(x)/$text"), ("nobody", "$avp(x)/$text"),
    ),
)  # fmt: skip
_add(
    "load-scheme-kinds",
    "Whether what is loaded is a number.",
    'avp_db_load("u1", "$avp(x)/$number"); is_avp_set("$avp(x)/n"); L("$rc");'
    ' avp_db_load("u1", "$avp(y)/$as_text"); is_avp_set("$avp(y)/n"); L("$rc");'
    ' avp_db_load("u1", "$avp(n)"); is_avp_set("$avp(n)/n"); L("$rc");'
    ' avp_db_load("u1", "$avp(i:5)"); is_avp_set("$avp(i:5)/s"); L("$rc");'
    ' avp_db_load("u1", "$avp(empty)"); is_avp_set("$avp(empty)/s"); L("$rc");',
)

# --- stored --------------------------------------------------------------------------------------

_VALUES = '$avp(st) = "one"; $avp(st) = "two"; $avp(st) = 3; $avp(i:8) = "eight"; $avp(e) = "";'
_add(
    "store-names",
    "All values of an AVP, the newest first.",
    storing(
        ("s1", "$avp(st)"), ("s2/uuid", "$avp(i:8)"), ("s3", "$avp(e)"), ("s4", "$avp(nope)"),
        ("s5", "$(avp(st)[1])"), ("s6", "$avp(st)/usr_preferences"), ("s7", "$avp(st)/nosuch"),
        ("$avp(e)", "$avp(i:8)"), ("$avp(nope)", "$avp(i:8)"), ("$var(zero)", "$avp(i:8)"),
        before=_VALUES,
    )
    + rows("usr_preferences", "uuid like 's%' or uuid in ('', '0') and attribute = '8'"),
)  # fmt: skip
_add(
    "store-odd",
    "Texts that mean something in SQL.",
    '$avp(q) = "o\'hara; -- "; $avp(q) = "%"; avp_db_store("o\'k", "$avp(q)"); L("$rc");'
    + rows("usr_preferences", "uuid like 'o%'"),
)
_add(
    "store-kinds",
    "All AVPs whose names are of a kind.",
    '$avp(a) = "x"; $avp(i:9) = "9"; avp_db_store("k1", "i"); L("$rc"); avp_db_store("k2", "s");'
    ' L("$rc"); $avp(a) = "y"; avp_db_store("k3", "*"); L("$rc"); avp_db_store("k4", "a");'
    ' L("$rc"); avp_delete("a"); avp_db_store("k5", "a"); L("$rc");'
    + rows("usr_preferences", "uuid like 'k%'"),
)
_add(
    "store-once",
    "What is in the database already is not stored again; what is copied, or set anew, is.",
    '$avp(a) = "x"; avp_db_store("t1", "$avp(a)"); L("$rc"); avp_db_store("t1", "$avp(a)");'
    ' L("$rc"); $avp(a) = "x"; avp_db_store("t2", "$avp(a)"); L("$rc");'
    ' avp_copy("$avp(a)", "$avp(b)/g"); avp_db_store("t3", "$avp(b)"); L("$rc");'
    ' avp_subst("$avp(a)", "/x/y/"); avp_db_store("t4", "$avp(a)"); L("$rc");'
    ' avp_db_load("u1", "$avp(color)"); avp_db_store("t5", "$avp(color)"); L("$rc");'
    ' $avp(color) = "new"; avp_db_store("t5", "$avp(color)"); L("$rc");'
    ' avp_delete("$avp(a)/g"); $avp(a) = "y"; avp_db_store("t6", "$avp(a)"); L("$rc");'
    + rows("usr_preferences", "uuid like 't%'"),
)

# --- deleted -------------------------------------------------------------------------------------

_add(
    "delete",
    "AVPs of a user in the database; those of the message stay.",
    '$avp(color) = "mine"; avp_db_delete("d1", "$avp(color)/gone"); L("$rc $avp(color)"); '
    + rows("gone", "1")
    + 'avp_db_delete("sip:alice@b.org/domain", "$avp(color)/gone"); L("$rc"); '
    + rows("gone", "1")
    + 'avp_db_delete("sip:alice@x/uri", "a/gone"); L("$rc"); '
    + rows("gone", "1")
    + 'avp_db_delete("d1", "a/gone"); L("$rc"); avp_db_delete("nobody", "*/gone"); L("$rc"); '
    + 'avp_db_delete("$avp(nope)", "a/gone"); L("$rc"); avp_db_delete("tel:1/uri", "a/gone");'
    + ' L("$rc"); '
    + rows("gone", "1"),
)
_add(
    "delete-kinds", "AVPs of a kind.", 'avp_db_delete("d4", "i/gone");' + rows("gone", "uuid='d4'")
)
_add(
    "delete-names",
    "A name that is a number is another than the same digits as text.",
    'avp_db_delete("d6", "$avp(s:7)/gone"); avp_db_delete("d6", "$avp(s:q)/gone");'
    + rows("gone", "uuid='d6'"),
)
_add("delete-fails", "A table that is not there.", 'avp_db_delete("d1", "a/nosuch"); L("$rc");')
_add("load-numbers", "Numbers with a sign, and such as are too large.",
    'avp_db_load("u1", "$avp(minus)/numbers"); L("$rc $avp(minus)");'
    ' avp_db_load("u1", "$avp(big)/numbers"); L("$rc $avp(big)");')  # fmt: skip
_add(
    "store-numbers",
    "A number as the name of a number.",
    '$avp(i:78) = 6; avp_db_store("n1", "i"); L("$rc");' + rows("usr_preferences", "uuid='n1'"),
)

# --- asked for -----------------------------------------------------------------------------------

_SHOWN = 'L("$var(r) 1=$(avp(i:1)[*]) 2=$(avp(i:2)[*]) a=$(avp(a)[*]) b=$(avp(b)[*])");'


def _asked(query: str, places: str | None = None, before: str = "") -> str:
    more = "" if places is None else f', "{places}"'
    return f'avp_delete("a"); {before} $var(r) = avp_db_query("{query}"{more}); {_SHOWN}'


_ORDERED = "select first, n from subscriber where n > 0 order by first"
_add(
    "query",
    "Rows become AVPs, the first row on top.",
    _asked(_ORDERED)
    + _asked(_ORDERED, "$avp(a);$avp(b)")
    + _asked(_ORDERED, "$avp(a)")
    + _asked("select n from subscriber where n = 5", "$avp(a);$avp(b)")
    + _asked(_ORDERED, "$avp(a),$avp(b)", '$avp(a) = "old";')
    + _asked(_ORDERED, " ;$avp(a) ; $(avp(b)[1]);")
    + _asked(_ORDERED, "$avp($avp(nope));$avp(b)"),
)
_add(
    "query-values",
    "Null, empty texts and fractions make no AVP.",
    _asked("select null, 5", "$avp(a);$avp(b)")
    + _asked("select '', first from subscriber where n = 5", "$avp(a);$avp(b)")
    + _asked("select f, n from subscriber where n = 5", "$avp(a);$avp(b)")
    + ' is_avp_set("$avp(b)/n"); L("$rc"); '
    + _asked("select first, b from subscriber where n = 5", "$avp(a);$avp(b)")
    + ' is_avp_set("$avp(a)/s"); L("$rc");',
)
_add(
    "query-none",
    "Queries without rows, changes, and what is no SQL.",
    _asked("select n from subscriber where n = 99", "$avp(a)")
    + _asked("update subscriber set f = 7 where n = 6")
    + _asked("delete from subscriber where n = 99")
    + _asked("insert into subscriber (uuid) values ('z')")
    + _asked("selec nothing")
    + _asked("select * from nosuch", "$avp(a)")
    + _asked(""),
)
_add(
    "query-variables",
    "Variables in a query, or a query in one.",
    _asked(
        "select value from usr_preferences where uuid='$var(u)' and attribute='$avp(at)'",
        "$avp(a)",
        '$var(u) = "u1"; $avp(at) = "n";',
    )
    + _asked("$var(q)", "$avp(a)", '$var(q) = "select 5";')
    + _asked("select '$$'", "$avp(a)"),
)
_add(
    "query-escaped",
    "A quote in what a variable holds.",
    _asked("select '$(var(u){s.escape.common})'", "$avp(a)", '$var(u) = "o\'h";')
    + _asked("select value from usr_preferences where uuid='$var(u)' order by id", "$avp(a)",
             '$var(u) = "none\' or \'1\'=\'1";'),
)  # fmt: skip

FILES: Files = {"db": make}
SCRIPT = script(_table)
CASES = _table.cases
