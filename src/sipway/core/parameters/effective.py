"""Parameters that have an effect."""

from __future__ import annotations

from typing import Final

from sipway.core.log import INFO
from sipway.core.parameters.conversions import (
    alias,
    branches,
    engine,
    facility,
    flag,
    natural,
    one_character,
    one_word,
    pmtu_mode,
    port,
    return_mode,
    type_of_service,
    up_to,
)
from sipway.language.signatures import ParameterSignature

EFFECTIVE: Final = (
    ParameterSignature(
        "advertised_address",
        None,
        convert=str,
        doc="host to show in our Via instead of the socket's own",
    ),
    ParameterSignature(
        "advertised_port",
        int,
        0,
        convert=port,
        doc="port to show in our Via instead of the socket's own",
    ),
    ParameterSignature(
        "alias",
        str,
        convert=alias,
        repeatable=True,
        doc="a name, with or without a port, under which this server is `myself`",
    ),
    ParameterSignature(
        "auto_bind_ipv6",
        int,
        False,
        convert=flag,
        doc="listen on IPv6 addresses too when the script names no address",
    ),
    ParameterSignature(
        "async_tkv_evcb",
        str,
        "",
        convert=str,
        doc="the event_route for events with a type, a key and a value (default core:tkv)",
    ),
    ParameterSignature(
        "async_tkv_gname", str, "", convert=str, doc="the name of who deals with them, for $atkv"
    ),
    ParameterSignature(
        "bind_ipv6_link_local",
        int,
        0,
        convert=up_to(2),
        doc="link-local addresses: 1 is bound with its interface, 2 left out",
    ),
    ParameterSignature(
        "dst_blocklist_expire",
        int,
        60,
        convert=natural,
        doc="seconds that a destination is left alone (use_dst_blocklist)",
    ),
    ParameterSignature(
        "dst_blocklist_init", int, True, convert=flag, doc="with no, there is no such list"
    ),
    ParameterSignature(
        "dst_blocklist_mem", int, 250, convert=natural, doc="most memory of that list in kB"
    ),
    ParameterSignature(
        "mcast", None, convert=str, doc="interface for the multicast group of the next listen"
    ),
    ParameterSignature(
        "mcast_loopback", int, False, convert=flag, doc="what we send to a group comes back"
    ),
    ParameterSignature("mcast_ttl", int, convert=up_to(255), doc="hops of what we send to a group"),
    ParameterSignature(
        "msg_apply_changes_mode",
        int,
        False,
        convert=flag,
        doc="changes of a request are made before it gets a transaction",
    ),
    ParameterSignature(
        "received_route_mode",
        int,
        0,
        convert=up_to(3),
        doc="run event_route[core:msg-received]: 1 for messages, 2 for what is read, 3 both",
    ),
    ParameterSignature(
        "stats_name_separator",
        str,
        "_",
        convert=one_character,
        doc="between the parts of a counter's name, as in location_users",
    ),
    ParameterSignature(
        "use_dst_blocklist",
        int,
        False,
        convert=flag,
        doc="leave destinations alone that could not be reached",
    ),
    ParameterSignature(
        "xavp_via_reply_params",
        str,
        convert=one_word,
        doc="the $xavp with parameters of the topmost Via of replies (corex)",
    ),
    ParameterSignature(
        "cfgengine", str, "native", convert=engine, doc="what the routes are written in"
    ),
    ParameterSignature(
        "check_via",
        int,
        False,
        convert=flag,
        doc="pass on only replies whose first Via is ours",
    ),
    ParameterSignature(
        "chroot",
        str,
        convert=one_word,
        doc="directory to be locked into once the sockets are bound; needs root",
    ),
    ParameterSignature(
        "corelog",
        int,
        INFO,
        doc="log level for what is wrong with messages; information here, so that peers cannot fill"
        " the log (Kamailio: -1)",
    ),
    ParameterSignature(
        "debug",
        int,
        0,
        doc="log level: lines above it are not written (-1 errors, 0 warnings, 2 info, 3 all)",
    ),
    ParameterSignature(
        "disable_core_dump", int, False, convert=flag, doc="leave no core file behind"
    ),
    ParameterSignature(
        "force_rport",
        int,
        False,
        convert=flag,
        doc="answer every request to the port it came from, as force_rport() does",
    ),
    ParameterSignature(
        "fork",
        int,
        True,
        convert=flag,
        doc="go to the background, unless the command line says otherwise",
    ),
    ParameterSignature(
        "group", str, doc="group, by name or number, to run as once the sockets are bound"
    ),
    ParameterSignature(
        "ip_free_bind",
        int,
        False,
        convert=flag,
        doc="bind addresses that this machine does not have",
    ),
    ParameterSignature(
        "latency_cfg_log",
        int,
        doc="log level of how long request_route and reply_route took; not told unless it is set",
    ),
    ParameterSignature(
        "latency_limit_action",
        int,
        0,
        convert=natural,
        doc="microseconds above which a statement counts as slow and is logged; 0: none does",
    ),
    ParameterSignature("latency_log", int, -1, doc="log level for statements that were slow"),
    ParameterSignature(
        "local_rport",
        int,
        False,
        convert=flag,
        doc="ask for rport in our own Via, as add_local_rport() does",
    ),
    ParameterSignature(
        "log_color",
        int,
        False,
        convert=flag,
        doc="give each log level a colour on standard error",
    ),
    ParameterSignature(
        "log_facility", str, "LOG_DAEMON", convert=facility, doc="facility of syslog to log to"
    ),
    ParameterSignature("log_name", str, doc="name of the program in syslog's lines"),
    ParameterSignature(
        "log_prefix",
        str,
        format=True,
        doc="put before lines that are logged for a message; may hold variables",
    ),
    ParameterSignature(
        "log_prefix_mode",
        int,
        0,
        doc="0: variables in log_prefix are read once a message; 1: for each line",
    ),
    ParameterSignature(
        "log_stderror", int, False, convert=flag, doc="log to standard error instead of syslog"
    ),
    ParameterSignature(
        "max_branches",
        int,
        12,
        convert=branches,
        doc="most branches of a request, that of the Request-URI included",
    ),
    ParameterSignature(
        "max_recursive_level", int, 256, convert=natural, doc="how deep blocks may call each other"
    ),
    ParameterSignature(
        "max_while_loops",
        int,
        100,
        convert=natural,
        doc="rounds after which a while ends; 0: as many as it takes",
    ),
    ParameterSignature(
        "maxbuffer",
        int,
        convert=natural,
        doc="bytes the kernel keeps for a socket until they are read (as many as it may, to 4 MiB)",
    ),
    ParameterSignature(
        "maxsndbuffer",
        int,
        convert=natural,
        doc="bytes the kernel keeps for a socket until they are sent (as many as it may, to 4 MiB)",
    ),
    ParameterSignature(
        "mhomed",
        int,
        False,
        convert=flag,
        doc="choose the socket for a request by the route to its destination",
    ),
    ParameterSignature(
        "onsend_route_reply", int, False, convert=flag, doc="run onsend_route for replies too"
    ),
    ParameterSignature("open_files_limit", int, convert=natural, doc="most open files"),
    ParameterSignature(
        "phone2tel",
        int,
        True,
        convert=flag,
        doc="treat a SIP URI with user=phone as the tel URI it stands for",
    ),
    ParameterSignature(
        "pmtu_discovery",
        int,
        None,
        convert=pmtu_mode,
        doc="set Don't Fragment: 0 never, 1 always, 2 as the route says (as the system does)",
    ),
    ParameterSignature("port", int, 5060, convert=port, doc="port of every listen that names none"),
    ParameterSignature(
        "reply_to_via",
        int,
        False,
        convert=flag,
        doc="send replies to the address in the Via instead of the one the request came from",
    ),
    ParameterSignature(
        "return_mode",
        int,
        0,
        convert=return_mode,
        doc="1: a call in an expression is its code, and all codes but 0 are true (Kamailio 5.7);"
        " 0: a call is 1 or 0",
    ),
    ParameterSignature(
        "rundir", str, convert=str, doc="directory of the sockets for kamcmd and JSON-RPC (-Y)"
    ),
    ParameterSignature(
        "server_header",
        str,
        doc="the whole Server line of replies made here, without its line end; empty: none",
    ),
    ParameterSignature(
        "server_id", int, 0, doc="number of this server among several, for the script ($sid)"
    ),
    ParameterSignature(
        "server_signature",
        int,
        True,
        convert=flag,
        doc="whether replies and requests made here name the server",
    ),
    ParameterSignature(
        "sip_warning",
        int,
        False,
        convert=flag,
        doc="add a Warning header to replies made here: from where and whereto the request was",
    ),
    ParameterSignature(
        "tos",
        None,
        convert=type_of_service,
        doc="type of service of sent packets, a number or a name such as IPTOS_LOWDELAY",
    ),
    ParameterSignature(
        "user", str, doc="user, by name or number, to run as once the sockets are bound"
    ),
    ParameterSignature(
        "user_agent_header",
        str,
        doc="the whole User-Agent line of requests made here, without its line end; empty: none",
    ),
    ParameterSignature("workdir", str, doc="directory to run in"),
    ParameterSignature(
        "version_table",
        str,
        "version",
        doc="table of a database with the versions of others",
    ),
    ParameterSignature(
        "xavp_via_fields",
        str,
        doc="name of the $xavp with address and port of our Via, for via_use_xavp_fields()",
    ),
    ParameterSignature(
        "xavp_via_params",
        str,
        doc="name of the $xavp with parameters of our Via, for via_add_xavp_params()",
    ),
)
