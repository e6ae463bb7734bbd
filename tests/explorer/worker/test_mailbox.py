"""The mailbox under several threads: the newest is never lost, nothing comes twice, nobody waits in vain."""

from __future__ import annotations

import threading
from pathlib import Path

from explorer.worker.commands import CancelExport, ExportVideo, OpenModel
from explorer.worker.mailbox import Mailbox
from tests.explorer.worker.fakes import TIMEOUT, plan, request


def test_only_the_newest_request_is_left() -> None:
    box = Mailbox()
    for request_id in range(5):
        box.put_request(request(request_id))
    newest = box.take_request()
    assert newest is not None
    assert newest.request_id == 4
    assert box.take_request() is None


def test_commands_come_in_order_and_only_the_newest_model() -> None:
    box = Mailbox()
    export = ExportVideo(plan=plan(Path("walk.mp4")), content_id="a")
    for command in (OpenModel(path=Path("a")), export, OpenModel(path=Path("b")), CancelExport()):
        box.put_command(command)
    taken = [box.take_command() for _ in range(4)]
    assert taken == [export, OpenModel(path=Path("b")), CancelExport(), None]


def test_a_taker_gets_the_newest_of_several_putters_and_never_an_older_one_later() -> None:
    box, putters, each = Mailbox(), 4, 500
    last = putters * each
    seen: list[int] = []
    last_seen = threading.Event()

    def take() -> None:
        while not last_seen.is_set():
            box.wait()
            taken = box.take_request()
            if taken is not None:
                seen.append(taken.request_id)
                if taken.request_id == last:
                    last_seen.set()

    def put(putter: int) -> None:
        for i in range(each):
            box.put_request(request(putter * each + i))

    taker = threading.Thread(target=take, daemon=True)
    taker.start()
    threads = [threading.Thread(target=put, args=(putter,)) for putter in range(putters)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(TIMEOUT)
    box.put_request(request(last))
    assert last_seen.wait(TIMEOUT)
    taker.join(TIMEOUT)
    assert len(set(seen)) == len(seen)
    for putter in range(putters):
        own = [request_id for request_id in seen if request_id // each == putter]
        assert own == sorted(own)


def test_what_was_put_before_the_wait_ends_it_and_closing_does_too() -> None:
    box = Mailbox()
    box.put_request(request(1))
    box.wait()
    waiter = threading.Thread(target=box.wait, daemon=True)
    waiter.start()
    box.close()
    waiter.join(TIMEOUT)
    assert not waiter.is_alive()
    assert box.closed
