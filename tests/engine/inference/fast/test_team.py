"""Pieces that several threads share: each once, results in order, whatever fails or is kept waiting."""

import _thread
import signal
import threading
import time
import weakref
from functools import partial

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.inference.fast.team import Team, share, team_of, working_together

SECONDS = 20.0
"""after which a test fails instead of waiting"""


def meet(barrier, value):
    barrier.wait(SECONDS)
    return value


@settings(max_examples=50, deadline=None)
@given(size=st.integers(1, 5), count=st.integers(0, 40))
def test_every_piece_is_done_once_and_the_results_are_in_order(size, count):
    done = []
    with working_together(size):
        results = share([lambda number=number: done.append(number) or number**2 for number in range(count)])
    assert results == [number**2 for number in range(count)]
    assert sorted(done) == list(range(count))


@pytest.mark.parametrize("size", [2, 3])
def test_so_many_pieces_are_done_at_the_same_time(size):
    barrier = threading.Barrier(size)
    with working_together(size):
        assert share([partial(meet, barrier, number) for number in range(2 * size)]) == list(range(2 * size))


def test_without_a_team_the_caller_does_everything_in_order():
    done = []
    share([lambda number=number: done.append((number, threading.get_ident())) for number in range(5)])
    assert done == [(number, threading.get_ident()) for number in range(5)]


def test_a_team_is_there_within_and_not_afterwards():
    with working_together(2):
        with working_together(1):
            assert len(set(share([threading.get_ident] * 4))) == 1
        barrier = threading.Barrier(2)
        share([partial(meet, barrier, 1), partial(meet, barrier, 2)])
    assert set(share([threading.get_ident] * 4)) == {threading.get_ident()}


@pytest.mark.parametrize("failing", [0, 1, 7])
def test_a_failure_is_raised_once_all_that_began_have_ended_and_the_team_goes_on(failing):
    running, ended = [], []

    def piece(number):
        running.append(number)
        if number == failing:
            raise ZeroDivisionError(number)
        ended.append(number)

    with working_together(3):
        with pytest.raises(ZeroDivisionError, match=str(failing)):
            share([partial(piece, number) for number in range(8)])
        assert len(running) == len(ended) + 1
        assert share([lambda number=number: number for number in range(9)]) == list(range(9))


def test_pieces_that_are_shared_again_do_not_wait_for_each_other_for_ever():
    def outer(number):
        return sum(share([lambda inner=inner: number * inner for inner in range(6)]))

    with working_together(3):
        assert share([partial(outer, number) for number in range(7)]) == [15 * number for number in range(7)]


def test_helpers_who_are_busy_elsewhere_hold_nobody_up():
    team, come, go = Team(2), threading.Event(), threading.Event()

    def wait():
        come.set()
        assert go.wait(SECONDS)

    def occupy():
        team.share([wait, wait])

    other = threading.Thread(target=occupy)
    other.start()
    assert come.wait(SECONDS)
    assert team.share([lambda number=number: number for number in range(20)]) == list(range(20))
    go.set()
    other.join(SECONDS)
    assert not other.is_alive()


def test_nothing_of_a_round_is_kept_when_it_is_over():
    class Large:
        pass

    kept = []

    def round_of(team):
        large = Large()
        kept.append(weakref.ref(large))
        team.share([lambda: id(large)] * 5)

    team, come, go = Team(2), threading.Event(), threading.Event()

    def occupy():
        come.set()
        assert go.wait(SECONDS)

    other = threading.Thread(target=lambda: team.share([occupy, occupy]))
    other.start()
    assert come.wait(SECONDS)
    for _ in range(3):
        round_of(team)  # which the helper, who is busy, cannot have looked at
    assert [reference() for reference in kept] == [None] * 3
    go.set()
    other.join(SECONDS)


def test_each_has_one_thread_of_torchs_and_the_caller_gets_its_own_back():
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        barrier, caller = threading.Barrier(2), threading.get_ident()

        def threads():
            barrier.wait(SECONDS)
            return threading.get_ident() == caller, torch.get_num_threads(), torch.is_inference_mode_enabled()

        with torch.inference_mode(), working_together(2):
            assert sorted(share([threads, threads])) == [(False, 1, True), (True, 1, True)]
        assert torch.get_num_threads() == 3
        Team(3)
        elsewhere = []
        newcomer = threading.Thread(target=lambda: elsewhere.append(torch.get_num_threads()))
        newcomer.start()
        newcomer.join(SECONDS)
        assert (elsewhere, torch.get_num_threads()) == ([3], 3)
    finally:
        torch.set_num_threads(before)


@pytest.fixture
def heard_interrupts():
    """A test run in the background of a shell inherits a Ctrl-C that is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard_interrupts")
@pytest.mark.skipif(
    threading.current_thread() is not threading.main_thread(), reason="only the main thread is interrupted"
)
def test_who_interrupts_gets_control_when_the_helpers_have_ended():
    caller, began, ended = threading.get_ident(), threading.Barrier(2), []

    def piece(number):
        if threading.get_ident() == caller:
            began.wait(SECONDS)
            return
        began.wait(SECONDS)
        time.sleep(0.1)  # until the caller waits
        _thread.interrupt_main()
        time.sleep(0.2)
        ended.append(number)

    with working_together(2), pytest.raises(KeyboardInterrupt):
        share([partial(piece, 0), partial(piece, 1)])
    assert len(ended) == 1


def test_there_is_one_team_of_a_size():
    assert team_of(2) is team_of(2)
