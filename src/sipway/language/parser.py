"""Script text -> syntax tree: the top level, and the entry points.

`parse` never raises for what stands in a script: it gives the tree of all that could be
read, with the diagnostics.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from sipway.language.braces import balance
from sipway.language.diagnostics import Diagnostics
from sipway.language.foreign import is_foreign
from sipway.language.inputs import Inputs
from sipway.language.lexer import (
    ADDRESS,
    END,
    EVENT_NAME,
    NAME,
    NUMBER,
    STRING,
    Token,
    string_value,
)
from sipway.language.nodes import (
    Block,
    BlockKind,
    RoutingBlock,
    Script,
    TopLevel,
)
from sipway.language.preprocessor import preprocess
from sipway.language.record import Record
from sipway.language.settings import SettingParser
from sipway.language.source import SourceFile, Span, decode
from sipway.language.tokens import (
    BLOCK_WORDS,
    STATEMENT_WORDS,
    SyntaxFailure,
    describe,
)

_KINDS: Final = {kind.value: kind for kind in BlockKind}
_UNNAMED: Final = frozenset({BlockKind.REQUEST, BlockKind.REPLY})
# What a block without a name, or with the number 0, is the main block of.
_MAIN: Final = {BlockKind.ROUTE: BlockKind.REQUEST, BlockKind.ONREPLY: BlockKind.REPLY}
_ALL_BLOCKS: Final = (
    "the blocks are: request_route, route[NAME], reply_route, onreply_route[NAME],"
    " failure_route[NAME], branch_route[NAME], onsend_route, event_route[NAME]"
)


class ParseResult(Record):
    """`script` is what could be read, also when there are errors among `diagnostics`.

    `files` are all that were read, the script itself first. `defines` are the names that are
    defined at the end of the script, with their text (`$def(NAME)`).
    """

    script: Script
    diagnostics: Diagnostics
    files: tuple[SourceFile, ...]
    defines: Mapping[str, str | None]


def parse(
    source: SourceFile,
    defines: Mapping[str, str | None] | None = None,
    *,
    inputs: Inputs | None = None,
    directives: tuple[str, ...] = (),
    lone_words: bool = False,
) -> ParseResult:
    """Read `source` and what it includes; `directives` are lines to read before.

    `defines` are names given from outside (`-A NAME=VALUE`). `inputs` gives what is read besides.
    With `lone_words` a word alone is a statement: a part of a script does not hold the defines
    of the whole.
    """
    diagnostics = Diagnostics()
    inputs = inputs or Inputs()
    found = preprocess(source, defines or {}, diagnostics, inputs, directives)
    if is_foreign(found, diagnostics):
        nothing = Script(Span(source, 0, len(source.text)), ())
        return ParseResult(nothing, diagnostics, tuple(found.files), {})
    tokens = balance(found.tokens, diagnostics, quiet=found.swallowed)
    values = {name: macro.value for name, macro in found.defines.items()}
    parser = _Parser(tokens, diagnostics, found.blanks)
    parser.lone_words = lone_words
    parser.known, parser.defines, parser.environment = found.known, values, inputs.variable
    script = Script(Span(source, 0, len(source.text)), tuple(parser.script()))
    return ParseResult(script, diagnostics, tuple(found.files), values)


def parse_file(
    path: str | Path,
    defines: Mapping[str, str | None] | None = None,
    inputs: Inputs | None = None,
    directives: tuple[str, ...] = (),
) -> ParseResult:
    """Read the script at `path`; a file that can't be read gives an error at its first line."""
    inputs = inputs or Inputs()
    try:
        text = decode(inputs.read(Path(path)))
    except OSError as error:
        code = "unreadable-file"
        message = f"this file can't be read: {error.strerror or error}"
    except ValueError as error:
        code = "unreadable-file"
        message = f"this file is no script: {error}"
    else:
        return parse(SourceFile(str(path), text), defines, inputs=inputs, directives=directives)
    source = SourceFile(str(path), "")
    diagnostics = Diagnostics()
    diagnostics.error(code, message, Span.point(source, 0))
    return ParseResult(Script(Span.point(source, 0), ()), diagnostics, (source,), {})


