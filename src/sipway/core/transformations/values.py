"""`{val.…}`: something in the place of null, values for JSON; `{num.…}`: digits of a number."""

from __future__ import annotations

from sipway.core.transformations.kinds import Value, transformation


def _escaped(text: str) -> str:
    """As a string of JSON, with its quotes (RFC 8259 section 7)."""
    import json  # noqa: PLC0415 - most scripts never ask for it

    return json.dumps(text, ensure_ascii=False)


@transformation("val.json")
def _for_json(value: Value) -> Value:
    """A text as it has to stand between quotes in JSON; empty for null, a number as it is."""
    if value is None:
        return ""
    return _escaped(value)[1:-1] if isinstance(value, str) else value


@transformation("val.jsonqe")
def _quoted_for_json(value: Value) -> Value:
    """A text as a string of JSON with its quotes, `""` for null; a number as it is."""
    return value if isinstance(value, int) else _escaped(value or "")


@transformation("val.n0")
def _zero_for_null(value: Value) -> Value:
    """0 for null."""
    return 0 if value is None else value


@transformation("val.ne")
def _empty_for_null(value: Value) -> Value:
    """The empty text for null."""
    return "" if value is None else value


@transformation("num.fdigit")
def _first_digit(value: Value) -> int:
    """The first digit of a number; 0 for a text and null."""
    return int(str(abs(value))[0]) if isinstance(value, int) else 0


@transformation("num.ldigit")
def _last_digit(value: Value) -> int:
    """The last digit of a number; 0 for a text and null."""
    return abs(value) % 10 if isinstance(value, int) else 0
