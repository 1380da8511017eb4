"""The floor of a login: verifying a password with argon2id, as fast as all cores can, and nothing else."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

from argon2 import PasswordHasher

from bench.load import Load

HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""With the parameters that the product has."""


def verify(password: str, *, seconds: float) -> Load:
    """A thread per core, each verifying again and again."""
    hashed, threads = HASHER.hash(password), os.cpu_count() or 1
    begun, used = time.monotonic(), time.process_time()

    def again_and_again() -> list[float]:
        ends = [time.monotonic()]
        while ends[-1] < begun + seconds:
            HASHER.verify(hashed, password)
            ends.append(time.monotonic())
        return [end - start for start, end in pairwise(ends)]

    with ThreadPoolExecutor(threads) as pool:
        latencies = [one for thread in pool.map(lambda _: again_and_again(), range(threads)) for one in thread]
    return Load(time.monotonic() - begun, latencies, time.process_time() - used)
