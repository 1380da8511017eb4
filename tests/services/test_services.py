"""The servers that the other tests stand on: they come up, come back empty, and never outlive who started them."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.services.process import listening
from tests.services.redis import RedisServer

ROOT = Path(__file__).parents[2]

STARTER = """
import time
from tests.services import redis
with redis.running() as server:
    print(server.port, server.folder, flush=True)
    time.sleep(60)
"""


def test_redis_forgets_everything_when_killed(redis_server: RedisServer) -> None:
    assert say(redis_server, "SET kept 1") == "+OK"
    redis_server.kill()
    assert not listening("127.0.0.1", redis_server.port)
    redis_server.start()
    assert say(redis_server, "GET kept") == "$-1"


def test_a_server_ends_with_a_test_run_that_is_killed(redis_server: RedisServer) -> None:
    with subprocess.Popen([sys.executable, "-c", STARTER], cwd=ROOT, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout
        port, folder = run.stdout.readline().split()
        assert listening("127.0.0.1", int(port))
        run.send_signal(signal.SIGKILL)
        run.wait()
    deadline = time.monotonic() + 10
    while listening("127.0.0.1", int(port)) or Path(folder).exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def say(server: RedisServer, command: str) -> str:
    with socket.create_connection(("127.0.0.1", server.port), 5) as connection:
        connection.sendall(command.encode() + b"\r\n")
        return connection.makefile().readline().strip()
