"""Starting the server, in the foreground or in the background."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from sipway import BUILD, __version__
from sipway.cli import findings, terminal
from sipway.cli.kamailio import CommandLine
from sipway.core.settings import Settings
from sipway.errors import ConfigError, SipwayError
from sipway.server.checking import check
from sipway.server.daemon import PidFile, into_background
from sipway.server.options import Options, ReadyInfo
from sipway.server.run import serve


def in_terminal(options: Options) -> int:
    """Serve until Ctrl-C, and tell the person in front of the terminal what is going on."""
    try:
        result = serve(options, _welcome)
    except SipwayError as error:
        return findings.explain(error)
    if sys.stdout.isatty():
        print()  # behind the ^C that the terminal shows
    print("sipway has ended.", flush=True)
    return result


def as_kamailio(line: CommandLine) -> int:
    """Serve as a command line in Kamailio's manner says."""
    options = line.options
    try:
        for file, _ in _process_files(line):
            file.check()
        if line.foreground:
            return _serve(line, lambda: None)
        settings = _settings(options)
    except SipwayError as error:
        return findings.explain(error)
    if not settings.fork:
        return _serve(line, lambda: None)
    log_stderr = settings.log_stderror if options.log_stderr is None else options.log_stderr
    return into_background(lambda ready: _serve(line, ready), keep_stderr=log_stderr)


def _serve(line: CommandLine, ready: Callable[[], None]) -> int:
    files = _process_files(line)

    def on_ready(_: ReadyInfo) -> None:
        for file, number in files:
            file.write(number)
        ready()

    try:
        for file, _ in files:
            file.open()
        return serve(line.options, on_ready)
    except SipwayError as error:
        return findings.explain(error)
    finally:
        for file, _ in files:
            file.remove()


def _process_files(line: CommandLine) -> list[tuple[PidFile, int]]:
    """The files to write, each with its number: for this very process, so ask after a fork."""
    wanted = ((line.pid_file, os.getpid()), (line.group_file, os.getpgrp()))
    return [(PidFile(path), number) for path, number in wanted if path is not None]


def _settings(options: Options) -> Settings:
    """The script's core parameters. Raises ConfigError when it has errors."""
    result = check(options)
    if result.compiled is None:
        raise ConfigError("the script has errors", diagnostics=result.diagnostics)
    return Settings.from_items(result.compiled.parameters)


def _welcome(info: ReadyInfo) -> None:
    """The start screen."""
    style = terminal.Style(colour=terminal.wants_colour(sys.stdout))
    build = style("compiled", "green")
    if not info.compiled:
        build = f"{style('uncompiled', 'yellow')} ({BUILD.reason})"
    print(f"{style('sipway', 'bold')} {__version__}, {build}")
    print(f"  script      {info.script}")
    print(f"  modules     {', '.join(info.modules) or 'none'}")
    for index, socket in enumerate(info.listening):
        print(f"  {'listens on' if index == 0 else '':<10}  {style(socket, 'cyan')}")
    print(f"  try it      {_ping_command(info)}    (in another terminal)")
    print("Ctrl-C ends it.", flush=True)


def _ping_command(info: ReadyInfo) -> str:
    program = sys.argv[0] if os.sep in sys.argv[0] else "sipway"
    return f"{program} ping {info.listening[0]}"
