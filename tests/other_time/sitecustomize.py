"""Read by every Python that runs at another time, see `tests/at_time.py`.

`time.sleep` sleeps until a moment of the monotonic clock. libfaketime shifts that moment although it is told
to leave that clock alone. A wait for no file lasts a duration instead.
"""

import select
import time


def sleep(seconds: float) -> None:
    """Sleep so long."""
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    select.select([], [], [], seconds)


time.sleep = sleep
