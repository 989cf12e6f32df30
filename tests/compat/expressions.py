"""Scripts of many expressions out of a seeded grammar, and what a server makes of each.

    python -m tests.compat.expressions [--seed N] [--count N]

prints every expression of the seed on which Kamailio and sipway differ. What is on purpose so is
in `expression_differences.py`.

Each expression stands on a line of its own, so that the servers' messages at load name it: those
that a server refuses are taken out and noted, and the rest runs in one request. The log then has
one line for each.
"""

from __future__ import annotations

import argparse
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sipway.core.loader import ModuleCatalog
from sipway.language import compile_script
from sipway.language.diagnostics import Diagnostics
from sipway.language.parser import parse
from sipway.language.source import SourceFile
from tests.compat.case import FOLDER, Case, Suite, request
from tests.compat.expression_differences import rules_of
from tests.compat.patterns import pattern, quoted, subject
from tests.compat.servers import StartError, kamailio_command, run_suite, sipway_commands

REFUSED: Final = "(refused)"

_HEAD: Final = (FOLDER / "common" / "head.cfg").read_text()
_TAIL: Final = (FOLDER / "common" / "tail.cfg").read_text()
_IN_BLOCK: Final = 100
_ROUNDS: Final = 300
# So large a script needs more than Kamailio takes by itself.
_MEMORY: Final = ("-M", "128")

# What expressions are made of: all kinds that a value can have, under names that tell.
_PREPARED: Final = """
    $var(i0) = 0; $var(i1) = 1; $var(i5) = 5; $var(m3) = -3; $var(m1) = -1;
    $var(big) = 2147483647; $var(least) = -2147483648;
    $var(e) = ""; $var(s0) = "0"; $var(s5) = "5"; $var(s05) = "05"; $var(sm3) = "-3";
    $var(abc) = "abc"; $var(ABC) = "ABC"; $var(s5x) = "5x"; $var(hex) = "0x1F"; $var(sp5) = " 5";
    $var(plus) = "+5"; $var(huge) = "4294967295"; $var(over) = "2147483648"; $var(num) = "+4930123";
    $var(re) = "^a"; $var(bracket) = "[0-9]+"; $var(index) = 1;
    $avp(i0) = 0; $avp(i5) = 5; $avp(s5) = "5"; $avp(abc) = "abc"; $avp(e) = ""; $avp(m3) = -3;
    $avp(m) = 1; $avp(m) = 2; $avp(m) = "three";
"""
_NUMBERS: Final = (
    "0 1 2 3 5 7 31 32 255 256 0x1F 017 -1 -3 -7 2147483647 -2147483648 4294967295 yes off"
).split()
_TEXTS: Final = (
    '""', '"0"', '"5"', '"05"', '"abc"', '"ABC"', '"-3"', '"5x"', '" 5"', '"0x1F"', "'abc'",
    '"a" "bc"', r'"a\tb"', r"'a\tb'", r'"a\qb"', r'"\x41\102"', '"OPTIONS"', '"alice"', '"$rm"',
)  # fmt: skip
_VARIABLES: Final = tuple(
    f"$var({name})"
    for name in (
        "i0 i1 i5 m3 m1 big least e s0 s5 s05 sm3 abc ABC s5x hex sp5 plus huge over num never"
    ).split()
)
_OTHERS: Final = (
    "$avp(i0)", "$avp(i5)", "$avp(s5)", "$avp(abc)", "$avp(e)", "$avp(m3)", "$avp(never)",
    "$avp(m)", "$(avp(m)[0])", "$(avp(m)[1])", "$(avp(m)[2])", "$(avp(m)[3])", "$(avp(m)[*])",
    "$(avp(m)[$var(index)])", "$avp(s:m)", "$avp(i:7)", "$hdr(X-None)", "$hdr(X-Five)",
    "$hdr(X-Text)", "$rm", "$rU", "$rd", "$ru", "$du", "$fU", "$fd", "$tU", "$ci", "$cs",
    "$null", "$rc", "$retcode", "$?", "$(var(abc){s.len})", "$(var(s5){s.len})",
    "$(var(abc){s.toupper})", "$(var(s5){s.int})", "$(var(abc){s.substr,1,0})", "$(ru{uri.user})",
    "$(hdr(X-Text){s.select,1, })", "$(var(never){s.len})", "$mf",
)  # fmt: skip
_CALLS: Final = (
    'is_method("OPTIONS")', 'is_method("INVITE")', "route(FIVE)", "route(MINUS)", "route(ONE)",
    'route("FI" + "VE")', "route($var(name))",
)  # fmt: skip
_WORDS: Final = ("uri", "from_uri", "to_uri", "method", "src_ip", "dst_ip", "proto", "af")
_PATTERNS: Final = (
    '"^a"', '"B"', '"^[0-9]+$"', r'"^\\+?[0-9]+$"', '"."', '""', '"^$"', '"abc|5"', '"[[:upper:]]"',
    '"[[:digit:]]{1,2}"', r'"\\d"', r'"a\.c"', r"'^\+'", '"(a)(b)c"', '"^(5|abc)$"', '"[^a-c]"',
    '"x*"', '"sip:.*@"', '"]"', '"[]a]"', '"a{2}"', '"a{1,}b"', '"^[a-z]{3}$"', '"[[:alpha:]]+$"',
    r'"\\w+"', r'"\\s"', r'"(a|ab)(c|bc)$"', '"[a-]"', '"$"', '"^"', '"a|^5"', '"()"', '"a**"',
)  # fmt: skip
_DIVISORS: Final = ("2", "7", "-3", "255", "$var(i5)", "$var(s5)", "$var(m3)", "$avp(i5)")
_UNARY: Final = ("!", "not ", "-", "~", "(int)", "(str)", "defined ", "strlen(", "strempty(")
_BINARY: Final = (
    "== != == != < > <= >= + + + - * / mod & | ^ << >> && || and or eq ne ieq ine"
).split()