class _Parser(SettingParser):
    def script(self) -> list[TopLevel]:
        items: list[TopLevel] = []
        while self.current.kind != END:
            if self.accept(";"):
                continue
            before = self.at
            try:
                items += self._item()
            except SyntaxFailure:
                self._nesting = self._depth = 0
                if self.at == before and self.current.kind != "{":
                    self.advance()
                self._skip_item()
        return items

    def _skip_item(self) -> None:
        """Behind what could not be read: to the next block or setting."""
        while self.current.kind != END:
            if self.current.kind == "{":
                self.advance()
                self.leave_block()
                return
            if self.current.kind == NAME and self.starts_line():
                return
            if self.advance().kind == ";" and self.starts_line():
                return

    def _item(self) -> list[TopLevel]:
        token = self.current
        if token.kind != NAME:
            raise self._outside(token)
        text = token.text
        following = self.peek()
        if text in BLOCK_WORDS and following.kind != "(":
            return [self._routing_block()]
        found = self.setting()
        if found is None:
            raise self._unknown_item(token, following)
        return found

    def _unknown_item(self, token: Token, following: Token) -> SyntaxFailure:
        text = token.text
        if text in STATEMENT_WORDS or following.kind == "(":
            return self._outside(token)
        if following.kind in ("{", "["):
            near = get_close_matches(text, sorted(BLOCK_WORDS), 1, 0.6)
            hint = f"did you mean {near[0]}?" if near else _ALL_BLOCKS
            return self.fail("unknown-block", f"there is no block {text}", token, hint=hint)
        if following.kind == NAME and self.peek(2).kind in ("{", "(", "["):
            return self.fail("unknown-block", f"there is no block {text}", token, hint=_ALL_BLOCKS)
        if following.kind in (NUMBER, STRING, NAME, "-", ADDRESS) and not self.starts_line(
            self.at + 1
        ):
            near = get_close_matches(
                text, sorted(BLOCK_WORDS | {"loadmodule", "modparam", "include_file"}), 1, 0.75
            )
            if near:
                hint = f"did you mean {near[0]}?"
                return self.fail("unknown-setting", f"{text} is not known", token, hint=hint)
            return self.fail(
                "missing-equals",
                f"an = is missing behind {text}",
                token.after,
                hint=f"write {text}={following.text}",
            )
        if following.kind == "==":
            return self.fail(
                "wrong-operator",
                "== compares, it does not set anything",
                following,
                hint=f"write {text}=...",
            )
        return self.fail(
            "unexpected",
            f"{text} is neither a setting (NAME=VALUE) nor a block",
            token,
        )

    def _outside(self, token: Token) -> SyntaxFailure:
        """A statement where no block is: one message for all that follow each other."""
        if token.kind == "{":
            return self.fail(
                "missing-name",
                "this block has neither keyword nor name",
                token,
                hint="put request_route, or route[NAME], in front of it",
            )
        if token.kind == NAME or (token.kind == "$" or token.kind == "variable"):
            failure = self.fail(
                "outside-block",
                "a statement can't stand outside of a block",
                token,
                hint="put it into request_route { ... } or another block; was a block closed"
                " too early?",
            )
            self._skip_statements()
            return failure
        return self.fail("unexpected", f"{describe(token)} can't stand here", token)

    def _skip_statements(self) -> None:
        while self.current.kind != END:
            if self.current.kind == "{":
                self.advance()
                self.leave_block()
            elif self.starts_top_level() and self.starts_line():
                break
            else:
                self.advance()
        # `script` goes on right here.
        self.at -= 1
        self.current = self.tokens[self.at]
        self.advance()

    # --- blocks ---------------------------------------------------------------------------

    def _routing_block(self) -> RoutingBlock:
        word = self.advance()
        kind = _KINDS[word.text]
        name, head = self._block_name(word, kind)
        if name is None:
            kind = _MAIN.get(kind, kind)
        if self.current.kind != "{":
            raise self.fail(
                "missing-brace",
                f"the {{ of this {word.text} is missing",
                self.previous.after,
                hint=f"write {head.text} {{ ... }}",
            )
        body: Block = self.braces(word.text)
        return RoutingBlock(word.span.to(body.span), kind, name, body, head)

    def _block_name(self, word: Token, kind: BlockKind) -> tuple[str | None, Span]:
        if event := self.accept(EVENT_NAME):
            return event.text[1:-1].strip(), word.span.to(event.span)
        opening = self.accept("[")
        if opening is None:
            if kind is BlockKind.EVENT and self.current.kind == "{":
                self.report(
                    "missing-name",
                    "an event_route needs the name of the event",
                    word.after,
                    hint="as in event_route[xhttp:request] { ... }",
                )
            return None, word.span
        if kind in _UNNAMED:
            self.report(
                "block-with-name",
                f"{word.text} has no name",
                opening,
                hint=f"write {word.text} {{ ... }}",
            )
        token = self.current
        name: str | None = None
        if token.kind == NUMBER:
            number = self.number().value
            name = str(number) if number else None
        elif token.kind == NAME:
            name = self.advance().text
            if name[0].isdigit():
                self.report(
                    "bad-route-name",
                    f"{name} is neither a number nor a name",
                    token,
                    hint="or put it in quotes",
                )
        elif token.kind == STRING:
            name = string_value(self.advance().text)
        elif token.kind == "]":
            self.report(
                "missing-name",
                "the name of this block is missing",
                opening.after,
                hint=f"as in {word.text}[NAME] {{ ... }}",
            )
        if self.current.kind not in ("]", "{", END) and not self.starts_line():
            self.report(
                "bad-route-name",
                "the name of a block is letters, digits and _ only",
                token.span.to(self.current.span),
                hint="or put it in quotes",
            )
            while self.current.kind not in ("]", "{", "}", ";", END) and not self.starts_line():
                self.advance()
        if not self.accept("]"):
            self.report(
                "missing-bracket",
                "the closing bracket behind the name is missing",
                self.previous.after,
                hint="put ] here",
            )
        return name, word.span.to(self.previous.span)
