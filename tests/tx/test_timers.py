from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sipway.tx.timers import NEVER, TICK, Timed, TimerQueue


def test_what_is_due_comes_up_in_order_and_once() -> None:
    queue = TimerQueue()
    late, early, same = Timed(), Timed(), Timed()
    queue.set(late, 2.0)
    queue.set(early, 1.0)
    queue.set(same, 1.0)
    assert queue.next_deadline() == 1.0 + TICK
    assert queue.expire(0.99) == []
    assert queue.expire(5.0) == [early, same, late]
    assert queue.next_deadline() == NEVER
    assert len(queue) == 0


def test_a_deadline_is_never_early() -> None:
    queue = TimerQueue()
    item = Timed()
    queue.set(item, 1.0049)
    assert queue.expire(1.0049) == []
    assert queue.expire(queue.next_deadline()) == [item]


def test_moved_and_taken_out() -> None:
    queue = TimerQueue()
    moved, out = Timed(), Timed()
    queue.set(moved, 1.0)
    queue.set(out, 1.0)
    queue.set(moved, 3.0)
    queue.cancel(out)
    queue.cancel(out)
    assert len(queue) == 1
    assert queue.next_deadline() == 3.0 + TICK
    assert queue.expire(4.0) == [moved]
    queue.set(moved, 5.0)  # it can stand in the queue again
    assert queue.expire(6.0) == [moved]


@given(st.lists(st.tuples(st.integers(0, 4), st.floats(0, 10), st.booleans())))
def test_against_a_plain_list(steps: list[tuple[int, float, bool]]) -> None:
    queue = TimerQueue()
    items = [Timed() for _ in range(5)]
    due: dict[int, float] = {}
    now = 0.0
    for number, after, cancels in steps:
        if cancels:
            queue.cancel(items[number])
            due.pop(number, None)
        else:
            queue.set(items[number], now + after)
            due[number] = now + after
        now += after / 7
        came = {items.index(item) for item in queue.expire(now)}
        for each in came:
            assert due.pop(each) <= now
        assert all(deadline > now - 2 * TICK for deadline in due.values())
        assert len(queue) == len(due)
        assert (queue.next_deadline() == NEVER) == (not due)


@given(st.integers(0, 4_000_000_000).map(lambda milliseconds: milliseconds / 1000))
def test_what_is_due_at_the_next_deadline_comes_up_then(deadline: float) -> None:
    """Whatever floats make of a hundredth of a second."""
    queue = TimerQueue()
    item = Timed()
    queue.set(item, deadline)
    assert queue.expire(queue.next_deadline()) == [item]
