"""Settings: what stands outside of blocks, one on a line."""

from __future__ import annotations

import re
from typing import Final

from sipway.language.lexer import (
    ADDRESS,
    END,
    NAME,
    NUMBER,
    STRING,
    Token,
    string_value,
)
from sipway.language.nodes import (
    CustomParameter,
    FlagsDeclaration,
    Listen,
    LoadModule,
    ModParam,
    Parameter,
    TopLevel,
)
from sipway.language.operands import BOOLEANS, PROTOCOLS
from sipway.language.source import Span
from sipway.language.statements import StatementParser
from sipway.language.tokens import (
    SyntaxFailure,
    describe,
)

_DESCRIPTION: Final = frozenset({"desc", "descr", "description"})
# Parameters that take several values, separated by blanks.
_LISTS: Final = frozenset({"alias", "domain"})
_RESERVED_HOSTS: Final = PROTOCOLS | {"advertise", "name", "virtual"}
_HOST: Final = re.compile(
    r"(?:[a-z]+:)?(?:[\w-]+(?:\.[\w-]+)*|\[[\da-f:.]+\]|[\da-f:.]*:[\da-f:.]*)(?::\d+)?\Z",
    re.IGNORECASE,
)
_FLAG_WORDS: Final = frozenset({"flags", "avpflags", "bool"})


