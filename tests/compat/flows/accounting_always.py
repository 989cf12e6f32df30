"""acc: every transaction may be marked for accounting after it began."""

from __future__ import annotations

from typing import Final

from tests.compat.calls import alone, call, cancelled
from tests.compat.flow_script import BOB, script

MARKS: Final = ("ACC: ",)

_ALL: Final = "setflag(1); setflag(2); setflag(3);"
_TO_BOB: Final = f'$ru = "{BOB}";'

BLOCKS: Final = {
    "plain": f"{_TO_BOB} t_relay();",
    "inreply": f'{_TO_BOB} t_on_reply("MARKS"); t_relay();',
    "infailure": f'{_TO_BOB} t_on_failure("MARKS"); t_relay();',
    "missed": f'{_TO_BOB} t_on_reply("MARKS"); t_on_failure("SEEN"); t_relay();',
    "late": f't_newtran(); {_ALL} t_reply("404", "No one");',
    "after": f"{_TO_BOB} t_relay(); {_ALL}",
}

SCRIPT: Final = script(
    BLOCKS,
    parameters="""
    loadmodule "acc.so"
    modparam("acc", "log_flag", 1)
    modparam("acc", "log_missed_flag", 2)
    modparam("acc", "failed_transaction_flag", 3)
    modparam("acc", "acc_prepare_always", 1)
    """,
    cancel="setflag(1); if (t_lookup_cancel()) { t_relay(); exit; }",
    more=f"""
    onreply_route[MARKS] {{ {_ALL} }}
    failure_route[MARKS] {{ {_ALL} }}
    failure_route[SEEN] {{ L("$mF"); }}
    """,
)

FLOWS = [
    *(call(name, code) for name in BLOCKS if name != "late" for code in (200, 486)),
    call("inreply", 486, method="MESSAGE"),
    alone("late"),
    *(cancelled(name) for name in ("plain", "inreply")),
]