@dataclass(frozen=True, slots=True)
class Expression:
    """One expression and the statements around it that log what it is worth."""

    text: str
    line: str


class _Grammar:
    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._number = 0

    def expressions(self, count: int) -> list[Expression]:
        """So many, each text once."""
        seen: dict[str, Expression] = {}
        forms: list[Callable[[], tuple[str, str]]] = [
            self._assigned, self._assigned, self._condition, self._condition, self._to_avp,
            self._switch, self._loop, self._chain, self._matched,
        ]  # fmt: skip
        while len(seen) < count:
            text, line = self._random.choice(forms)()
            if text not in seen and len(text) < 200:
                seen[text] = Expression(text, line)
        return list(seen.values())

    # --- statements around an expression; # stands for the expression's number -----------------

    def _assigned(self) -> tuple[str, str]:
        text = self._expression(self._random.choice((1, 1, 2, 2, 3)))
        return (
            f"$var(r) = {text};",
            f'$var(r) = "kept"; $var(r) = {text}; $var(q) = $rc; $var(t) = $var(r) + 1; '
            + _log("[$var(r)] [$var(t)] $var(q)"),
        )

    def _condition(self) -> tuple[str, str]:
        text = self._expression(self._random.choice((0, 1, 1, 2, 3)))
        return (
            f"if ({text})",
            f"if ({text}) {{ {_log('then')} }} else {{ {_log('else')} }}",
        )

    def _to_avp(self) -> tuple[str, str]:
        text = self._expression(self._random.choice((0, 0, 1, 2)))
        return (
            f"$avp(r) = {text};",
            f'$avp(r) = "kept"; $avp(r) = {text}; '
            + _log("[$(avp(r)[*])]")
            + " $(avp(r)[*]) = $null;",
        )

    def _switch(self) -> tuple[str, str]:
        subject = self._operand() if self._random.random() < 0.7 else self._expression(1)
        texts = self._random.random() < 0.5
        labels = self._random.sample(_TEXTS if texts else _NUMBERS, 3)
        cases = [f"case {label}:" for label in labels]
        if texts and self._random.random() < 0.5:
            cases.insert(self._random.randrange(4), f"case /{self._random.choice(_PATTERNS)}:")
        if self._random.random() < 0.7:
            cases.insert(self._random.randrange(len(cases) + 1), "default:")
        body = " ".join(
            f'{case} $var(w) = $var(w) + "{number}"; '
            + ("" if self._random.random() < 0.3 else "break;")
            for number, case in enumerate(cases)
        )
        text = f"switch ({subject}) {{ {body} }}"
        return text, f'$var(w) = "-"; {text} {_log("$var(w)")}'

    def _loop(self) -> tuple[str, str]:
        text = self._expression(self._random.choice((0, 1, 2)))
        loop = f"while ($var(c) > 0 && ({text})) {{ $var(c) = $var(c) - 1; }}"
        return loop, f"$var(c) = 3; {loop} {_log('$var(c)')}"

    def _matched(self) -> tuple[str, str]:
        """Some texts and a pattern, in a variable: a wrong one leaves the outcome as it was."""
        found = pattern(self._random, self._random.choice((1, 2, 2, 3)))
        subjects = [quoted(subject(self._random)) for _ in range(3)]
        matches = " ".join(
            f'$var(r) = "?"; $var(r) = {each} =~ $var(p); $var(w) = $var(w) + $var(r);'
            for each in subjects
        )
        return (
            f"{', '.join(subjects)} =~ {quoted(found)}",
            f'$var(p) = {quoted(found)}; $var(w) = ""; {matches} {_log("$var(w)")}',
        )

    def _chain(self) -> tuple[str, str]:
        """Operators side by side without parentheses: how tight they bind."""
        parts = [self._random.choice((*_NUMBERS[:12], *_VARIABLES[:6]))]
        for _ in range(self._random.choice((2, 3, 4))):
            operator = self._random.choice(_BINARY)
            operand = self._random.choice(("", "", "", "-", "!")) + self._random.choice(
                (*_NUMBERS[:12], *_VARIABLES[:6])
            )
            parts += [operator, "3" if operator in ("/", "mod") else operand]
        text = " ".join(parts)
        return (
            f"$var(r) = {text};",
            f'$var(r) = "kept"; $var(r) = {text}; {_log("[$var(r)]")}',
        )

    # --- expressions ------------------------------------------------------------------------

    def _expression(self, depth: int) -> str:
        if depth == 0:
            return self._operand()
        chosen = self._random.random()
        if chosen < 0.15:
            operator = self._random.choice(_UNARY)
            inner = self._expression(depth - 1)
            if operator.endswith("("):
                return f"{operator}{inner})"
            return f"{operator}{self._grouped(inner)}"
        left = self._expression(depth - 1)
        if chosen < 0.3:
            right = (
                self._random.choice(_PATTERNS)
                if self._random.random() < 0.8
                else self._random.choice(("$var(re)", "$var(bracket)", "$var(abc)", "$avp(never)"))
            )
            return f"{self._grouped(left)} =~ {right}"
        operator = self._random.choice(_BINARY)
        if operator in ("/", "mod"):
            # By zero goes its own ways within an expression, which cases/values.cfg has.
            right = self._random.choice(_DIVISORS)
        else:
            right = self._expression(self._random.choice((0, depth - 1)))
        return f"{self._grouped(left)} {operator} {self._grouped(right)}"

    def _grouped(self, text: str) -> str:
        bare = re.fullmatch(r'[$\w]\S*|"[^"]*"', text)
        return text if bare or self._random.random() < 0.3 else f"({text})"

    def _operand(self) -> str:
        kinds: Sequence[tuple[float, Sequence[str]]] = (
            (0.2, _NUMBERS), (0.17, _TEXTS), (0.3, _VARIABLES), (0.24, _OTHERS), (0.06, _CALLS),
            (0.03, _WORDS),
        )  # fmt: skip
        values = self._random.choices([v for _, v in kinds], [weight for weight, _ in kinds])[0]
        return self._random.choice(values)


