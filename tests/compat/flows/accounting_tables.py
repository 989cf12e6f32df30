"""acc: the rows that records are in a database."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from tests.compat.calls import alone, call, cancelled
from tests.compat.flow_script import BOB, CAROL, script

MARKS: Final = ("ACC: ",)

_TABLES: Final = ("acc", "missed_calls", "acc_invite", "other")
_COLUMNS: Final = (
    "how", "from_tag", "to_tag", "callid", "sip_code", "sip_reason", "src", "n", "a", "leg_src",
    "leg_dst",
)  # fmt: skip
_ALL: Final = "setflag(1); setflag(2); setflag(3);"
_TO_BOB: Final = f'$ru = "{BOB}";'


def _make(path: Path) -> None:
    columns = ", ".join(f"{name} VARCHAR(255)" for name in _COLUMNS)
    with closing(sqlite3.connect(path)) as database:
        for table in _TABLES:
            database.execute(
                f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, {columns}, at DATETIME NOT NULL)"
            )
        database.commit()


def _rows(folder: Path) -> Mapping[str, Sequence[str]]:
    """By Call-ID; Kamailio makes empty texts null there."""
    found: dict[str, list[str]] = defaultdict(list)
    columns = ", ".join(f"coalesce({name}, '')" for name in _COLUMNS)
    with closing(sqlite3.connect(folder / "calls.sqlite")) as database:
        for table in _TABLES:
            for row in database.execute(f"SELECT callid, {columns} FROM {table} ORDER BY id"):
                shown = [f"to_tag={each}" if at == 2 else each for at, each in enumerate(row[1:])]
                found[row[0]].append(f"{table}: {'; '.join(shown)}")
    return found


FILES: Final = {"calls.sqlite": _make}
AFTER: Final = _rows

BLOCKS: Final = {
    "all": f'{_ALL} $avp(n) = 7; $avp(a) = "it\'s; \\"so\\""; {_TO_BOB} t_relay();',
    "log": f"{_ALL} setflag(4); setflag(5); {_TO_BOB} t_relay();",
    "logonly": f"setflag(4); setflag(5); {_TO_BOB} t_relay();",
    "legs": f"""
        {_ALL} $avp(src) = "s1"; $avp(dst) = "d1"; $avp(dst) = 2; {_TO_BOB} t_relay();
        """,
    "serial": f'{_ALL} {_TO_BOB} t_on_failure("NEXT"); t_relay();',
    "reply": f'{_ALL} t_newtran(); t_reply("480", "Mine");',
    "asks": """
        $var(r) = acc_db_request("404 Not Here", "acc"); L("$var(r)");
        $var(r) = acc_db_request("text of $rU", "missed_calls"); L("$var(r)");
        $var(r) = acc_db_request("200", "acc_$(rm{s.tolower})"); L("$var(r)");
        sl_send_reply("404", "No one");
        """,
    "asksboth": """
        $var(r) = acc_request("404 Not Here", "acc"); L("$var(r)"); sl_send_reply("404", "x");
        """,
    "asksnone": """
        $var(r) = acc_db_request("404 Not Here", "nowhere"); L("$var(r)");
        sl_send_reply("404", "x");
        """,
}

SCRIPT: Final = script(
    BLOCKS,
    parameters="""
    loadmodule "db_sqlite.so"
    loadmodule "acc.so"
    modparam("tm", "fr_timer", 300)
    modparam("acc", "db_url", "sqlite:///{folder}/calls.sqlite")
    modparam("acc", "db_flag", 1)
    modparam("acc", "db_missed_flag", 2)
    modparam("acc", "failed_transaction_flag", 3)
    modparam("acc", "log_flag", 4)
    modparam("acc", "log_missed_flag", 5)
    modparam("acc", "db_table_acc", "acc")
    modparam("acc", "acc_method_column", "how")
    modparam("acc", "acc_time_column", "at")
    modparam("acc", "db_extra", "src=$fU;n=$avp(n); a = $avp(a)")
    modparam("acc", "multi_leg_info", "leg_src=$avp(src);leg_dst=$avp(dst)")
    """,
    more=f"""
    failure_route[NEXT] {{ $ru = "{CAROL}"; t_relay(); }}
    """,
)

FLOWS = [
    *(call("all", code) for code in (200, 486)),
    *(call("all", code, method="MESSAGE") for code in (200, 404)),
    *(call("log", code) for code in (200, 486)),
    *(call("logonly", code) for code in (200, 486)),
    *(call("legs", code) for code in (200, 486)),
    *(call("serial", *codes) for codes in ((486, 480), (486, 200))),
    cancelled("all"),
    alone("reply"),
    *(alone(name, to="<sip:bob@x>;tag=known") for name in ("asks", "asksboth", "asksnone")),
]
