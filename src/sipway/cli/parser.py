"""The commands of ``sipway`` and their arguments."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from sipway.cli import database_arguments

_ABOUT: Final = """\
sipway is a SIP server. A routing script (the language of kamailio.cfg) says what it does
with each request: answer it, forward it, or drop it.
"""

_EXAMPLES: Final = """\
examples:
  sipway run                                  start with the script built in
  sipway run my.cfg -l udp:127.0.0.1:5070     start with your own script
  sipway ping udp:127.0.0.1:5070              send it a request, show the answer
  sipway check my.cfg                         say what is wrong with a script
  sipway fmt my.cfg                           lay a script out consistently
  sipway graph my.cfg | dot -Tpng -o my.png   draw which block calls which
  sipway db create                            make the tables of a database
  sipway user add alice@example.org           say who may register

Options of Kamailio are understood in place of a command: `sipway -f my.cfg -DD -E`.
`sipway -h` lists them, `sipway COMMAND --help` explains a command.
"""

_RUN: Final = """\
Starts the server with a routing script, in this terminal; Ctrl-C ends it. Without FILE it runs
the script built into sipway: phones register and call each other, on port 5060 of the addresses
that this machine and the local network can reach.
"""

_RUN_EXAMPLES: Final = """\
examples:
  sipway run
  sipway run my.cfg
  sipway run my.cfg -l udp:127.0.0.1:5070 -l udp:[::1]:5070
  sipway run -A WITH_AUTH                     the script built in, with passwords
  sipway run my.cfg -A DBURL='"text://local"'

exit status: 0 ended by Ctrl-C or SIGTERM, 1 an error in the script or a socket that cannot
be bound, 2 a mistake on the command line
"""

_CHECK: Final = """\
Reads a routing script, with what it includes, and says what is wrong with it: file, line,
column, and how to mend it. Starts nothing and binds no socket.
"""

_CHECK_EXAMPLES: Final = """\
examples:
  sipway check my.cfg
  sipway check my.cfg -A WITH_AUTH
  sipway check *.cfg --strict
  sipway check --explain missing-quote
  sipway check my.cfg --json > findings.json
  sipway check --explain-parameters             what each core parameter means here
  sipway check --explain-parameters my.cfg      those that the script sets

exit status: 0 no error (there may be warnings, without --strict), 1 errors, 2 a mistake on
the command line
"""

_FMT: Final = """\
Lays scripts out consistently, in place: a tab for each brace, one statement a line, blanks
around operators and behind commas. Words, comments and directives stay as they are, and so
does what is no script under an #!ifdef; a file with an error in it is left alone. What a
script includes is not touched: name these files too.
"""

_FMT_EXAMPLES: Final = """\
examples:
  sipway fmt my.cfg
  sipway fmt --check *.cfg
  sipway fmt --diff my.cfg
  sipway fmt - < my.cfg > new.cfg

exit status: 0 done; 1 a file has an error, or would change (--check, --diff); 2 a mistake on
the command line
"""

_GRAPH: Final = """\
Draws which routing block of a script calls which, with the entry points, the blocks that
nothing reaches, those that are called and not there, and those that may wait for something (a
database, another server). Modules that sipway does not have are no obstacle.
"""

_GRAPH_EXAMPLES: Final = """\
examples:
  sipway graph my.cfg
  sipway graph my.cfg | dot -Tpng -o my.png
  sipway graph my.cfg -A WITH_NAT --format svg > my.svg
  sipway graph my.cfg --format mermaid >> notes.md

exit status: 0 done, 1 an error in the script or no `dot` for SVG, 2 a mistake on the command
line
"""

_PING: Final = """\
Sends one SIP request over UDP and shows the answer: to see whether a server is there, and
what its script says. A lost request is sent again, as RFC 3261 wants it.
"""

_PING_EXAMPLES: Final = """\
examples:
  sipway ping
  sipway ping udp:127.0.0.1:5070
  sipway ping sip:alice@127.0.0.1:5070 --method INVITE --verbose

