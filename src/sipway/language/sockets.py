"""Where a script wants to listen: `listen=...` and `socket = { ... }`.

Source: Kamailio's core cookbook 6.1, sections listen and socket.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Final

from sipway.language.lexer import ADDRESS, END, NAME, NUMBER, STRING, Token, string_value
from sipway.language.nodes import Listen
from sipway.language.operands import BOOLEANS, PROTOCOLS
from sipway.language.record import Record, replace
from sipway.language.source import Span
from sipway.language.statements import StatementParser
from sipway.language.tokens import SyntaxFailure, describe

_RESERVED_HOSTS: Final = PROTOCOLS | {"advertise", "name", "virtual"}
_HOST: Final = re.compile(
    r"(?:[a-z]+:)?(?:[\w-]+(?:\.[\w-]+)*|\[[\da-f:.]+\]|[\da-f:.]*:[\da-f:.]*)(?::\d+)?\Z",
    re.IGNORECASE,
)
_ADDRESS6: Final = re.compile(r"\[?[\da-f]*:[\da-f]*:[\da-f:.]*\]?\Z", re.IGNORECASE)
_LISTEN_EXAMPLE: Final = "listen=udp:127.0.0.1:5060"
_ADVERTISE_EXAMPLE: Final = "advertise 198.51.100.1:5060"
_SOCKET_EXAMPLE: Final = "socket = { bind = udp:127.0.0.1:5060; }"
_ATTRIBUTES: Final = frozenset({"bind", "advertise", "name", "agname", "virtual", "vrf", "workers"})
# No server listens on more; a slip of a digit would ask for tens of thousands.
_MAX_PORTS: Final = 1_000


class _Bind(Record):
    """`protocol:host:port`; `last` is the end of a range of ports."""

    span: Span
    protocol: str | None
    host: str
    port: int | None
    last: int | None = None


class SocketParser(StatementParser):
    def end_setting(self) -> None:
        """A setting ends with its line or with a `;`."""
        token = self.current
        if self.accept(";") or token.kind == END or self.starts_line():
            return
        if self.starts_top_level() or token.kind == NAME:
            return
        if token.kind == ")":
            self.report("extra-parenthesis", "this ) closes nothing", token, hint="remove it")
            self.advance()
            self.accept(";")
            return
        raise self.fail("unexpected", f"{describe(token)} can't stand here", token)

    def is_another_value(self, opening: Token | None) -> bool:
        """Whether a list of values, which `opening` may have begun, goes on."""
        if self.current.kind not in (NAME, STRING, ADDRESS, NUMBER):
            return False
        return opening is not None or not self.starts_line()

    def check_host(self, text: str, span: Span) -> None:
        """Report what can't be a host, which may have a protocol and a port."""
        if not _HOST.match(text):
            self.report(
                "bad-address",
                f"{text} is no host name",
                span,
                hint="as in sip.example.org, or udp:sip.example.org:5060",
            )

    # --- listen ---------------------------------------------------------------------------

    def listen(self) -> list[Listen]:
        """`listen=A B advertise X name "n" virtual`: what follows counts for all of them."""
        word = self.advance()
        self.advance()
        binds: list[_Bind] = []
        while True:
            binds += self._bind_group(word)
            if self.word() in ("advertise", "name", "virtual") or not self.is_another_value(None):
                break
        advertise: tuple[str, int | None] | None = None
        name: str | None = None
        virtual = False
        if self.word() == "advertise":
            self.advance()
            advertise = self._advertised()
        if self.word() == "name" and self.peek().kind == STRING:
            self.advance()
            name = self.string().value
        if self.word() == "virtual":
            self.advance()
            virtual = True
        end = self.previous.span
        self._end_listen()
        return [
            Listen(bind.span.to(end), bind.protocol, bind.host, bind.port, advertise, name, virtual)
            for bind in binds
        ]

    def _end_listen(self) -> None:
        if self.word() in ("advertise", "name") and not self.starts_line():
            raise self.fail(
                "unexpected",
                f"{self.current.text} can't stand here",
                self.current,
                hint=f'the order is: {_LISTEN_EXAMPLE} advertise HOST:PORT name "NAME" virtual',
            )
        self.end_setting()

    def _bind_group(self, word: Token) -> list[_Bind]:
        """`udp:A:5060`, or `udp:(A, B):5060` for several addresses with one port."""
        start = self.current if self.current.start >= word.start else word
        protocol = self._protocol()
        opening = self.accept("(")
        if opening is None:
            host = self._host(_LISTEN_EXAMPLE)
            port = self._port()
            span = (word if start.file is word.file else start).span.to(self.previous.span)
            return [_Bind(span, protocol, host, port)]
        hosts = []
        while True:
            first = self.current
            hosts.append((self._host(_LISTEN_EXAMPLE), first.span.to(self.previous.span)))
            self.accept(",")
            if not self.is_another_value(opening):
                break
        self.close_parenthesis(opening, word.text)
        port = self._port()
        return [_Bind(span, protocol, host, port) for host, span in hosts]

    def _protocol(self) -> str | None:
        token = self.current
        if token.kind != NAME or self.peek().kind != ":" or self.starts_line(self.at + 1):
            return None
        text = token.text.lower()
        if text not in PROTOCOLS:
            return None
        if text in ("ws", "wss"):
            self.report(
                "bad-protocol",
                f"{token.text} is no protocol to listen on",
                token,
                hint=f"WebSocket begins as HTTP: listen on {'tls' if text == 'wss' else 'tcp'},"
                " with the module websocket",
            )
        self.advance()
        self.advance()
        return text

    def _advertised(self) -> tuple[str, int | None]:
        token = self.current
        if token.kind == NAME and token.text.lower() in PROTOCOLS and self.peek().kind == ":":
            self.report(
                "bad-address",
                "advertise takes no protocol: it is that of the socket",
                token,
                hint=f"write: {_ADVERTISE_EXAMPLE}",
            )
            self.advance()
            self.advance()
        return self._host(_ADVERTISE_EXAMPLE), self._port()

    def _host(self, example: str) -> str:
        token = self.current
        if token.kind == STRING:
            return self._quoted_host(self.advance(), example)
        if token.kind == ADDRESS:
            return self.address().text.strip("[]")
        if token.kind == NAME and token.text in _RESERVED_HOSTS:
            raise self.fail(
                "missing-value",
                f"an address is missing: {token.text} is not one",
                token,
                hint=f"write: {example}; a host of that name needs quotes",
            )
        if token.kind in (NAME, NUMBER) and not (self.starts_line() and self.starts_top_level()):
            self.advance()
            host, span = self._stuck(token, ".-")
            self.check_host(host, span)
            return host
        if token.kind == "*":
            raise self.fail(
                "bad-address",
                "* is no address",
                token,
                hint="0.0.0.0 stands for all addresses",
            )
        raise self.fail(
            "missing-value",
            "an address, a host name or an interface is missing",
            self.previous.after,
            hint=f"write: {example}",
        )

    def _quoted_host(self, token: Token, example: str) -> str:
        text = string_value(token.text)
        if _ADDRESS6.match(text):
            return text.strip("[]")
        # A text whose missing quote has been reported is no second mistake.
        written = token.span.text
        mended = token.macro is None and written[:1] + written[-1:] != token.text[0] * 2
        if not mended and (":" in text or text.split() != [text]):
            self.report(
                "bad-address",
                f'"{text}" is no host name',
                token,
                hint=f"only the host may stand in quotes: {example}",
            )
        return text

    def _port(self) -> int | None:
        if self.current.kind != ":":
            return None
        return self._port_number(self.advance())

    def _port_number(self, before: Token) -> int:
        if self.current.kind == NUMBER:
            token = self.current
            port = self.number().value
            if not 0 <= port <= 65535:
                self.report("bad-port", f"{token.text} is no port: they end at 65535", token)
            return port
        raise self.fail(
            "missing-value", "the port is missing", before.after, hint="a number, such as 5060"
        )

    # --- socket ---------------------------------------------------------------------------

    def socket(self) -> list[Listen]:
        """`socket = { bind = ...; }`: a Listen for each port of its range."""
        word = self.advance()
        self.accept("=")
        if self.current.kind != "{":
            raise self.fail(
                "missing-brace",
                "the { of this socket is missing",
                self.previous.after,
                hint=f"write: {_SOCKET_EXAMPLE}",
            )
        self.advance()
        bind: _Bind | None = None
        whole = Listen(word.span, None, "", None, None, None)
        seen: set[str] = set()
        while self.current.kind not in ("}", END):
            if self.accept(";"):
                continue
            before = self.at
            try:
                attribute = self._attribute(seen)
                if attribute == "bind":
                    bind = self._bind()
                else:
                    whole = self._attribute_value(attribute, whole)
                self._end_attribute()
            except SyntaxFailure:
                self._skip_attribute(before)
        end = self.advance() if self.current.kind == "}" else self.previous
        self.accept(";")
        if bind is None:
            if "bind" not in seen:
                self.report(
                    "missing-value",
                    "this socket has no address to listen on",
                    word,
                    hint=f"write: {_SOCKET_EXAMPLE}",
                )
            return []
        return self._ports(replace(whole, span=word.span.to(end.span)), bind)

    def _attribute(self, seen: set[str]) -> str:
        token = self.current
        if token.kind != NAME or self.peek().kind != "=":
            if token.kind == NAME and token.text in _ATTRIBUTES:
                seen.add(token.text)
                raise self.fail(
                    "missing-equals", f"an = is missing behind {token.text}", token.after
                )
            raise self.fail("unexpected", f"{describe(token)} can't stand here", token)
        name = token.text
        if name not in _ATTRIBUTES:
            near = get_close_matches(name, sorted(_ATTRIBUTES), 1, 0.6)
            if near == ["bind"]:
                seen.add("bind")
            raise self.fail(
                "unknown-attribute",
                f"a socket has no attribute {name}",
                token,
                hint=f"did you mean {near[0]}?"
                if near
                else f"they are: {', '.join(sorted(_ATTRIBUTES))}",
            )
        if name in seen:
            self.report("set-twice", f"{name} is set twice for one socket", token)
        seen.add(name)
        self.advance()
        self.advance()
        return name

    def _bind(self) -> _Bind:
        start = self.current
        protocol = self._protocol()
        host = self._host(_SOCKET_EXAMPLE)
        port = self._port()
        last: int | None = None
        if port is not None and self.current.kind == "-":
            last = self._port_number(self.advance())
        span = start.span.to(self.previous.span)
        if port is not None and last is not None and not 0 <= last - port < _MAX_PORTS:
            self.report(
                "bad-port",
                f"{port}-{last} is no range of ports",
                span,
                hint=f"the lower port stands first, and at most {_MAX_PORTS} ports are taken",
            )
            last = None
        return _Bind(span, protocol, host, port, last)

    def _attribute_value(self, attribute: str, socket: Listen) -> Listen:
        token = self.current
        if attribute == "advertise":
            return replace(socket, advertise=self._advertised())
        if attribute == "virtual":
            if token.kind == NUMBER:
                return replace(socket, virtual=self.number().value != 0)
            if token.kind == NAME and token.text in BOOLEANS:
                self.advance()
                return replace(socket, virtual=bool(BOOLEANS[token.text]))
            raise self._wrong_attribute(attribute, "yes or no")
        if attribute == "workers":
            if token.kind == NUMBER:
                return replace(socket, workers=self.number().value)
            raise self._wrong_attribute(attribute, "a number")
        if token.kind != STRING:
            raise self._wrong_attribute(attribute, "a text in quotes")
        text = self.string().value
        if attribute == "name":
            return replace(socket, name=text)
        return replace(socket, vrf=text) if attribute == "vrf" else replace(socket, group=text)

    def _wrong_attribute(self, attribute: str, wanted: str) -> SyntaxFailure:
        token = self.current
        if token.kind in (";", "}", END) or self.starts_line():
            return self.fail(
                "missing-value", f"the value of {attribute} is missing", self.previous.after
            )
        return self.fail("wrong-value", f"{attribute} takes {wanted}", token)

    def _end_attribute(self) -> None:
        token = self.current
        if self.accept(";") or token.kind in ("}", END):
            return
        if not self.starts_line():
            raise self.fail("unexpected", f"{describe(token)} can't stand here", token)
        self.report(
            "missing-semicolon",
            "a semicolon is missing here",
            self.previous.after,
            hint="put ; here",
        )

    def _skip_attribute(self, start: int) -> None:
        while self.current.kind not in ("}", END):
            if self.accept(";"):
                return
            if self.at > start and self.starts_line() and self.peek().kind == "=":
                return
            if self.advance().kind == "{":
                self.leave_block()

    def _ports(self, whole: Listen, bind: _Bind) -> list[Listen]:
        whole = replace(whole, protocol=bind.protocol, host=bind.host, port=bind.port)
        if bind.port is None or bind.last is None:
            return [whole]
        found = []
        for step in range(bind.last - bind.port + 1):
            advertise = whole.advertise
            if advertise is not None and advertise[1] is not None:
                advertise = advertise[0], advertise[1] + step
            name = whole.name if whole.name is None else f"{whole.name}{bind.port + step}"
            found.append(replace(whole, port=bind.port + step, advertise=advertise, name=name))
        return found
