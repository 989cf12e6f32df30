"""kamcmd and JSON-RPC get from sipway what they get from Kamailio."""

from __future__ import annotations

import contextlib
import json
import re
import shlex
import shutil
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.compat.case import Files, write_files
from tests.compat.servers import running, sipway_commands
from tests.kamailio_tables import tables
from tests.ports import free_port

SCRIPT = """
debug=1
log_stderror=yes
children=1
disable_tcp=yes
auto_aliases=no
own.v = 5 desc "a number"
own.s = "text" desc "a text"
alias="sip.example"
loadmodule "kex.so"
loadmodule "cfg_rpc.so"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "counters.so"
loadmodule "statistics.so"
loadmodule "cfgutils.so"
loadmodule "corex.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "pike.so"
loadmodule "htable.so"
loadmodule "ratelimit.so"
loadmodule "pipelimit.so"
loadmodule "secfilter.so"
loadmodule "ctl.so"
loadmodule "jsonrpcs.so"
modparam("secfilter", "db_url", "sqlite:///{folder}/db")
modparam("pipelimit", "timer_interval", 600)
modparam("ratelimit", "timer_interval", 600)
modparam("ratelimit", "queue", "0:REGISTER")
modparam("ratelimit", "pipe", "0:TAILDROP:2")
modparam("ratelimit", "pipe", "1:RED:3")
modparam("pike", "sampling_time_unit", 600)
modparam("pike", "reqs_density_per_unit", 4)
modparam("counters", "script_counter", "hits:my hits")
modparam("statistics", "variable", "mine")
modparam("pv", "shvset", "x=i:3")
modparam("usrloc", "db_mode", 0)
modparam("htable", "htable", "t=>size=4;")
modparam("htable", "htable", "e=>size=5;autoexpire=100;updateexpire=0")
modparam("htable", "htable", "d=>size=2;dbtable=none;dbmode=1;initval=3")
loadmodule "db_sqlite.so"
loadmodule "permissions.so"
modparam("permissions", "db_url", "sqlite:///{folder}/db")
modparam("permissions", "db_mode", 1)
loadmodule "domain.so"
modparam("domain", "db_url", "sqlite:///{folder}/db")
loadmodule "dispatcher.so"
modparam("dispatcher", "list_file", "{folder}/dispatcher.list")
modparam("dispatcher", "reload_delta", 0)
modparam("dispatcher", "ds_hash_size", 4)
modparam("dispatcher", "ds_ping_latency_stats", 1)
request_route {
    allow_routing("p");
    $var(i) = 0;
    while ($var(i) < 9) { pike_check_ip("192.0.2.50"); $var(i) = $var(i) + 1; }
    rl_check();
    pl_check("one", "TAILDROP", 3);
    rl_check_pipe("1");
    if ($rm == "REGISTER") { save("location"); exit; }
    cnt_inc("hits");
    sl_send_reply("200", "OK");
}
"""

