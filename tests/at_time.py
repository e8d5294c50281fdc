"""Runs tests at another time than now: libfaketime shifts the clock of all their processes alike.

Usage: python -m tests.at_time "2028-02-29 23:30" [--zone Europe/Berlin] [-- ARGUMENTS OF PYTEST]
The time is in UTC, the zone is that of the machine (TZ). Without arguments the tests that depend on the clock
are run.
"""

import argparse
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

SECONDS = 600  # of a run: a few tests, whose servers have to start
ROOT = Path(__file__).parents[1]
LIBRARIES = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib*/faketime/libfaketimeMT.so.1")
# What counts days, and what compares the service's clock with that of Postgres.
BY_THE_CLOCK = (
    "tests/services/search/test_retrievals.py::TestStrength",
    "tests/api/test_keys.py::TestExpiry",
)


def shifted(at: datetime, zone: str) -> dict[str, str]:
    """The environment of a process for which it is `at`, as are all that it starts."""
    found = sorted(path for pattern in LIBRARIES for path in Path("/").glob(pattern[1:]))
    if not found:
        sys.exit("libfaketime is not here: apt-get install faketime")
    return os.environ | {
        "LD_PRELOAD": str(found[0]),
        # By a difference, not a date: a date would begin anew in each process.
        "FAKETIME": f"{at.timestamp() - time.time():+.0f}s",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "PYTHONPATH": str(ROOT / "tests" / "other_time"),
        "TZ": zone,
    }


def main() -> None:
    """Run pytest and end with its status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("at", type=lambda given: datetime.fromisoformat(given).replace(tzinfo=UTC))
    parser.add_argument("--zone", default="UTC")
    parser.add_argument("pytest", nargs="*", default=BY_THE_CLOCK)
    args = parser.parse_args()
    command = [sys.executable, "-m", "pytest", *args.pytest]
    environment = shifted(args.at, args.zone)
    sys.exit(subprocess.run(command, cwd=ROOT, env=environment, check=False, timeout=SECONDS).returncode)


if __name__ == "__main__":
    main()
