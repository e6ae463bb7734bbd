"""The order of copies, with a device that does nothing before it is waited for, and writes down what it is told."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.inference.fast.pixels import to_bytes
from engine.inference.fast.read_back import CudaCopier, read_back
from engine.inference.fast.team import working_together
from engine.inference.images import to_uint8
from engine.inference.renderer import Renderer
from engine.inference.requests import Look, SeedLatent
from tests.engine.inference.tiny_models import tiny_model


class LateDevice:
    """A `Copier` whose copies happen at the last moment, when their end is waited for; a buffer is rubbish until then.

    Pictures are made in the same order: `make` writes down when one is ordered.
    """

    def __init__(self):
        self.told = []
        self.buffers = []
        self.filling = {}
        """which copy a buffer waits for, by the buffer's index"""

    def make(self, number, shape=(2, 3)):
        self.told.append(("make", number))
        return torch.full(shape, number, dtype=torch.uint8)

    def buffer(self, like):
        self.buffers.append(torch.full(like.shape, 255, dtype=like.dtype))
        return self.buffers[-1]

    def start(self, source, target):
        number = int(source.flatten()[0])
        place = next(index for index, buffer in enumerate(self.buffers) if buffer is target)
        assert place not in self.filling, "a buffer was given away before its picture was fetched"
        self.filling[place] = number
        self.told.append(("copy", number))
        target.fill_(255)

        def wait():
            assert self.filling.pop(place) == number
            self.told.append(("wait", number))
            target.copy_(source)

        return wait


@settings(max_examples=30, deadline=None)
@given(count=st.integers(0, 9))
def test_each_picture_is_complete_in_order_and_an_array_of_its_own(count):
    device = LateDevice()
    arrays = list(read_back((device.make(number) for number in range(count)), device))
    assert [array.tolist() for array in arrays] == [[[number] * 3] * 2 for number in range(count)]
    assert len(device.buffers) == min(count, 2)
    assert device.filling == {}


def test_a_picture_is_waited_for_only_when_the_next_one_has_been_ordered():
    device = LateDevice()
    arrived = []
    for array in read_back((device.make(number) for number in range(3)), device):
        arrived.append((int(array[0, 0]), list(device.told)))
    first = [("make", 0), ("copy", 0), ("make", 1), ("copy", 1), ("wait", 0)]
    second = [*first, ("make", 2), ("copy", 2), ("wait", 1)]
    assert arrived == [(0, first), (1, second), (2, [*second, ("wait", 2)])]


@pytest.mark.parametrize("failing", [0, 1, 4])
def test_a_failure_comes_behind_the_pictures_that_were_made_before_it(failing):
    device = LateDevice()

    def pictures():
        for number in range(failing):
            yield device.make(number)
        raise MemoryError("picture")

    copies = read_back(pictures(), device)
    assert [int(next(copies)[0, 0]) for _ in range(failing)] == list(range(failing))
    with pytest.raises(MemoryError, match="picture"):
        next(copies)
    assert device.filling == {}


def test_buffers_of_a_call_that_was_given_up_serve_nobody_else():
    device = LateDevice()
    given_up = read_back((device.make(number) for number in range(5)), device)
    next(given_up)
    given_up.close()  # while a copy to one of them goes on
    assert [int(array[0, 0]) for array in read_back((device.make(number) for number in (7, 8)), device)] == [7, 8]


@pytest.mark.parametrize("shape", [(1, 3, 8, 8), (1, 1, 16, 16), (1, 4, 1024, 1024)])
def test_bytes_are_those_of_the_plain_function(shape):
    img = torch.randn(shape, generator=torch.Generator().manual_seed(1)).contiguous(memory_format=torch.channels_last)
    expected = to_uint8(img)
    for threads in (1, 3):
        with working_together(threads):
            pixels = to_bytes(img).numpy()
        assert np.array_equal(np.broadcast_to(pixels, expected.shape), expected)


class Plain:
    """A `Copier` for tensors that are on the host already."""

    def buffer(self, like):
        return torch.empty_like(like)

    def start(self, source, target):
        target.copy_(source)
        return lambda: None


def test_the_renderer_hands_on_the_same_pictures_through_a_copier(monkeypatch):
    renderer = Renderer(tiny_model(), "cpu")
    looks = [Look(latent=SeedLatent(seed=seed)) for seed in range(5)]
    expected = list(renderer.render_each(looks))
    monkeypatch.setattr(renderer, "_copier", Plain())
    assert np.array_equal(np.stack(list(renderer.render_each(looks))), np.stack(expected))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda_pictures_arrive_whole():
    def pictures():
        for number in range(20):
            torch.cuda._sleep(1_000_000)  # so that a copy that does not wait would come too early
            yield torch.full((1, 512, 512, 3), number, dtype=torch.uint8, device="cuda")

    for number, array in enumerate(read_back(pictures(), CudaCopier())):
        assert (array == number).all()
