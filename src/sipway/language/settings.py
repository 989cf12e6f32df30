"""Settings: what stands outside of blocks, one on a line."""

from __future__ import annotations

from typing import Final

from sipway.language.lexer import END, NAME, NUMBER, STRING, string_value
from sipway.language.module_settings import ModuleSettingParser
from sipway.language.nodes import CustomParameter, FlagsDeclaration, Parameter, TopLevel
from sipway.language.source import Span
from sipway.language.tokens import describe

_DESCRIPTION: Final = frozenset({"desc", "descr", "description"})
# Parameters that take several values, separated by blanks.
_LISTS: Final = frozenset({"alias", "domain"})
_FLAG_WORDS: Final = frozenset({"flags", "avpflags", "bool"})
_PATH_WORDS: Final = frozenset({"loadpath", "mpath", "cfgengine"})


class SettingParser(ModuleSettingParser):
    def setting(self) -> list[TopLevel] | None:
        """The setting that starts here; None if none does."""
        text = self.current.text
        following = self.peek()
        if text in ("loadmodule", "loadmodulex"):
            return [self.load_module()]
        if text in ("modparam", "modparamx"):
            return [self.modparam()]
        if text in _PATH_WORDS and following.kind in (STRING, "="):
            return [self._plain_parameter(equals_needed=False)]
        if text in _FLAG_WORDS and (following.kind in (NAME, STRING) or self._lacks_flag_name()):
            return [self._flags()]
        if text == "coreparam" and following.kind == "[":
            return [self._generic_parameter()]
        if following.kind == "=":
            if text == "listen":
                return list(self.listen())
            if text == "socket":
                return list(self.socket())
            if text in _LISTS:
                return list(self._list_parameter())
            return [self._plain_parameter()]
        if following.kind == "." and self.peek(2).kind == NAME:
            return [self._custom_parameter()]
        if following.kind == "[" and self.peek(3).kind == "]" and self.peek(4).kind == ".":
            return [self._custom_parameter()]
        return None

    def _plain_parameter(self, *, equals_needed: bool = True) -> Parameter:
        name = self.advance()
        if equals_needed or self.current.kind == "=":
            self.advance()
        value, span, word = self.value(name.text, f"{name.text}=VALUE")
        self.end_setting()
        return Parameter(name.span.to(span), name.text, value, name.span, span, word)

    def _list_parameter(self) -> list[Parameter]:
        """`alias=a b "c":5060`: one Parameter for each value."""
        name = self.advance()
        self.advance()
        parameters: list[Parameter] = []
        opening = self.accept("(")
        while True:
            first = self.current
            value, span, word = self._single_value(name.text)
            if self.current.kind == ":" and self.peek().kind == NUMBER:
                self.advance()
                port = self.advance()
                value, span = f"{value}:{port.text}", span.to(port.span)
            if first.kind != STRING:
                self.check_host(str(value), span)
            parameters.append(
                Parameter(name.span.to(span), name.text, value, name.span, span, word)
            )
            self.accept(",")
            if not self.is_another_value(opening):
                break
        if opening is not None:
            self.close_parenthesis(opening, name.text)
        self.end_setting()
        return parameters

    def _single_value(self, name: str) -> tuple[int | str, Span, bool]:
        """A value of a list, where texts that stand side by side are two."""
        if self.current.kind == STRING:
            literal = self.single_text()
            return literal.value, literal.span, False
        return self.value(name, f"{name}=VALUE")

    def _generic_parameter(self) -> Parameter:
        """`coreparam[name] = value`, a Parameter whose name is all that stands before the `=`."""
        word = self.advance()
        self.advance()
        token = self.current
        if token.kind not in (NAME, STRING):
            raise self.fail(
                "missing-name",
                "the name of the parameter is missing",
                self.previous.after,
                hint='write: coreparam[NAME] = "VALUE"',
            )
        self.advance()
        inner = string_value(token.text) if token.kind == STRING else token.text
        if not self.accept("]"):
            raise self.fail(
                "missing-bracket",
                "the closing bracket behind the name is missing",
                token.after,
                hint="put ] here",
            )
        span = word.span.to(self.previous.span)
        if not self.accept("="):
            raise self.fail("missing-equals", f"an = is missing behind {span.text}", span)
        value, value_span, bare = self.value(span.text, f'{span.text} = "VALUE"')
        self.end_setting()
        return Parameter(span.to(value_span), f"coreparam[{inner}]", value, span, value_span, bare)

    def _custom_parameter(self) -> CustomParameter:
        """`group.name = value desc "text"`, `group[5].name = value`."""
        group = self.advance()
        instance: int | None = None
        if self.accept("["):
            if self.current.kind != NUMBER:
                raise self.fail(
                    "bad-number",
                    f"an instance of {group.text} is a number, not {describe(self.current)}",
                    self.current,
                )
            instance = self.number().value
            self.advance()
        self.advance()
        name = self.current
        if name.kind != NAME or name.text[0].isdigit():
            raise self.fail(
                "missing-name",
                f"the name of a parameter of {group.text} is missing",
                self.previous.after,
            )
        self.advance()
        whole = group.span.to(name.span).text
        if not self.accept("="):
            raise self.fail(
                "missing-equals",
                f"an = is missing behind {whole}",
                name.after,
                hint=f'write: {whole} = "VALUE" desc "what it is for"',
            )
        example = f'{whole} = "VALUE"'
        if self.word() in _DESCRIPTION and self.peek().kind == STRING:
            self.report(
                "missing-value",
                f"the value of {whole} is missing",
                self.previous.after,
                hint=f"write: {example}",
            )
            value: int | str = 0
            span, bare = self.previous.span, False
        else:
            value, span, bare = self.value(whole, example)
        if bare:
            self.bare_value(str(value), span)
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
        self.end_setting()
        return CustomParameter(
            group.span.to(span), group.text, name.text, value, description, instance
        )

    def _lacks_flag_name(self) -> bool:
        """Whether `flags` stands alone, or with a number instead of a name."""
        following = self.peek()
        return following.kind in (NUMBER, ";", ",", END) and not self.starts_line(self.at + 1)

    def _flags(self) -> FlagsDeclaration:
        """`flags A:1, B`; a name may stand in quotes."""
        word = self.advance()
        flags: list[tuple[str, int | None]] = []
        spans: list[Span] = []
        while True:
            token = self.current
            if token.kind not in (NAME, STRING) or (self.starts_line() and self.starts_top_level()):
                raise self.fail(
                    "missing-name",
                    "a flag needs a name",
                    self.previous.after,
                    hint=f"as in {word.text} FIRST:1, SECOND",
                )
            self.advance()
            name = string_value(token.text) if token.kind == STRING else token.text
            number: int | None = None
            if self.current.kind == ":" and word.text != "avpflags":
                self.advance()
                if self.current.kind != NUMBER:
                    raise self.fail(
                        "missing-value", "the number of this flag is missing", self.previous.after
                    )
                number = self.number().value
            flags.append((name, number))
            spans.append(token.span)
            if not self.accept(","):
                break
        span = word.span.to(self.previous.span)
        self.end_setting()
        return FlagsDeclaration(span, tuple(flags), word.text == "avpflags", tuple(spans))