SAME = """
dispatcher.list
dispatcher.list short
dispatcher.list full
dispatcher.list none
dispatcher.hash
dispatcher.hash 3
dispatcher.hash 3 alice
dispatcher.hash 5 alice server.com
dispatcher.hash 0 abcd
dispatcher.hash 7 bob example.org:5070 more
dispatcher.ping_active
dispatcher.ping_active 0
dispatcher.ping_active 5
dispatcher.ping_active
dispatcher.set_state
dispatcher.set_state i
dispatcher.set_state i 1
dispatcher.set_state q 1 all
dispatcher.set_state p 1 all
dispatcher.set_state i 1 sip:none
dispatcher.set_state i 99 sip:10.0.0.1
dispatcher.set_state i 99 all
dispatcher.set_state i 1 ALL
dispatcher.set_state ip 1 sip:10.0.0.1
dispatcher.set_state dp 1 SIP:10.0.0.3
dispatcher.set_state tx 2 all
dispatcher.list short after-states
dispatcher.set_state ap 1 all
dispatcher.set_duid_state
dispatcher.set_duid_state i 1
dispatcher.set_duid_state q 1 a
dispatcher.set_duid_state i 1 b
dispatcher.set_duid_state i 9 a
dispatcher.set_duid_state TP 1 a
dispatcher.list short after-duid
dispatcher.add
dispatcher.add 5
dispatcher.add 5 sip:10.0.0.8 8 5 a=b
dispatcher.remove
dispatcher.remove 5
dispatcher.remove 5 sip:10.0.0.8
dispatcher.reload
dispatcher.list reloaded
core.echo one 2
core.echo
core.prints one two
core.printi 1 -2
core.psx none
system.methodHelp none.such
none.such
jsonrpc.echo one 2
cfg.get
cfg.get own
cfg.get own v
cfg.get own none
cfg.get none
cfg.get none v
cfg.get core debug
cfg.get core none
cfg.list own
cfg.help own none
cfg.set own v 7
cfg.sets own s hello
cfg.get own
cfg.seti own v 8
cfg.sets own s bye
cfg.sets own v bye
cfg.set_now_int own v 9
cfg.set_now_string own s now
cfg.set none v 1
cfg.get own v
cfg.set_delayed own v 11
cfg.get own v
cfg.commit
cfg.get own v
cfg.rollback
cfg.diff
cfg.set core debug 2
cfg.del own v
cfg.del_delayed own v
cfg.add_group_inst own
cfg.add_group_inst own[1]
cfg.add_group_inst none[1]
cfg.get own[1] v
cfg.get own[2] v
cfg.set own[1] v 4
cfg.get own[1] v
cfg.get own[1]
cfg.del own[1] v
cfg.get own[1] v
cfg.del_delayed own[1] v
cfg.commit
cfg.del_group_inst own[2]
cfg.get dispatcher probing_threshold
cfg.set_now_int dispatcher probing_threshold 2
cfg.set_delayed_int dispatcher inactive_threshold 3
cfg.get dispatcher inactive_threshold
cfg.commit
cfg.get dispatcher inactive_threshold
cfg.get dispatcher probing_threshold
cfg.set_now_int dispatcher none 1
cfg.set_now_int dispatcher[1] probing_threshold 1
cfg.get dispatcher[1] probing_threshold
cfg.set_now_string dispatcher ping_reply_codes class=2;code=404
cfg.get dispatcher ping_reply_codes
cfg.get dispatcher
cfg.list dispatcher
stats.fetch script:
stats.fetch mine hits
stats.fetch none:
stats.fetch
stats.fetchn script:
stats.get_statistics mine
stats.get_statistics script:
stats.get_statistics none
stats.get_statistics
stats.reset_statistics
stats.reset_statistics none
stats.clear_statistics mine
stats.clear_statistics
cnt.get script hits
cnt.get script
cnt.get_raw script hits
cnt.get script none
cnt.help script hits
cnt.reset script mine
cnt.var_list script
cnt.list_vars none
cnt.grp_get_all script
cnt.get_vars none
pv.shvGet x
pv.shvGet none
pv.shvSet
pv.shvSet none int 3
pv.shvSet x
pv.shvSet x float 1
pv.shvSet x int 7
pv.shvGet x
pv.shvSet x str
pv.shvSet x str s:abc
pv.shvGet x
cfgutils.set_gflag 4
cfgutils.set_gflag 3
cfgutils.reset_gflag 1
cfgutils.is_gflag 2
cfgutils.is_gflag 1
cfgutils.get_gflags
cfgutils.set_gflag
cfgutils.rand_get_prob
cfgutils.rand_set_prob 50
cfgutils.rand_get_prob
cfgutils.rand_set_prob 101
cfgutils.rand_set_prob
cfgutils.rand_reset_prob
cfgutils.rand_get_prob
cfgutils.check_config_hash
cfgutils.get_config_hash
corex.list_sockets
sl.stats
tm.list
tm.clean
tm.cancel
tm.cancel none s:1
tm.reply
tm.reply_callid
tm.t_uac_start
tm.t_uac_start OPTIONS nouri . . From:x
tm.t_uac_start OPTIONS sip:a@b bad:x . From:x
tm.t_uac_start OPTIONS sip:a@b . udp:192.0.2.1:5060 From:x
ul.add location
ul.dump brief
ul.flush
ul.lookup
ul.lookup none joe
ul.lookup location none
ul.rm
ul.rm none joe
ul.rm location none
ul.rm_contact location joe
ul.rm_contact location none sip:x@y
ul.rm_contact location joe sip:x@y
ul.rm_contact location joe sip:joe@192.0.2.7
pike.top x
rl.set_pipe 0 TAILDROP 7
rl.set_pipe 9 RED 7
rl.set_pipe 9 NOP 3
rl.set_pipe 32 RED 1
rl.set_pipe 1 none 1
rl.set_queue 0 INVITE 1
rl.set_queue 5 INVITE 2
rl.set_queue 1 INVITE 32
rl.set_dbg 0
pl.list
pl.list one
pl.list none
pl.get_pipes
pl.set_pipe one RED 5
pl.stats
pl.set_pipe none RED 5
pl.set_pipe one XXX 5
pl.set_pipe one FEEDBACK 101
pl.set_pipe one NOP 1
secfilter.add_bl x y
secfilter.add_wl x y
secfilter.stats_reset
ul.db_users location
ul.db_contacts location
ul.db_expired_contacts location
htable.get
htable.get t
htable.get t a
htable.get none a
htable.get d a
htable.sets t a hello
htable.get t a
htable.sets t a 5
htable.get t a
htable.sets t a
htable.sets none a b
htable.seti t a 5
htable.seti t b 6
htable.seti t s:5 7
htable.get t s:5
htable.get t a
htable.seti t a
htable.seti none a 5
htable.setex t a 10
htable.setex e none 10
htable.setex none a 10
htable.setex t a
htable.setxs t c text 20
htable.setxs e b text 20
htable.setxs none a text 20
htable.setxs e a text
htable.setxi e a 12 20
htable.setxi none a 12 20
htable.setxi e a 12
htable.dump t
htable.dump e
htable.dump d
htable.dump none
htable.dump
htable.stats
htable.listTables
htable.delete t c
htable.delete t
htable.delete none a
htable.delete t none
htable.reload t
htable.reload
htable.store d
htable.flush t
htable.flush none
htable.flush
permissions.testUri p sip:a@b sip:bob@b
permissions.testUri p sip:a@b sip:bob@b:5070
permissions.testUri p sip:a@b sip:eve@b
permissions.testUri none sip:a@b sip:bob@b
permissions.testUri permissions a b
permissions.testUri p a
permissions.testUri
permissions.allowUri p sip:a@b sip:eve@b
permissions.addressReload
permissions.trustedReload
permissions.subnetDump
domain.dump
domain.reload
domain.dump
""".strip().splitlines()

