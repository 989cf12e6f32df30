"""acc: which transactions are accounted in the log, when, and with what."""

from __future__ import annotations

from typing import Final

from tests.compat.calls import alone, call, cancelled
from tests.compat.flow_script import BOB, CAROL, script

MARKS: Final = ("ACC: ",)

_PARAMETERS: Final = """
loadmodule "rr.so"
loadmodule "acc.so"
modparam("tm", "fr_timer", 300)
modparam("acc", "log_flag", 1)
modparam("acc", "log_missed_flag", 2)
modparam("acc", "failed_transaction_flag", 3)
modparam("acc", "log_extra", "user=$fU; to=$tU;ru=$ru;du=$du;rs=$rs;none=$avp(none);n=$avp(n);\
two=$(avp(two)[*]);hdr=$hdr(Contact);flags=$mF;method = $rm;up=$(fU{s.toupper})")
"""
_ALL: Final = "setflag(1); setflag(2); setflag(3);"
_TO_BOB: Final = f'$ru = "{BOB}";'
_FORKS: Final = f'{_TO_BOB} append_branch("{CAROL}");'

BLOCKS: Final = {
    "plain": f"{_TO_BOB} t_relay();",
    "log": f"setflag(1); {_TO_BOB} t_relay();",
    "all": f'{_ALL} $avp(two) = 1; $avp(two) = "b"; $avp(n) = 7; {_TO_BOB} t_relay();',
    "next": f'{_ALL} {_TO_BOB} $du = "sip:127.0.0.1:{{bob}}"; t_relay();',
    "missed": f"setflag(2); {_TO_BOB} t_relay();",
    "failed": f"setflag(1); setflag(3); {_TO_BOB} t_relay();",
    "failedonly": f"setflag(3); {_TO_BOB} t_relay();",
    # answers of the server's own
    "reply": f'{_ALL} t_newtran(); t_reply("404", "No one");',
    "late": f'setflag(1); t_newtran(); {_ALL} t_reply("404", "No one");',
    "tooearly": f'{_ALL} t_newtran(); resetflag(1); resetflag(2); t_reply("404", "No one");',
    "unmarked": f't_newtran(); {_ALL} t_reply("404", "No one");',
    "fine": 'setflag(1); t_newtran(); t_reply("200", "Fine");',
    "odd": f'{_ALL} t_newtran(); t_reply("480", "Reason"); t_reply("486", "Too late");',
    "stateless": f'{_ALL} sl_send_reply("404", "No one");',
    "provisional": f'{_ALL} {_TO_BOB} t_newtran(); t_reply("183", "Soon"); t_relay();',
    "replied": f'{_ALL} {_TO_BOB} t_relay(); t_reply("486", "Enough");',
    "forwarded": f"{_ALL} {_TO_BOB} forward();",
    "replicated": f'{_ALL} t_replicate("{BOB}"); t_reply("200", "Fine");',
    "replicatedlate": f'{_ALL} t_newtran(); t_replicate("{BOB}"); t_reply("486", "No");',
    "branchevent": f'{_ALL} {_TO_BOB} t_on_branch_failure("seen"); t_relay();',
    "drops": f'{_ALL} {_TO_BOB} t_on_failure("DROPS"); t_relay();',
    # flags that change
    "relaylate": f"setflag(1); t_newtran(); setflag(2); resetflag(1); {_TO_BOB} t_relay();",
    "after": f"setflag(1); {_TO_BOB} t_relay(); setflag(2); setflag(3);",
    "afterreset": f"{_ALL} {_TO_BOB} t_relay(); resetflag(1);",
    "inreply": f'{_TO_BOB} t_on_reply("MARKS"); t_relay();',
    "infailure": f'{_TO_BOB} t_on_failure("MARKS"); t_relay();',
    "inbranch": f'setflag(1); {_TO_BOB} t_on_branch("MARKS"); t_relay();',
    "logfailure": f'setflag(1); {_TO_BOB} t_on_failure("MARKS"); t_relay();',
    "logreply": f'setflag(1); {_TO_BOB} t_on_reply("MARKS"); t_on_failure("SEEN"); t_relay();',
    "missedreply": f'setflag(2); {_TO_BOB} t_on_reply("LOGS"); t_on_failure("SEEN"); t_relay();',
    # several branches
    "fork": f"{_ALL} {_FORKS} t_relay();",
    "forkown": f'{_ALL} {_FORKS} t_on_failure("OWN"); t_relay();',
    "serial": f'{_ALL} {_TO_BOB} t_on_failure("NEXT"); t_relay();',
    "serialmissed": f'{_ALL} {_TO_BOB} t_on_failure("NEXTMISSED"); t_relay();',
    "own": f'{_ALL} {_TO_BOB} t_on_failure("OWN"); t_relay();',
    "ownmarked": f'setflag(1); {_TO_BOB} t_on_failure("OWNMARKED"); t_relay();',
    "resets": f'{_ALL} {_TO_BOB} t_on_failure("RESETS"); t_relay();',
    "again": f'{_ALL} {_TO_BOB} t_on_failure("AGAIN"); t_relay();',
    # records that the script asks for
    "asks": """
        $var(r) = acc_log_request("404 Not Here"); L("$var(r)");
        acc_log_request("text only $rU"); acc_log_request("$avp(none)");
        acc_log_request("$var(none)"); acc_log_request("99 x"); acc_log_request("099 x");
        acc_log_request("1000 x"); acc_log_request("999 x"); acc_log_request("000");
        acc_log_request("4 4");
        acc_log_request("200"); acc_log_request("200   two  x "); acc_log_request("404x y");
        acc_log_request("20"); acc_log_request(404); acc_log_request($rm);
        $avp(e) = $(rm{s.substr,0,0}); acc_log_request("$avp(e)");
        sl_send_reply("404", "No one");
        """,
    "askslater": f"""
        {_TO_BOB} t_on_reply("ASKS"); t_on_failure("ASKS"); t_on_branch("ASKS"); t_relay();
        """,
}

