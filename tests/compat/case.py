"""What a case is, and how the scripts of `cases/` become whole scripts with cases.

A suite is one script with its cases. There are two kinds:

blocks  `cases/NAME.cfg` alone: each `route[CASE]` is one case. The comment above it says what
        it pins down. An OPTIONS request whose user part is CASE runs it, and the code that the
        block returned to its caller is logged. Blocks that start with `_` only serve others.
wire    `cases/NAME.cfg` with its own `request_route`, and `cases/NAME.py` beside it with the
        datagrams: a list `CASES` of `Case`. Where the script is made of tables, it is `SCRIPT`
        in `NAME.py`, and there is no `NAME.cfg`. `FILES` there are files for the script to read.

Lines of the log that count start with `@@ `; in a script of blocks `L("...")` writes one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Final, TypeAlias

FOLDER: Final = Path(__file__).parent / "cases"

_HEAD: Final = (FOLDER / "common" / "head.cfg").read_text()
_TAIL: Final = (FOLDER / "common" / "tail.cfg").read_text()

_BLOCK: Final = re.compile(r"^(?P<why>(?:#[^\n]*\n)*)route\[(?P<name>\w+)\]", re.MULTILINE)
_LOG_SHORTHAND: Final = re.compile(r'\bL\("((?:[^"\\]|\\.)*)"\)')

Files: TypeAlias = Mapping[str, str | Callable[[Path], None]]
"""By name: what is in a file, or what makes it."""


@dataclass(frozen=True, slots=True)
class Case:
    """One thing to compare: the datagrams to send, in order, and what they pin down.

    `{server}`, `{client}`, `{other}` and `{six}` in a datagram, and in a script with datagrams
    of its own, stand for the ports of the server under test and of the three sockets of the
    client, `{second}` for a port that a script may listen on besides; all datagrams leave from
    `client`, `six` is of [::1]. `waits`: the
    script answers when it is through, maybe after others that came later.
    """

    name: str
    why: str
    datagrams: tuple[bytes, ...]
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Suite:
    """`files` lie beside the script before the server starts; `{folder}` in it is where that is."""

    name: str
    script: str
    cases: tuple[Case, ...]
    files: Files = field(default_factory=dict)


def request(
    method: str = "OPTIONS",
    user: str = "bob",
    *,
    uri: str | None = None,
    via: str = "Via: SIP/2.0/UDP 127.0.0.1:{client};branch=z9hG4bK-1\r\n",
    from_: str = "<sip:alice@caller.example>;tag=a1",
    to: str = "<sip:bob@callee.example>",
    call_id: str = "call-1",
    cseq: str | None = None,
    extra: str = "",
    body: str = "",
    length: object = None,
) -> bytes:
    """A request with everything that RFC 3261 8.1.1 asks for, unless told otherwise."""
    content_length = len(body.encode()) if length is None else length
    return (
        f"{method} {uri or f'sip:{user}@compat.example'} SIP/2.0\r\n"
        f"{via}"
        f"From: {from_}\r\nTo: {to}\r\nCall-ID: {call_id}\r\n"
        f"CSeq: {cseq or f'1 {method}'}\r\nMax-Forwards: 70\r\n"
        f"{extra}Content-Length: {content_length}\r\n\r\n{body}"
    ).encode()


def write_files(files: Files, folder: Path) -> None:
    """Make them."""
    for name, content in files.items():
        if isinstance(content, str):
            (folder / name).write_text(content)
        else:
            content(folder / name)


def suites() -> Iterator[Suite]:
    """All suites of `cases/`, by name."""
    for name in sorted({path.stem for path in FOLDER.iterdir() if path.is_file()} - {"__init__"}):
        path = FOLDER / f"{name}.cfg"
        if path.with_suffix(".py").exists():
            yield _wire_suite(path)
        else:
            yield block_suite(path.stem, path.read_text())


def _wire_suite(path: Path) -> Suite:
    module = import_module(f"tests.compat.cases.{path.stem}")
    script = path.read_text() if path.exists() else module.SCRIPT
    return Suite(path.stem, whole(script), tuple(module.CASES), getattr(module, "FILES", {}))


def block_suite(name: str, text: str, *, waits: bool = False) -> Suite:
    """A suite of blocks, as they stand in `cases/NAME.cfg`; with `waits` each is answered."""
    cases = [
        Case(
            block["name"],
            " ".join(line.lstrip("# ") for line in block["why"].splitlines()),
            (request(user=block["name"], call_id=block["name"]),),
            waits,
        )
        for block in _BLOCK.finditer(text)
        if not block["name"].startswith("_")
    ]
    end = 'L("returned $rc"); sl_send_reply("299", "Through");' if waits else 'L("returned $rc");'
    dispatch = "".join(
        f'    if ($rU == "{case.name}") {{ route({case.name}); {end} exit; }}\n' for case in cases
    )
    main = f"request_route {{\n    route(COMPAT_END);\n{dispatch}}}\n"
    return Suite(name, whole(text + main), tuple(cases))


def whole(script: str) -> str:
    """The script with all that cases and suites need around it, `L("...")` written out."""
    return _HEAD + _expand(script) + _TAIL


def _expand(script: str) -> str:
    return _LOG_SHORTHAND.sub(r'xlog("L_NOTICE", "@@ \1\\n")', script)
