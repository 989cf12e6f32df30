r"""Regular expressions: what they match, which are none, how long they take."""

from __future__ import annotations

import pickle
import time

import pytest

from sipway.language import posix, regex
from sipway.language.regex import compile_pattern, compile_posix
from sipway.language.regex_cost import Cost, cost

LONG = 10_000


def matches(pattern: str, subject: str, *, ignore_case: bool = True) -> bool:
    """What is found; the same by both engines."""
    compiled = compile_pattern(pattern, ignore_case=ignore_case)
    quick = bool(compiled.searcher()(subject))
    assert compiled._slow(subject) == quick, "the engines differ"
    return quick


@pytest.mark.parametrize(
    ("pattern", "subjects", "others"),
    [
        ("^a", ["abc", "ABC"], ["bA"]), ("[[:upper:]]", ["a", "A"], ["1"]),
        ("[A-z]", ["a", "Z"], ["_", "["]), ("[^A-z]", ["_"], ["a"]), ("[a-Z]", ["b"], ["_"]),
        ("[!-z]", ["a", "!"], ["_"]), (r"\d", [], ["d", "D", "5"]), (r"\D", ["d", "D"], ["5"]),
        (r"\n", [], ["n", "\n"]), (r"[\d]", ["d", "\\"], ["5"]), (".", ["\n"], [""]),
        ("^b", ["b"], ["a\nb"]), ("a$", ["a"], ["a\n"]), (r"a\.b", ["a.b"], ["axb"]),
        ("a**", ["a", ""], []), ("a+?", ["", "b"], []), ("a{2}{2}", ["aaaa"], ["aaa"]),
        ("^x{,2}y", ["y", "xxy"], ["xxxy"]), ("a{0}b", ["b"], ["a"]), (")", [")"], ["a"]),
        ("a$b", [], ["ab", "a$b"]), ("a||b", ["c"], []), ("()", ["x"], []), ("[]a]", ["]"], ["b"]),
        ("[a-]", ["-"], ["b"]), ("[--/]", ["."], ["0"]), ("[[.a.]-c]", ["b"], ["d"]),
        ("[a^]", ["^"], ["b"]), (r"\bfoo", ["a foo"], ["afoo"]), (r"\w\W", ["a-"], ["ab"]),
        ("^.$", ["é", "\udce9"], ["éé"]), ("[^a]", ["\udce9", "ü"], ["a"]), ("s", ["S"], ["ſ"]),
        ("É", ["É"], ["é"]), (r"^a\`b", [], ["ab"]), (r"a\'", ["ba"], ["ab"]), (r"\B", [""], ["a"]),
    ],
)  # fmt: skip
def test_matches(pattern: str, subjects: list[str], others: list[str]) -> None:
    found = [each for each in (*subjects, *others) if matches(pattern, each)]
    assert found == subjects


def test_with_regard_to_case() -> None:
    assert not matches("a", "A", ignore_case=False)
    assert matches(r"\d", "d", ignore_case=False)
    assert matches("[_-a]", "`", ignore_case=False)


@pytest.mark.parametrize(("pattern", "subject"), [(r"(a|b)\1", "xbb"), (r"\<foo\>", "a foo b")])
def test_what_only_the_quick_engine_has(pattern: str, subject: str) -> None:
    assert compile_posix(pattern)(subject)
    assert not compile_posix(pattern)(subject.replace("b", "xx").replace("foo", "food"))