def _log(text: str) -> str:
    return f'xlog("L_NOTICE", "@@ # {text}\\n");'


def generate(seed: int, count: int) -> list[Expression]:
    """Expressions of a seed, always the same ones."""
    return _Grammar(seed).expressions(count)


def script(expressions: Sequence[Expression], without: frozenset[int]) -> tuple[str, list[int]]:
    """The script, and for each of its lines the expression that it holds (-1: none)."""
    lines = _HEAD.splitlines()
    of_line = [-1] * len(lines)

    def add(text: str, number: int = -1) -> None:
        for line in text.splitlines():
            lines.append(line)
            of_line.append(number)

    add("route[FIVE] { return 5; }\nroute[MINUS] { return -3; }\nroute[ONE] { return 1; }")
    blocks = range(0, len(expressions), _IN_BLOCK)
    for start in blocks:
        add(f"route[E{start}] {{\n;")
        for number in range(start, min(start + _IN_BLOCK, len(expressions))):
            if number not in without:
                add(expressions[number].line.replace("@@ #", f"@@ {number}"), number)
        add("}")
    calls = "\n".join(f"    route(E{start});" for start in blocks)
    add(f'request_route {{\nroute(COMPAT_END);\n$var(name) = "FIVE";{_PREPARED}{calls}\n}}')
    return "\n".join([*lines, _TAIL]), of_line