SAME_BY_KAMCMD = """
rl.stats
rl.get_pipes
rl.get_queues
rl.get_pid
rl.push_load 0.5
rl.push_load 1.5
pl.get_pid
pl.push_load 0.5
pl.push_load 1.5
""".strip().splitlines()
"""By JSON Kamailio answers with the last line alone, and takes no fractions."""

SAME_NAMES = """
core.uptime
core.runinfo
core.info
core.shmmem
core.psx
core.psa
core.sockets_list
core.udp4_raw_info
pkg.stats
pkg.info
shm.stats
tm.stats
ul.lookup location joe
ul.dump
permissions.addressDump
pike.top
pike.top ALL
pike.list
""".strip().splitlines()
"""What is in these is the server's own; how it is called is not."""

SAME_NAMES_BY_KAMCMD = ["permissions.domainDump", "permissions.trustedDump"]
"""In JSON Kamailio has the last entry alone."""

DIFFERENCES = {
    "core.psx none": "an index selects one of Kamailio's processes; there is one here",
    "ul.dump brief": "slots of Kamailio's hash table",
}

FILES: Files = {
    "dispatcher.list": """
1 sip:10.0.0.1 0 9 duid=a;maxload=3;weight=40;rweight=5;x=y
1 sip:10.0.0.2:5070;transport=tcp 8 5
1 sip:10.0.0.3 1 2 latency=24
3 sip:10.0.0.4 0 0 obproxy=sip:10.0.0.9
2 sip:10.0.0.5 12
7 sips:10.0.0.6:5071
""",
    "p.allow": 'ALL : "bob@b$"\n',
    "p.deny": "ALL : ALL\n",
    "db": tables(
        {
            "address": [
                (1, "10.0.0.0", 8, 0, "ten"),
                (1, "2001:db8::", 32, 5060, None),
                (2, "127.0.0.1", 32, 0, None),
                (2, "a.example", 32, 5, None),
            ],
            "domain": [("a.example", "did-a")],
            "domain_attrs": [("did-a", "x", 2, "1"), ("did-a", "y", 0, "1")],
            "trusted": [("127.0.0.1", "udp", None, "^sip:", None, 4)],
            "secfilter": [(0, 0, "friendly-scanner")],
        }
    ),
}

Said = tuple[str, Any]
_PAUSE = 0.02


