from __future__ import annotations

from sipway.language.source import SourceFile, Span


def test_positions() -> None:
    source = SourceFile("test.cfg", "ab\r\ncdé\n\nx")
    assert source.position(0) == (1, 1)
    assert source.position(2) == (1, 3)
    assert source.position(4) == (2, 1)
    assert source.position(7) == (2, 4)
    assert source.position(8) == (3, 1)
    assert source.position(10) == (4, 2)
    assert [source.line_text(line) for line in range(1, 5)] == ["ab", "cdé", "", "x"]
    assert source.line_count == 4


def test_spans() -> None:
    source = SourceFile("test.cfg", "one two\nthree")
    first, last = Span(source, 0, 3), Span(source, 8, 13)
    assert first.to(last).text == "one two\nthree"
    assert (first.to(last).end_line, first.to(last).end_column) == (2, 6)
    assert first.to(Span(SourceFile("other.cfg", "x"), 0, 1)) == first
    assert (Span.point(source, 4).line, Span.point(source, 4).column) == (1, 5)