exit status: 0 an answer came, whatever it says; 1 none came; 2 a mistake on the command line
"""


def define(text: str) -> tuple[str, str | None]:
    """``NAME`` or ``NAME=VALUE`` of ``-A``; the value is left as it stands, quotes included."""
    name, equals, value = text.partition("=")
    if not name.isidentifier():
        raise argparse.ArgumentTypeError(f"not a name for #!ifdef: {name!r}")
    return name, value if equals else None


def defines(given: Sequence[tuple[str, str | None]]) -> dict[str, str | None]:
    """What all the ``-A`` define. Raises ArgumentTypeError for a name that is there already."""
    from sipway.language.defines import PREDEFINED  # noqa: PLC0415

    found: dict[str, str | None] = {}
    for name, value in given:
        if name in found:
            raise argparse.ArgumentTypeError(f"{name} is defined twice")
        if name in PREDEFINED:
            raise argparse.ArgumentTypeError(f"{name} is defined without that")
        found[name] = value
    return found


class _Defines(argparse.Action):
    """Collects what `-A` defines; a name twice is a mistake, as in Kamailio."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,  # noqa: ARG002
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,  # noqa: ARG002
    ) -> None:
        known = getattr(namespace, self.dest)
        try:
            made = defines([*known.items(), values])
        except argparse.ArgumentTypeError as error:
            raise argparse.ArgumentError(self, str(error)) from None
        setattr(namespace, self.dest, made)


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sipway",
        usage="sipway COMMAND ... | sipway [options of Kamailio]",
        description=_ABOUT,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
    )
    parser.add_argument("--help", action="help", help="this help")
    parser.add_argument(
        "--version", action="store_true", help="say which version and which build this is"
    )
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", title="commands", prog="sipway"
    )

    run = _command(commands, "run", "start the server", _RUN, _RUN_EXAMPLES)
    _script_argument(run)
    _define_argument(run)
    _cache_argument(run)
    run.add_argument(
        "-l",
        "--listen",
        action="append",
        default=[],
        metavar="udp:IP:PORT",
        help="listen on this socket too; as often as you like",
    )
    run.add_argument(
        "--state-dir",
        metavar="DIR",
        help="keep registrations and the like in DIR (default: /var/lib/sipway for root, else"
        " ~/.local/state/sipway); `none` keeps nothing",
    )
    run.add_argument(
        "--run-dir",
        metavar="DIR",
        help="have the sockets for kamcmd and JSON-RPC in DIR (default: /run/kamailio); `none` has"
        " only those that the script names",
    )

    check = _command(commands, "check", "say what is wrong with a script", _CHECK, _CHECK_EXAMPLES)
    _scripts_argument(check, optional=True)
    _define_argument(check)
    _cache_argument(check)
    check.add_argument("--json", action="store_true", help="print the findings as JSON")
    check.add_argument(
        "--explain", metavar="CODE", help="say what the code of a finding means, and how to mend it"
    )
    check.add_argument(
        "--explain-parameters",
        action="store_true",
        help="say of each core parameter, or of those that FILE sets, whether it has an effect",
    )
    check.add_argument("--strict", action="store_true", help="let warnings count as errors do")

    fmt = _command(commands, "fmt", "lay a script out consistently", _FMT, _FMT_EXAMPLES)
    _scripts_argument(fmt)
    _define_argument(fmt)
    fmt.add_argument("--check", action="store_true", help="only name the files that would change")
    fmt.add_argument("--diff", action="store_true", help="only show what would change")

    graph = _command(commands, "graph", "draw which block calls which", _GRAPH, _GRAPH_EXAMPLES)
    graph.add_argument("script", metavar="FILE", help="a routing script; - is the standard input")
    _define_argument(graph)
    form = graph.add_mutually_exclusive_group()
    form.add_argument(
        "--format",
        choices=("text", "dot", "svg", "mermaid"),
        help="(default: text on a terminal, dot in a pipe; svg needs Graphviz)",
    )
    form.add_argument("--json", action="store_true", help="print nodes and edges as JSON")

    ping = _command(commands, "ping", "send a request, show the answer", _PING, _PING_EXAMPLES)
    ping.add_argument(
        "target",
        nargs="?",
        default="udp:127.0.0.1:5060",
        metavar="TARGET",
        help="udp:IP:PORT or a SIP URI (default: %(default)s)",
    )
    ping.add_argument(
        "-m", "--method", default="OPTIONS", help="method of the request (default: %(default)s)"
    )
    ping.add_argument(
        "-t",
        "--timeout",
        type=float,
        default=5.0,
        metavar="SECONDS",
        help="how long to wait for the final answer (default: %(default)s)",
    )
    ping.add_argument("--verbose", action="store_true", help="show both messages in full")
    database_arguments.add(commands)
    return parser


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    summary: str,
    description: str,
    examples: str,
) -> argparse.ArgumentParser:
    return commands.add_parser(
        name,
        help=summary,
        description=description,
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def _script_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "script",
        nargs="?",
        type=Path,
        metavar="FILE",
        help="the routing script (default: the one built in)",
    )


def _scripts_argument(parser: argparse.ArgumentParser, *, optional: bool = False) -> None:
    parser.add_argument(
        "scripts",
        nargs="*" if optional else "+",
        metavar="FILE",
        help="a routing script; - is the standard input",
    )


def _cache_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--no-cache",
        dest="cache",
        action="store_false",
        help="compile the script anew, and do not keep the outcome (so does SIPWAY_CACHE=off)",
    )


def _define_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-A",
        "--define",
        dest="defines",
        action=_Defines,
        default={},
        type=define,
        metavar="NAME[=VALUE]",
        help="define a name, as `#!define` does in the script",
    )
