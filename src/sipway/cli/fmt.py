"""``sipway fmt``: scripts laid out consistently, in place or to be looked at."""

from __future__ import annotations

import contextlib
import difflib
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from sipway.cli import findings, status, terminal
from sipway.language.diagnostics import Diagnostic, Diagnostics
from sipway.language.format import format_script
from sipway.language.record import Record
from sipway.language.source import SourceFile, Span, decode

STDIN = "-"


class _Count(Record, frozen=False):
    changed: int = 0
    same: int = 0
    failed: int = 0


def in_terminal(
    files: Sequence[str],
    defines: Mapping[str, str | None],
    *,
    check: bool = False,
    diff: bool = False,
) -> int:
    """Lay out ``files``; returns the exit status.

    ``check`` names the files that would change, ``diff`` shows how; both write nothing.
    """
    count = _Count()
    for name in files:
        _one(name, defines, count, check=check, diff=diff)
    if list(files) != [STDIN]:
        print(_summary(count, writes=not (check or diff)), file=sys.stderr)
    if count.failed or (count.changed and (check or diff)):
        return status.FAILED
    return status.OK


def _one(
    name: str, defines: Mapping[str, str | None], count: _Count, *, check: bool, diff: bool
) -> None:
    shown = "<stdin>" if name == STDIN else name
    try:
        data = sys.stdin.buffer.read() if name == STDIN else Path(name).read_bytes()
        text = decode(data)
    except OSError as error:
        _refuse(shown, f"this file can't be read: {error.strerror or error}", count)
        return
    except ValueError as error:
        _refuse(shown, f"this file is no script: {error}", count)
        return
    source = SourceFile(shown, text)
    result = format_script(source, defines)
    if result.text is None:
        _report(result.diagnostics, count)
        return
    for span in result.left:
        print(
            f"{shown}:{span.line}: left as it is: the text under this directive is no script",
            file=sys.stderr,
        )
    if name == STDIN and not (check or diff):
        _write_out(result.text)
    changed = result.text != text
    count.changed += changed
    count.same += not changed
    if not changed:
        return
    if diff:
        _show_difference(shown, text, result.text)
    elif check:
        print(f"would reformat {shown}")
    elif name != STDIN:
        try:
            replace(Path(name), _encode(result.text))
        except OSError as error:
            count.changed -= 1
            _refuse(shown, f"this file can't be written: {error.strerror or error}", count)
            return
        print(f"reformatted {shown}")


def _refuse(name: str, message: str, count: _Count) -> None:
    diagnostics = Diagnostics()
    diagnostics.error("unreadable-file", message, Span.point(SourceFile(name, ""), 0))
    _report(list(diagnostics), count)


def _report(diagnostics: Sequence[Diagnostic], count: _Count) -> None:
    count.failed += 1
    findings.show(diagnostics, sys.stderr)


def _summary(count: _Count, *, writes: bool) -> str:
    parts = []
    if count.changed:
        parts.append(f"{_files(count.changed)} {'' if writes else 'would be '}reformatted")
    if count.same:
        parts.append(f"{_files(count.same)} laid out well already")
    if count.failed:
        parts.append(f"{_files(count.failed)} with errors left alone")
    return ", ".join(parts)


def _files(number: int) -> str:
    return f"{number} file{'' if number == 1 else 's'}"


def _show_difference(name: str, before: str, after: str) -> None:
    style = terminal.Style(colour=terminal.wants_colour(sys.stdout))
    colours = {"+": ("green",), "-": ("red",), "@": ("cyan",)}
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), name, name
    )
    for number, line in enumerate(lines):
        colour = ("bold",) if number < 2 else colours.get(line[0], ())
        whole = line.endswith("\n")
        shown = style(line.rstrip("\n"), *colour) + "\n"
        _write_out(shown if whole else f"{shown}\\ No newline at end of file\n")


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _write_out(text: str) -> None:
    """To standard output, byte for byte as in the file."""
    sys.stdout.flush()
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        sys.stdout.write(text)
    else:
        buffer.write(_encode(text))
        buffer.flush()


def replace(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path`` so that there is either the old file or the new one.

    Mode and, where that is allowed, owner stay; a link stays a link. Raises OSError.
    """
    path = path.resolve()
    old = path.stat()
    number, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(number, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(OSError):
            os.chown(temporary, old.st_uid, old.st_gid)
        os.chmod(temporary, old.st_mode & 0o7777)  # noqa: PTH101 - a name, as mkstemp gives it
        os.replace(temporary, path)  # noqa: PTH105
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)  # noqa: PTH108
        raise
