"""The bounds of the entrance."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What protects a process from those who send slowly, much, or without end."""

    permit_seconds: float = 60.0
    permits: int = 10_000
    stall_seconds: float = 10.0  # without a byte of the body
    grace_seconds: float = 10.0  # after which the body must come at this pace on average
    bytes_per_second: int = 32 * 1024
    bodies_bytes: int = 96 * 2**20  # of all bodies that are larger than `small_bytes`
    bodies_bytes_of_key: int = 48 * 2**20
    small_bytes: int = 64 * 1024  # so many are bounded by the connections that there may be
    room_seconds: float = 5.0  # to wait for room for a body
    running_of_key: int = 20  # of the 40 threads that run requests
    queued_of_key: int = 256
    imports: int = 4  # each has a file of up to 512 MiB until it is taken in
    waiting: int = 256  # requests that wait for a job: they hold a connection and nothing else
    waiting_of_key: int = 64