@pytest.mark.parametrize(
    "pattern",
    [
        "*a", "^*", "a|*b", "(+)", "a$*", r"\b*", "a{", "a{x", "{1}", "a{1x}", "a{2,1}", "a{32768}",
        "(", "[a", "[b-a]", "[]", "[[:foo:]]", "[a-c-e]", "[[.ab.]]", "[_-a]", "[[:alpha:]-z]",
        "[a-[:digit:]]", "a\\", r"\1", r"(a)\2", r"(a)|\1", "(?:a)", "(" * 60 + ")" * 60,
    ],
)  # fmt: skip
def test_what_is_no_expression(pattern: str) -> None:
    with pytest.raises(ValueError, match="regular expression"):
        compile_posix(pattern)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"^\+?[0-9]+$", Cost(1, 1)), ("^sip:", Cost(1, 0)), ("sip:.*@", Cost(1, 2)),
        ("^[^@]+@[^;]+;", Cost(1, 1)), ("[0-9]+$", Cost(1, 2)), ("a*a*a*b", Cost(1, 4)),
        ("(a+)+$", Cost(1, None)), ("(a|aa)+$", Cost(1, None)), (r"(a)\1", Cost(1, 2)),
        (r"([0-9]{1,3}\.){3}[0-9]{1,3}", Cost(1, 1)), (r"^([0-9]+\.)+$", Cost(1, 1)),
        ("(one|two|three)", Cost(3, 1)), ("^(a*b*)*$", Cost(1, None)),
    ],
)  # fmt: skip
def test_how_long_the_quick_engine_can_take(pattern: str, expected: Cost) -> None:
    assert cost(posix.parse(pattern, ignore_case=True)) == expected


CATASTROPHES = [
    "(a+)+$", "(a|aa)+$", "(a*)*b", "(a|a?)+$", "(.*a){20}", "a*a*a*a*b", "(a?){30}a{30}",
    "(.*)(.*)(.*)(.*)x$", "[a-z]+$", "^(([a-z])+.)+[A-Z]([a-z])+5$", r"(a*)*\1b", r"\<(a+)+b",
]  # fmt: skip


def _longest(pattern: str) -> float:
    search = compile_posix(pattern)
    search("a" * (LONG - 1))  # RE2 is imported and compiled once
    slowest = 0.0
    for subject in ("a" * LONG, "a" * LONG + "-", "ab" * LONG + "-", "a" * 400 + "-"):
        begin = time.process_time()
        search(subject)
        slowest = max(slowest, time.process_time() - begin)
    return slowest


@pytest.mark.parametrize("pattern", CATASTROPHES)
def test_no_subject_stalls_a_worker(pattern: str) -> None:
    assert min(_longest(pattern) for _ in range(3)) < 0.05


@pytest.mark.parametrize("pattern", CATASTROPHES[:-2])
def test_without_the_linear_engine_the_subject_is_cut(
    pattern: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(regex, "linear_engine", lambda: None)
    assert min(_longest(pattern) for _ in range(3)) < 0.05
    assert "only the first" in caplog.text


@pytest.mark.skipif(not regex.has_linear_engine(), reason="google-re2 is not installed")
def test_a_long_subject_is_searched_to_its_end() -> None:
    search = compile_posix("(a+)+-$")
    assert search("a" * LONG + "-")
    assert not search("a" * LONG + "-a")


@pytest.mark.skipif(not regex.has_linear_engine(), reason="google-re2 is not installed")
def test_the_longest_match_is_taken() -> None:
    match = compile_pattern("(a|ab)(c|bcd)?").search("xabcd")
    assert match is not None
    assert (match[0], match.start(), match.end()) == ("abcd", 1, 5)


def test_matches_in_text_that_is_not_ascii() -> None:
    found = [
        (match.start(), match.end(), match[1])
        for match in compile_pattern("(ü|\udcfc)?x").finditer("é\udce9üx-\udcfcx-x")
    ]
    assert found == [(2, 4, "ü"), (5, 7, "\udcfc"), (8, 9, None)]
    assert [match.start() for match in compile_pattern("x*").finditer("éx")] == [0, 1, 2]


def test_lines() -> None:
    pattern = compile_pattern("^b.$", lines=True)
    assert [match[0] for match in pattern.finditer("ab\nbc\nb\nbd")] == ["bc", "bd"]
    assert compile_pattern("[^a]", lines=True).search("\n") is None


def test_a_pattern_can_be_stored() -> None:
    pattern = compile_pattern("(a)b", ignore_case=False, lines=True)
    assert pattern.search("ab")
    copy = pickle.loads(pickle.dumps(pattern))
    assert copy.search("ab")
    assert not copy.search("AB")
