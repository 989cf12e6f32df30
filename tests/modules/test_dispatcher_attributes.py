"""dispatcher: the attributes of a destination."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipway.modules.dispatcher.destinations import read_attributes


def test_attributes_that_mean_something() -> None:
    text = (
        "duid=a;MaxLoad=2;weight=50;rweight=7;socket=udp:1.2.3.4:5;sockname=s;ping_from=sip:x;"
        'obproxy="sip:p;lr";latency=24;cc=1;own=1;bare'
    )
    found, odd = read_attributes(text)
    assert odd == []
    assert (found.body, found.duid, found.maxload) == (text, "a", 2)
    assert (found.weight, found.rweight, found.latency, found.cc) == (50, 7, 24, 1)
    assert (found.socket, found.sockname) == ("udp:1.2.3.4:5", "s")
    assert (found.ping_from, found.obproxy) == ("sip:x", "sip:p;lr")


def test_of_several_of_a_name_the_first_counts() -> None:
    found, _ = read_attributes("weight=5;duid=x;weight=7;")
    assert (found.weight, found.body) == (5, "weight=5;duid=x;weight=7")


@pytest.mark.parametrize(
    ("text", "odd"),
    [
        ("weight=0", "weight is a number from 1 to 100, not 0: ignored"),
        ("weight=101", "weight is a number from 1 to 100, not 101: ignored"),
        ("rweight=x", "rweight is a number from 1 to 100, not x: ignored"),
        ("maxload=-1", "maxload is a number from 0 on, not -1: ignored"),
        ("latency=", "latency is a number from 0 on, not : ignored"),
    ],
)
def test_a_number_out_of_range_is_ignored_and_told(text: str, odd: str) -> None:
    found, said = read_attributes(text)
    assert said == [odd]
    assert (found.weight, found.rweight, found.maxload, found.latency) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("text", "duid", "maxload", "weight"),
    [
        ("duid='ab';x=\"c\"", "ab", 0, 0),
        ("x='c;\"d';duid=z", "z", 0, 0),
        ('x="c;d\'" ; duid=z', "z", 0, 0),
        ("x=c'd\"e;duid=z", "z", 0, 0),
        (";duid=z;;x=y;", "z", 0, 0),
        (" ; ;", "", 0, 0),
        ("=x;duid=z", "z", 0, 0),
        ("x=a=b=c;duid=e/f?g&h", "e/f?g&h", 0, 0),
        ("duid=[e]:f@g(h)i{j}", "[e]:f@g(h)i{j}", 0, 0),
        ('maxload="5";weight=+06', "", 5, 6),
        ("maxload=5x;weight= 6 7", "", 5, 6),
        ("maxload=99999999999", "", 2147483647, 0),
        ("duid=;weight=", "", 0, 0),
    ],
)
def test_attributes_as_kamailio_reads_them(text: str, duid: str, maxload: int, weight: int) -> None:
    found, _ = read_attributes(text)
    assert (found.duid, found.maxload, found.weight) == (duid, maxload, weight)


def test_a_comma_ends_attributes() -> None:
    found, odd = read_attributes("x=c;duid=a,weight=5;cc=1")
    assert (found.duid, found.weight, found.cc) == ("a", 0, 0)
    assert odd == ["what follows a comma is no attribute: weight=5;cc=1"]
    assert read_attributes("x='a,b';duid=c")[0].duid == "c"


@pytest.mark.parametrize("text", ['duid="x', "a=b;;c='d", 'x="a"b', '"', "a b", "a=';", "x=1;'"])
def test_what_is_no_list_of_attributes_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="attributes are written name=value"):
        read_attributes(text)


@given(st.text("ab=;,\"' x", max_size=60))
def test_no_attributes_take_for_ever(text: str) -> None:
    with suppress(ValueError):
        found, _ = read_attributes(text)
        assert found.body == text.rstrip(";")
