"""Limits of admission control: body sizes, timeouts, concurrency per key. All are chosen."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AdmissionLimits:
    """Limits that protect a process from clients that send slowly, much, or without end."""

    verified_key_seconds: float = 60.0
    max_verified_keys: int = 10_000
    stall_seconds: float = 10.0  # longest time without a byte of the body
    grace_seconds: float = 10.0  # after this time the body must arrive at `bytes_per_second` on average
    bytes_per_second: int = 32 * 1024
    max_body_bytes: int = 96 * 2**20  # of all bodies that are larger than `small_body_bytes`
    max_body_bytes_per_key: int = 48 * 2**20
    small_body_bytes: int = 64 * 1024  # the memory of smaller ones is limited by the number of connections
    body_memory_wait_seconds: float = 5.0  # longest wait for memory for a body
    max_running_per_key: int = 20  # of the 40 threads that run requests
    max_queued_per_key: int = 256
    max_imports: int = 4  # each has a file of up to 512 MiB until it is imported
    max_waiting: int = 256  # requests that wait for a job: each holds only a connection
    max_waiting_per_key: int = 64
    max_waiting_per_tenant: int = 128  # so that one with many keys leaves as much to the others
