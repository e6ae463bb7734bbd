import platform
import subprocess
import sys
from pathlib import Path

import pytest

from engine.inference import memory

FAULTS_OF_A_BIG_BLOCK = """
import ctypes, resource, sys, threading
from engine.inference.memory import keep_freed_memory
if sys.argv[1] == "kept":
    assert keep_freed_memory()
malloc, free = ctypes.CDLL(None).malloc, ctypes.CDLL(None).free
malloc.restype, malloc.argtypes, free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]

def use(count):
    for _ in range(count):
        block = malloc(2**26)
        ctypes.memset(block, 1, 2**26)
        free(block)

def measure():
    use(1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    use(10)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)

thread = threading.Thread(target=measure)
thread.start()
thread.join()
"""

on_glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc gives memory back so eagerly")


def faults(variant):
    command = [sys.executable, "-c", FAULTS_OF_A_BIG_BLOCK, variant]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@on_glibc
def test_a_big_block_is_faulted_in_once_also_in_a_thread_that_starts_later():
    assert faults("kept") < faults("default") / 10


@pytest.mark.parametrize("libc", [("", ""), ("libc", "1.2")])
def test_elsewhere_nothing_happens(monkeypatch, libc):
    monkeypatch.setattr(memory.platform, "libc_ver", lambda: libc)
    monkeypatch.setattr(memory.ctypes, "CDLL", None)  # must not be reached
    assert memory.keep_freed_memory() is False


HEAP_PAGES = """
import ctypes
from engine.inference.memory import keep_freed_memory
assert keep_freed_memory()
malloc = ctypes.CDLL(None).malloc
malloc.restype, malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
block, flags = malloc(2**26) + 2**25, ""
for line in open("/proc/self/smaps"):
    if "-" in line.split()[0]:
        first, end = (int(part, 16) for part in line.split()[0].split("-"))
    elif line.startswith("VmFlags") and first <= block < end:
        flags = line
print("hg" in flags.split())
"""


@pytest.mark.skipif(not Path("/sys/kernel/mm/transparent_hugepage").exists(), reason="a kernel without huge pages")
@on_glibc
def test_what_is_kept_may_lie_in_huge_pages():
    answer = subprocess.run([sys.executable, "-c", HEAP_PAGES], capture_output=True, text=True, check=True).stdout
    assert answer.strip() == "True"


@on_glibc
@pytest.mark.parametrize("bits", [32, 64])
def test_where_no_addresses_are_left_memory_is_kept_all_the_same(monkeypatch, bits):
    class Libc:
        """Has no room, and must be left alone after that."""

        @staticmethod
        def mallopt(option, value):
            return 1

        @staticmethod
        def malloc(size):
            return None

        free = malloc

        @staticmethod
        def madvise(*arguments):
            raise AssertionError

    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: Libc)
    monkeypatch.setattr(memory.ctypes, "sizeof", lambda kind: bits // 8)
    assert memory.keep_freed_memory() is True
