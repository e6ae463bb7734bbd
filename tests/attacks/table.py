"""Prints README.md's table of attacks and how each ended: `python -m tests.attacks.table`."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.attacks.files import FIXTURE
from tests.attacks.test_attacks import ATTACKS


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        lines = [str(FIXTURE), *(f"{a.name}\t{json.dumps(str(a.make(Path(folder))))}" for a in ATTACKS)]
        command = [sys.executable, "-m", "tests.attacks.runner"]
        done = subprocess.run(command, input="\n".join(lines), capture_output=True, text=True, check=True)
    outcomes = [json.loads(line) for line in done.stdout.splitlines()]
    print("| file | what it tries | refused with |\n|---|---|---|")
    for attack, outcome in zip(ATTACKS, outcomes, strict=True):
        message = re.sub(re.escape(folder) + r"[\\/](\w+[\\/])?", "", outcome["message"])  # names, not places
        reason = re.sub(r"^cannot open '.*?': ", "", message).split(". ")[0].replace("|", "\\|")
        print(f"| `{attack.name}` | {attack.tries} | {attack.error}: {reason} |")


if __name__ == "__main__":
    main()
