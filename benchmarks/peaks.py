"""How much memory a command takes at its highest."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

# A process begins its record at the size of the one that started it, so a small one stands between.
_BETWEEN = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(done.returncode)
"""


def measured(command: Sequence[str], *, cwd: Path | None = None) -> tuple[str, float]:
    """What the command said, and its megabytes. Raises CalledProcessError when it fails."""
    words = [sys.executable, "-S", "-c", _BETWEEN, *command]
    done = subprocess.run(words, cwd=cwd, stdout=subprocess.PIPE, text=True, check=True)
    said, _, kilobytes = done.stdout.rstrip().rpartition("\n")
    return said, int(kilobytes) / 1024
