"""Scripts that ask a database who may come in, and a network that has it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from tests import subscribers
from tests.compat.authenticating import REALM
from tests.compat.flow import Flow, Network
from tests.compat.flow_script import script

# The port tells the databases of servers apart that run at the same time.
_PATH: Final = f"{tempfile.gettempdir()}/sipway-subscribers-{{server}}.sqlite"

CALLS: Final = {
    "w": f'www_authenticate("{REALM}", "subscriber")',
    "wz": f'www_authorize("{REALM}", "subscriber")',
    "wm": f'www_authenticate("{REALM}", "subscriber", "INFO")',
    "p": f'proxy_authenticate("{REALM}", "subscriber")',
    "pz": f'proxy_authorize("{REALM}", "subscriber")',
    **{f"c{flags}": f'auth_check("{REALM}", "subscriber", "{flags}")' for flags in (0, 1, 2, 3, 4)},
    "variable": f'auth_check("{REALM}", "$var(table)", "$var(one)")',
    "absent": f'auth_check("{REALM}", "$var(none)", "0")',
    "norealm": 'auth_check("$fn", "subscriber", "0")',
    "emptyrealm": 'proxy_authenticate("$fn", "subscriber")',
}
QUESTIONS: Final = {
    **{f"s{flags}": f'is_subscriber("$hdr(X-U)", "subscriber", "{flags}")' for flags in range(4)},
    "sv": 'is_subscriber("sip:alice@r.example", "$var(table)", "$var(one)")',
    "sx": 'is_subscriber("sip:alice@r.example", "$var(none)", "0")',
    "se": 'is_subscriber("$fn", "subscriber", "0")',
}
_SEEN: Final = "$au [$avp(email_address)] [$avp(rp)] [$avp(i:5)]"


class WithUsers(Network):
    """The database is there before the server, and gone after it."""

    def __init__(self) -> None:
        super().__init__()
        self._database = Path(_PATH.replace("{server}", str(self.ports["server"])))
        self._database.unlink(missing_ok=True)
        subscribers.make(self._database)

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        self._database.unlink(missing_ok=True)


def plain(parameters: str) -> str:
    """A script with parameters of auth_db, and a block for each call and question."""
    begin = '$var(table) = "subscriber"; $var(none) = "nothing_such"; $var(one) = 1;'
    return script(
        {
            **{
                name: f'{begin} $var(r) = {call}; L("$var(r) {_SEEN}"); if ($var(r) == -5)'
                f' {{ auth_challenge("{REALM}", "0"); exit; }} sl_send_reply("299", "Done");'
                for name, call in CALLS.items()
            },
            **{
                name: f'{begin} $var(r) = {call}; L("$var(r) {_SEEN}"); sl_send_reply("299", "X");'
                for name, call in QUESTIONS.items()
            },
        },
        parameters=f"""
loadmodule "db_sqlite.so"
loadmodule "auth.so"
loadmodule "auth_db.so"
modparam("auth_db", "db_url", "sqlite:///{_PATH}")
{parameters}
""",
        cancel='$var(r) = auth_check("r.example", "subscriber", "1"); L("$var(r)");'
        ' sl_send_reply("200", "OK"); exit;',
    )


def is_there(user: str, uri: str = "") -> Flow:
    """A question about a URI."""

    def play(net: Network) -> None:
        net.alice.request("MESSAGE", f"sip:{user}@127.0.0.1", extra=f"X-U: {uri}\r\n")
        net.alice.wait("299")

    return Flow(f"{user}-{uri}", f"{user}: {uri}", play)
