"""One thread for torch in each test process: the networks here are tiny, and several processes share the machine."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