class SettingParser(StatementParser):
    def setting(self) -> list[TopLevel] | None:
        """The setting that starts here; None if none does."""
        text = self.current.text
        following = self.peek()
        if text in ("loadmodule", "loadmodulex"):
            return [self._load_module()]
        if text in ("modparam", "modparamx"):
            return [self._modparam()]
        if text in ("loadpath", "cfgengine") and following.kind in (STRING, "="):
            return [self._plain_parameter(equals_needed=False)]
        if text in _FLAG_WORDS and following.kind == NAME:
            return [self._flags()]
        if following.kind == "=":
            if text == "listen":
                return list(self._listen())
            if text in _LISTS:
                return list(self._list_parameter())
            return [self._plain_parameter()]
        if following.kind == "." and self.peek(2).kind == NAME:
            return [self._custom_parameter()]
        return None

    # --- modules --------------------------------------------------------------------------

    def _load_module(self) -> LoadModule:
        word = self.advance()
        self.accept("=")
        if self.current.kind != STRING:
            raise self._needs_text(word, "the name of a module", f'{word.text} "tm.so"')
        literal = self.advance()
        self._end_setting()
        path = string_value(literal.text)
        name = path.rpartition("/")[2].removesuffix(".so")
        return LoadModule(word.span.to(literal.span), name, path)

    def _needs_text(self, word: Token, what: str, example: str) -> SyntaxFailure:
        token = self.current
        if token.kind == NAME and not self.starts_line():
            while self.peek().start == self.current.end and self.peek().kind in (NAME, ".", "/"):
                self.advance()
            span = token.span.to(self.current.span)
            failure = self.fail(
                "missing-quotes",
                f"{what} needs quotes",
                span,
                hint=f'write: {word.text} "{span.text}"',
            )
            self.advance()
            return failure
        if token.kind == "(" and self.peek().kind == STRING:
            return self.fail(
                "unexpected",
                f"{word.text} has no parentheses",
                token,
                hint=f"write: {word.text} {self.peek().text}",
            )
        return self.fail(
            "missing-value", f"{what} is missing", self.previous.after, hint=f"write: {example}"
        )

    def _modparam(self) -> ModParam:
        word = self.advance()
        opening = self.current
        example = f'{word.text}("MODULE", "PARAMETER", VALUE)'
        if not self.accept("("):
            raise self.fail(
                "missing-parenthesis",
                f"an opening parenthesis is missing behind {word.text}",
                word.after,
                hint=f"write: {example}",
            )
        if self._lacks_first_comma():
            first = self.advance()
            module = string_value(first.text), first.span
        else:
            module = self._modparam_text("the module", example)
        self._modparam_comma(example)
        if self._lacks_second_comma():
            literal = self.advance()
            name = string_value(literal.text), literal.span
        else:
            name = self._modparam_text("the parameter", example)
        self._modparam_comma(example)
        value, span, _ = self._value(word.text, example)
        if self.current.kind == ",":
            raise self.fail(
                "extra-argument",
                f"{word.text} takes a module, a parameter and one value",
                self.current,
                hint=f"write: {example}",
            )
        self.close_parenthesis(opening, word.text)
        whole = word.span.to(self.previous.span)
        self._end_setting()
        return ModParam(whole, module[0], name[0], value, module[1], name[1], span)

    def _lacks_first_comma(self) -> bool:
        """Whether module and parameter stand side by side, which would join them."""
        return self._commas_behind_texts() in (0, 1)

    def _lacks_second_comma(self) -> bool:
        """Whether parameter and value stand side by side."""
        return self._commas_behind_texts() == 0

    def _commas_behind_texts(self) -> int:
        """How many commas follow two texts that stand side by side; -1 if they don't."""
        if self.current.kind != STRING or self.peek().kind != STRING:
            return -1
        commas = 0
        distance = 1
        while self.peek(distance).kind not in (")", "(", ";", END):
            commas += self.peek(distance).kind == ","
            distance += 1
        return commas

    def _modparam_text(self, what: str, example: str) -> tuple[str, Span]:
        if self.current.kind == STRING:
            literal = self.string()
            return literal.value, literal.span
        if self.current.kind == NAME:
            raise self.fail(
                "missing-quotes",
                f"the name of {what} needs quotes",
                self.current,
                hint=f"write: {example}",
            )
        raise self.fail(
            "missing-value",
            f"the name of {what} is missing",
            self.previous.after,
            hint=f"write: {example}",
        )

    def _modparam_comma(self, example: str) -> None:
        if self.accept(","):
            return
        if self.current.kind in (STRING, NUMBER, NAME):
            self.report(
                "missing-comma",
                f"a comma is missing in front of {describe(self.current)}",
                self.previous.after,
                hint=f"write: {example}",
            )
            return
        raise self.fail(
            "missing-argument",
            "a module, a parameter and a value are needed",
            self.previous.after,
            hint=f"write: {example}",
        )

    # --- parameters -----------------------------------------------------------------------

    def _value(self, name: str, example: str) -> tuple[int | str, Span, bool]:
        """A number, a text, yes or no, or a bare word; whether it is the last of these."""
        token = self.current
        if token.kind == STRING:
            literal = self.string()
            return literal.value, literal.span, False
        if token.kind == NUMBER or (token.kind == "-" and self.peek().kind == NUMBER):
            following = self.peek(2 if token.kind == "-" else 1)
            last = self.peek(1 if token.kind == "-" else 0)
            if not (following.kind in (".", "-") and following.start == last.end):
                if token.kind == "-":
                    self.advance()
                number = self.number()
                value = -number.value if token.kind == "-" else number.value
                return value, token.span.to(number.span), False
        if token.kind in (NAME, NUMBER, ADDRESS):
            # A setting on the next line is not the value of this one.
            if self.starts_line() and self.starts_top_level():
                raise self._missing_value(name, example)
            self.advance()
            if self.current.kind in (".", "-", ":") and self.touches_previous():
                text, span = self._stuck(token, ".-:")
                return text, span, True
            if token.text in BOOLEANS:
                return BOOLEANS[token.text], token.span, False
            return token.text, token.span, True
        raise self._missing_value(name, example)

    def _missing_value(self, name: str, example: str) -> SyntaxFailure:
        token = self.current
        if token.kind in (",", ")", ";", END) or self.starts_line():
            return self.fail(
                "missing-value",
                f"the value of {name} is missing",
                self.previous.after,
                hint=f"write: {example}",
            )
        return self.fail("unexpected", f"{describe(token)} is no value", token)

    def _plain_parameter(self, *, equals_needed: bool = True) -> Parameter:
        name = self.advance()
        if equals_needed or self.current.kind == "=":
            self.advance()
        value, span, word = self._value(name.text, f"{name.text}=VALUE")
        self._end_setting()
        return Parameter(name.span.to(span), name.text, value, name.span, span, word)

    def _list_parameter(self) -> list[Parameter]:
        """`alias=a b "c":5060`: one Parameter for each value."""
        name = self.advance()
        self.advance()
        parameters: list[Parameter] = []
        opening = self.accept("(")
        while True:
            value, span, word = self._value(name.text, f"{name.text}=VALUE")
            if self.current.kind == ":" and self.peek().kind == NUMBER:
                self.advance()
                port = self.advance()
                value, span = f"{value}:{port.text}", span.to(port.span)
            self._check_host(str(value), span)
            parameters.append(
                Parameter(name.span.to(span), name.text, value, name.span, span, word)
            )
            self.accept(",")
            if not self._is_another_value(opening):
                break
        if opening is not None:
            self.close_parenthesis(opening, name.text)
        self._end_setting()
        return parameters

    def _is_another_value(self, opening: Token | None) -> bool:
        if self.current.kind not in (NAME, STRING, ADDRESS, NUMBER):
            return False
        return opening is not None or not self.starts_line()

    def _custom_parameter(self) -> CustomParameter:
        group = self.advance()
        self.advance()
        name = self.advance()
        if not self.accept("="):
            raise self.fail(
                "missing-equals",
                f"an = is missing behind {group.text}.{name.text}",
                name.after,
                hint=f'write: {group.text}.{name.text} = "VALUE" desc "what it is for"',
            )
        value, span, _ = self._value(
            f"{group.text}.{name.text}", f'{group.text}.{name.text} = "VALUE"'
        )
        description: str | None = None
        if self.word() in _DESCRIPTION:
            word = self.advance()
            if self.current.kind != STRING:
                raise self.fail(
                    "missing-value",
                    "the description is missing",
                    word.after,
                    hint=f'write: {word.text} "what it is for"',
                )
            literal = self.string()
            description, span = literal.value, literal.span
        self._end_setting()
        return CustomParameter(group.span.to(span), group.text, name.text, value, description)

    def _flags(self) -> FlagsDeclaration:
        word = self.advance()
        flags: list[tuple[str, int | None]] = []
        while True:
            if self.current.kind != NAME:
                raise self.fail("missing-name", "a flag needs a name", self.previous.after)
            name = self.advance().text
            number: int | None = None
            if self.accept(":"):
                if self.current.kind != NUMBER:
                    raise self.fail(
                        "missing-value", "the number of this flag is missing", self.previous.after
                    )
                number = self.number().value
            flags.append((name, number))
            if not self.accept(","):
                break
        span = word.span.to(self.previous.span)
        self._end_setting()
        return FlagsDeclaration(span, tuple(flags), word.text == "avpflags")

    def _end_setting(self) -> None:
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

    # --- listen ---------------------------------------------------------------------------

    def _listen(self) -> list[Listen]:
        name = self.advance()
        self.advance()
        sockets: list[Listen] = []
        opening = self.accept("(")
        while True:
            socket = self._socket(name)
            sockets.append(socket)
            self.accept(",")
            plain = socket.advertise is None and socket.name is None
            if not plain or self.current.kind == NUMBER or not self._is_another_value(opening):
                break
        if opening is not None:
            self.close_parenthesis(opening, name.text)
        self._end_setting()
        return sockets

    def _socket(self, word: Token) -> Listen:
        start = self.current
        protocol: str | None = None
        if (
            start.kind == NAME
            and start.text.lower() in PROTOCOLS
            and self.peek().kind == ":"
            and not self.starts_line(self.at + 1)
        ):
            protocol = self.advance().text.lower()
            self.advance()
        host = self._host("listen=udp:127.0.0.1:5060")
        port = self._port()
        advertise: tuple[str, int | None] | None = None
        label: str | None = None
        if self.word() == "advertise":
            self.advance()
            advertised = self._host("advertise 198.51.100.1:5060")
            advertise = (advertised, self._port())
        if self.word() == "name" and self.peek().kind == STRING:
            self.advance()
            label = self.string().value
        if self.word() == "virtual":
            self.advance()
        span = (word if start.start >= word.start else start).span.to(self.previous.span)
        return Listen(span, protocol, host, port, advertise, label)

    def _host(self, example: str) -> str:
        token = self.current
        if token.kind == STRING:
            return string_value(self.advance().text)
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
            self._check_host(host, span)
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

    def _check_host(self, text: str, span: Span) -> None:
        if not _HOST.match(text):
            self.report(
                "bad-address",
                f"{text} is no host name",
                span,
                hint="as in sip.example.org, or udp:sip.example.org:5060",
            )

    def _port(self) -> int | None:
        if self.current.kind != ":":
            return None
        colon = self.advance()
        if self.current.kind == NUMBER:
            token = self.current
            port = self.number().value
            if not 0 <= port <= 65535:
                self.report("bad-port", f"{token.text} is no port: they end at 65535", token)
            return port
        raise self.fail(
            "missing-value", "the port is missing", colon.after, hint="a number, such as 5060"
        )
