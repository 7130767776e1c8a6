"""A cluster of two nodes on one machine: two raylets, each with folders of its own.

    python examples/ray_cluster/two_nodes.py FOLDER [--kill-a-node] [--trials 12]

The nodes share FOLDER/shared and nothing else; the driver has its runs in FOLDER/driver. With
`--kill-a-node` the second node is killed once two trials have ended: its trials go on on the first
one, from their last checkpoints, and the study ends with exactly as many trials as were asked for.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

BIN = Path(sys.executable).parent


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--kill-a-node", action="store_true")
    options.add_argument("--trials", type=int, default=12)
    chosen = options.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # nodes end with us
    folder = chosen.folder.resolve()
    port, environment = _free_port(), _environment(folder)
    address = f"127.0.0.1:{port}"
    head = ["--head", "--node-ip-address=127.0.0.1", f"--port={port}", "--include-dashboard=false"]
    nodes = [_node(folder / "node1", head, environment)]
    try:
        _until(lambda: _listens(port), "the head node")
        nodes.append(_node(folder / "node2", [f"--address={address}"], environment))
        _until(lambda: _nodes_alive(address, environment) == 2, "the second node")
        _search(folder, address, environment, chosen, nodes)
    finally:
        for node in nodes:
            _kill(node)
        shutil.rmtree(environment["RAY_TMPDIR"], ignore_errors=True)


def _environment(folder: Path) -> dict[str, str]:
    """Whoever knows the token may use the cluster; nobody else can read the file."""
    folder.mkdir(parents=True, exist_ok=True)
    token = folder / "token"
    with os.fdopen(os.open(token, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(secrets.token_hex(32))
    ray_files = tempfile.mkdtemp(prefix="two-")  # short, for paths of sockets have a limit
    own = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN_PATH": str(token), "RAY_TMPDIR": ray_files}
    return {**os.environ, **own}


def _node(folder: Path, words: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start a raylet with one core, whose workers have caches and a home of their own."""
    folder.mkdir(parents=True, exist_ok=True)
    private = {"XDG_CACHE_HOME": str(folder / "cache")}
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [BIN / "ray", "start", *words, "--num-cpus=1", "--block", "--disable-usage-stats"],
            cwd=folder,
            env={**environment, **private},
            stdout=log,
            stderr=log,
        )


def _search(
    folder: Path,
    address: str,
    environment: dict[str, str],
    options: argparse.Namespace,
    nodes: list[subprocess.Popen[bytes]],
) -> None:
    """What a user types, with its events read to see when half of the work is done."""
    driver = folder / "driver"
    driver.mkdir(exist_ok=True)
    command = [
        BIN / "autotrain", "search", "--space", "cifar_cnn", "--data", "digits", "--epochs", "6",
        "--trials", str(options.trials), "--engine", "ray", "--address", address,
        "--storage-path", folder / "shared", "--set", "width=16", "--json",
    ]  # fmt: skip
    ended = 0
    process = subprocess.Popen(
        command, cwd=driver, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for line in process.stdout:
        event = json.loads(line)
        ended += event["event"] == "ended"
        print(_words(event), flush=True)
        if options.kill_a_node and ended == 2 and len(nodes) == 2:
            _kill(nodes.pop())
            print("killed node 2", flush=True)
    if process.wait():
        raise SystemExit(f"the search ended with status {process.returncode}")


def _words(event: dict[str, Any]) -> str:
    kept = ("event", "trial", "worker", "epoch", "state", "text", "counts")
    return "  ".join(f"{key} {event[key]}" for key in kept if key in event)


def _kill(node: subprocess.Popen[bytes]) -> None:
    """Kill a node with all its processes, as if its machine had lost power."""
    try:
        family = [*psutil.Process(node.pid).children(recursive=True), psutil.Process(node.pid)]
    except psutil.NoSuchProcess:
        return
    for process in family:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    node.wait()


def _nodes_alive(address: str, environment: dict[str, str]) -> int:
    code = (
        f"import ray; ray.init('{address}', logging_level='ERROR', log_to_driver=False);"
        "print(sum(node['Alive'] for node in ray.nodes()))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )
    return int(answer.stdout or 0)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _until(condition: Any, what: str, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"{what} did not come up within {seconds:.0f} s")
        time.sleep(0.2)


if __name__ == "__main__":
    main()