def outcomes(
    command: Sequence[str],
    expressions: Sequence[Expression],
    refused: frozenset[int],
    folder: Path,
) -> list[str]:
    """What a server logged for each expression, or `REFUSED`; "" when it logged nothing.

    `refused` are those of which it is known already. The folder keeps the script and the log.
    """
    case = Case(
        "expressions", "all", (request(extra="X-Five: 5\r\nX-Text: one two\r\n", user="bob"),)
    )
    while True:
        text, of_line = script(expressions, refused)
        suite = Suite("expressions", text, (case,))
        try:
            folder.mkdir(parents=True, exist_ok=True)
            log = run_suite(command, suite, folder)["expressions"].log
            break
        except StartError as error:
            # What Kamailio sees only when it starts, such as a case that is there twice.
            places = re.findall(r" at cfg:\S+:(\d+)$", str(error), re.MULTILINE)
            more = {of_line[int(line) - 1] for line in places} - {-1}
            if not more:
                raise
            refused |= more
    logged: dict[int, str] = {}
    for line in log:
        number, _, told = line.partition(" ")
        at = int(number)
        logged[at] = f"{logged[at]} / {told}" if at in logged else told
    return [
        REFUSED if number in refused else logged.get(number, "")
        for number in range(len(expressions))
    ]


def _refused(command: str, expressions: Sequence[Expression]) -> frozenset[int]:
    """The numbers of those with which the server does not load the script."""
    found: frozenset[int] = frozenset()
    wrong_lines = _wrong_lines_kamailio if command == "kamailio" else _wrong_lines_sipway
    for _ in range(_ROUNDS):
        text, of_line = script(expressions, found)
        lines = wrong_lines(text)
        if lines is None:
            return found
        more = {of_line[line - 1] for line in lines if line <= len(of_line)} - {-1}
        if not more:
            break
        found |= more
    raise AssertionError(f"{command} refuses the script for something else; see {_kept(text)}")


def _kept(text: str) -> str:
    path = Path(tempfile.gettempdir()) / "expressions.cfg"
    path.write_text(text)
    return str(path)


def _wrong_lines_kamailio(text: str) -> set[int] | None:
    with tempfile.NamedTemporaryFile("w", suffix=".cfg") as file:
        file.write(text)
        file.flush()
        command = ["kamailio", *_MEMORY, "-c", "-f", file.name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return None
    return {int(line) for line in re.findall(r"CRITICAL.*, line (\d+)", done.stderr)}


def _wrong_lines_sipway(text: str) -> set[int] | None:
    parsed = parse(SourceFile("expressions.cfg", text))
    diagnostics = Diagnostics()
    diagnostics.extend(parsed.diagnostics)
    compiled = compile_script(parsed, ModuleCatalog(), diagnostics)
    if compiled is not None and not diagnostics.errors:
        return None
    return {each.span.line for each in diagnostics.errors}


@dataclass(frozen=True, slots=True)
class Difference:
    """An expression of which the servers' outcomes differ, and what is known of it."""

    expression: Expression
    theirs: str
    ours: str
    rules: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.expression.text}\n    kamailio {self.theirs}\n    sipway   {self.ours}"


def compare(expressions: Sequence[Expression], folder: Path) -> list[Difference]:
    """Run them on Kamailio and each build of sipway; scripts and logs are left in the folder."""
    with ThreadPoolExecutor() as pool:
        theirs = pool.submit(_kamailio_outcomes, expressions, folder / "kamailio")
        refused = _refused("sipway", expressions)
        builds = [
            pool.submit(outcomes, command, expressions, refused, folder / name)
            for name, command in sipway_commands().items()
        ]
    return [
        Difference(each, their, our, tuple(rule.name for rule in rules_of(each.line)))
        for ours in builds
        for each, their, our in zip(expressions, theirs.result(), ours.result(), strict=True)
        if their != our
    ]


def _kamailio_outcomes(expressions: Sequence[Expression], folder: Path) -> list[str]:
    command = [*(kamailio_command() or ()), *_MEMORY]
    return outcomes(command, expressions, _refused("kamailio", expressions), folder)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=1500)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="for scripts and logs")
    given = parser.parse_args(arguments)
    expressions = generate(given.seed, given.count)
    with tempfile.TemporaryDirectory() as folder:
        found = compare(expressions, given.keep or Path(folder))
    unknown = [each for each in found if not each.rules]
    for each in unknown:
        sys.stdout.write(f"{each}\n")
    total = f"{len(expressions)} expressions, {len(found)} differ"
    sys.stdout.write(f"{total}, {len(unknown)} without a reason\n")
    return int(bool(unknown))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