class _Peer:
    """Gives one server commands, by both ways."""

    def __init__(self, folder: Path, names: dict[str, int]) -> None:
        self._folder = folder
        self._names = names
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(folder / "me"))
        self._socket.settimeout(5)

    def close(self) -> None:
        self._socket.close()

    def is_up(self) -> bool:
        if not (self._folder / "kamailio_rpc.sock").exists():
            time.sleep(_PAUSE)  # who asks without one takes the time that it needs to start
            return False
        return "yes" in self.kamcmd(["core.echo", "yes"])

    def kamcmd(self, words: list[str]) -> str:
        where = f"unix:{self._folder}/kamailio_ctl"
        done = subprocess.run(
            ["kamcmd", "-s", where, *words], capture_output=True, text=True, check=False
        )
        return self._plain(done.stdout.strip())

    def json(self, words: list[str]) -> Any:
        parameters = [int(each) if re.fullmatch(r"-?\d+", each) else each for each in words[1:]]
        parameters = [
            each.removeprefix("s:") if isinstance(each, str) else each for each in parameters
        ]
        asked = {"jsonrpc": "2.0", "method": words[0], "params": parameters, "id": 7}
        self._socket.sendto(json.dumps(asked).encode(), str(self._folder / "kamailio_rpc.sock"))
        # Some texts of Kamailio's end with a newline.
        said = json.loads(self._plain(self._socket.recv(1 << 20).decode()).replace('\\n"', '"'))
        assert said["jsonrpc"] == "2.0"
        assert said["id"] == 7
        return said.get("result", said.get("error"))

    def _plain(self, text: str) -> str:
        for name, number in self._names.items():
            text = text.replace(str(number), f"<{name}>")
        return text

    def register(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
            phone.bind(("127.0.0.1", 0))
            phone.settimeout(5)
            text = (
                "REGISTER sip:here SIP/2.0\r\n"
                f"Via: SIP/2.0/UDP 127.0.0.1:{phone.getsockname()[1]};branch=z9hG4bK1\r\n"
                "From: <sip:joe@here>;tag=1\r\nTo: <sip:joe@here>\r\nCall-ID: joe-1\r\n"
                "CSeq: 1 REGISTER\r\nContact: <sip:joe@192.0.2.7>;q=0.5\r\nExpires: 600\r\n"
                "Content-Length: 0\r\n\r\n"
            )
            phone.sendto(text.encode(), ("127.0.0.1", self._names["server"]))
            assert phone.recv(65535).startswith(b"SIP/2.0 200")


def _ask(command: list[str], folder: Path) -> dict[str, Said]:
    names = {"server": free_port()}
    write_files(FILES, folder)
    with (
        contextlib.closing(_Peer(folder, names)) as peer,
        running(command, SCRIPT, folder, names, peer.is_up),
    ):
        peer.register()
        found = {}
        for line in (*SAME_NAMES, *SAME_NAMES_BY_KAMCMD, *SAME, *SAME_BY_KAMCMD):
            words = shlex.split(line)
            found[line] = (peer.kamcmd(words), peer.json(words))
        return found


@pytest.fixture(scope="module")
def answers(
    kamailio: list[str], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, Said]]:
    if shutil.which("kamcmd") is None:
        pytest.skip("kamcmd is not installed")
    servers = {"kamailio": kamailio, **sipway_commands()}
    with ThreadPoolExecutor(len(servers)) as pool:
        asked = {
            name: pool.submit(_ask, command, tmp_path_factory.mktemp("c"))
            for name, command in servers.items()
        }
        return {name: each.result() for name, each in asked.items()}


def _names(said: Said) -> tuple[list[str], str]:
    """Names in the order they came, each once, from both ways."""
    shown, value = said
    text = [*dict.fromkeys(re.findall(r"(?m)^\s*([\w()-]+):", shown))]
    return text, type(value).__name__


@pytest.mark.parametrize("line", [line for line in SAME if line not in DIFFERENCES])
def test_same_as_kamailio(line: str, answers: dict[str, dict[str, Said]]) -> None:
    theirs = answers["kamailio"][line]
    for build, ours in answers.items():
        said = ours[line]
        assert said[0] == theirs[0], build
        assert said[1] == theirs[1], build


@pytest.mark.parametrize("line", dict.fromkeys(SAME_BY_KAMCMD))
def test_same_as_kamailio_by_kamcmd(line: str, answers: dict[str, dict[str, Said]]) -> None:
    theirs = answers["kamailio"][line]
    for build, ours in answers.items():
        assert ours[line][0] == theirs[0], build


@pytest.mark.parametrize("line", SAME_NAMES)
def test_same_names_as_kamailio(line: str, answers: dict[str, dict[str, Said]]) -> None:
    theirs = _names(answers["kamailio"][line])
    for build, ours in answers.items():
        assert _names(ours[line]) == theirs, build


@pytest.mark.parametrize("line", SAME_NAMES_BY_KAMCMD)
def test_same_names_by_kamcmd(line: str, answers: dict[str, dict[str, Said]]) -> None:
    theirs = _names(answers["kamailio"][line])[0]
    for build, ours in answers.items():
        assert _names(ours[line])[0] == theirs, build