SCRIPT: Final = script(
    BLOCKS,
    parameters=_PARAMETERS,
    more=f"""
    onreply_route[MARKS] {{ {_ALL} L("reply $rs"); }}
    onreply_route[LOGS] {{ setflag(1); setflag(3); }}
    onreply_route[ASKS] {{ acc_log_request("$rs of $rr"); }}
    branch_route[MARKS] {{ {_ALL} }}
    branch_route[ASKS] {{ acc_log_request("branch"); }}
    failure_route[MARKS] {{ {_ALL} L("failure $T_reply_code"); }}
    failure_route[SEEN] {{ L("failure $T_reply_code $mF"); }}
    failure_route[OWN] {{ L("own $T_reply_code $mF $ru"); t_reply("480", "Mine"); }}
    failure_route[OWNMARKED] {{ {_ALL} t_reply("480", "Mine"); }}
    failure_route[NEXT] {{ L("next $mF"); $ru = "{CAROL}"; t_relay(); }}
    failure_route[NEXTMISSED] {{ L("next $mF"); setflag(2); $ru = "{CAROL}"; t_relay(); }}
    event_route[tm:branch-failure:seen] {{ L("$mF"); setflag(9); }}
    failure_route[DROPS] {{ t_drop_replies("a"); t_reply("480", "Mine"); }}
    failure_route[RESETS] {{ resetflag(1); }}
    failure_route[AGAIN] {{ setflag(2); }}
    failure_route[ASKS] {{ acc_log_request("failed $T_reply_code"); }}
    """,
)

_RELAYED: Final = (
    "plain", "log", "all", "next", "missed", "failed", "failedonly", "relaylate", "after",
    "afterreset", "inreply", "infailure", "inbranch", "logfailure", "logreply", "missedreply",
    "own", "ownmarked", "resets", "again", "askslater", "branchevent", "drops",
)  # fmt: skip
_LOCAL: Final = (
    "replicated", "replicatedlate",
    "reply", "late", "tooearly", "unmarked", "fine", "odd", "stateless", "replied", "asks",
)  # fmt: skip

FLOWS = [
    *(call(name, code) for name in _RELAYED for code in (200, 486)),
    *(call("all", code) for code in (302, 404, 408, 503, 600)),
    *(call("all", 0, label=label) for label in ("silent",)),
    call("own", 0, label="silent"),
    *(call("all", code, method="MESSAGE") for code in (200, 404)),
    call("own", 404, method="MESSAGE"),
    *(alone(name) for name in _LOCAL),
    alone("reply", "MESSAGE"),
    alone("asks", "MESSAGE", to="<sip:bob@callee.example>;tag=known"),
    call("provisional", 200),
    call("forwarded", 200),
    *(call("fork", *codes, forked=True) for codes in ((486, 404), (404, 486), (486, 200))),
    call("fork", 200, 200, forked=True),
    *(call("forkown", *codes, forked=True) for codes in ((486, 404), (404, 486))),
    *(call("serial", *codes) for codes in ((486, 480), (486, 200))),
    *(call("serialmissed", *codes) for codes in ((486, 480), (486, 200))),
    *(cancelled(name) for name in ("all", "log", "missed")),
    cancelled("own", 480),
]
