"""The entry point: which command was meant, and what its outcome means for the shell."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sipway import BUILD, __version__
from sipway.cli import kamailio, parser, status
from sipway.server.options import Options

_INTERRUPTED: Final = 130
"""What shells report for a program that Ctrl-C ended."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that ``arguments`` (default: ``sys.argv``) ask for; its exit status."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    try:
        if arguments and arguments[0].startswith("-") and arguments[0] not in _OURS:
            return _as_kamailio(arguments)
        return _command(arguments)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone (`sipway --help | head`); nothing more to say to him.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return status.FAILED


_OURS: Final = ("--help", "--version")


def _command(arguments: Sequence[str]) -> int:
    commands = parser.build_parser()
    try:
        given = commands.parse_args(arguments)
    except SystemExit as stop:  # argparse has said what there is to say
        return status.OK if not stop.code else status.USAGE
    if given.version:
        return _say_version()
    if given.command is None:
        commands.print_help(sys.stderr)
        return status.USAGE
    # Each command imports what it needs: `ping` and `--help` need no server.
    if given.command == "ping":
        from sipway.cli.ping import ping

        return ping(given.target, method=given.method, timeout=given.timeout, verbose=given.verbose)
    if given.command == "fmt":
        from sipway.cli import fmt

        defines = dict(given.defines)
        return fmt.in_terminal(given.scripts, defines, check=given.check, diff=given.diff)
    if given.command == "graph":
        from sipway.cli import graph

        form = "json" if given.json else given.format
        return graph.in_terminal(given.script, dict(given.defines), form)
    if given.command == "db":
        from sipway.cli import databases

        return databases.db(given.action, given.url, as_json=given.json)
    if given.command in ("user", "alias", "address", "domain"):
        from sipway.cli import users

        return users.run(given)
    if given.command == "check" and given.explain_parameters:
        from sipway.cli import parameters

        return parameters.explain(given.scripts, dict(given.defines), as_json=given.json)
    if given.command == "check":
        from sipway.cli import check

        if given.explain is not None:
            return check.explain(given.explain)
        if not given.scripts:
            print("sipway check: which FILE? `sipway check --help` explains.", file=sys.stderr)
            return status.USAGE
        return check.in_terminal(
            given.scripts,
            dict(given.defines),
            as_json=given.json,
            strict=given.strict,
            cache=given.cache,
        )
    from sipway.cli import run

    return run.in_terminal(_options(given))


def _options(given: argparse.Namespace) -> Options:
    script: Path | None = given.script
    listen = tuple(getattr(given, "listen", ()))
    defined = dict(given.defines)
    if script is None:
        from sipway.server import embedded

        listen = listen or embedded.listen()
        defined = {**embedded.defines(given.state_dir), **defined}
    return Options(
        script=script,
        listen=listen,
        defines=defined,
        log_stderr=True,
        state_dir=given.state_dir,
        run_dir=given.run_dir,
        cache=given.cache,
    )


def _as_kamailio(arguments: Sequence[str]) -> int:
    try:
        line = kamailio.parse(arguments)
    except kamailio.UsageError as error:
        print(f"sipway: {error}. `sipway -h` lists the options.", file=sys.stderr)
        return status.USAGE
    match line.action:
        case "version":
            return _say_version()
        case "help":
            print(kamailio.usage())
            return status.OK
        case "commands":
            parser.build_parser().print_help()
            return status.OK
        case "check":
            from sipway.cli import check

            return check.as_kamailio(line.options)
    from sipway.cli import run

    return run.as_kamailio(line)


def _say_version() -> int:
    print(f"sipway {__version__} ({BUILD})")
    return status.OK
