"""Finding or starting a Ray cluster, and what there must be for a search."""

from __future__ import annotations

import logging
import os
import secrets
import shlex
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autotrain.compat.ray_internals import quiet_driver, read_authentication_again
from autotrain.engines.resources import Slot
from autotrain.errors import ConfigurationError

_CONNECT_SECONDS = 5.0


@dataclass(frozen=True)
class RayOptions:
    """How to use Ray.

    Attributes:
        address: `auto` or HOST:PORT of a cluster; None starts one on this machine.
        cpus_per_trial: cores of a worker; by default a fair share of this machine's.
        gpus_per_trial: GPUs of a worker, parts of one too.
        storage_path: folder or fsspec URI that all nodes share, for checkpoints.
    """

    address: str | None = None
    cpus_per_trial: int | None = None
    gpus_per_trial: float = 0.0
    storage_path: str | None = None


@dataclass(frozen=True)
class Cluster:
    """What was found.

    Attributes:
        nodes: resources of each node that is alive.
        host: address of this machine that the workers can reach.
    """

    nodes: tuple[Mapping[str, float], ...]
    host: str

    def slots(self, options: RayOptions, workers: int | None, trials: int) -> list[Slot]:
        """Places of workers, as many as fit into the cluster where no number is given.

        Raises:
            ConfigurationError: no node has room for one trial, or nodes share no folder.
        """
        if len(self.nodes) > 1 and options.storage_path is None:
            raise ConfigurationError(
                f"the cluster has {len(self.nodes)} nodes: name a folder or URI that all of them "
                "share with --storage-path, so that a trial can go on on another node"
            )
        cpus, gpus = options.cpus_per_trial, options.gpus_per_trial
        if cpus is None:
            most = max(int(node.get("CPU", 0)) for node in self.nodes)
            cpus = max(1, most // workers) if workers and len(self.nodes) == 1 else 1
        rooms = [_room(node, cpus, gpus) for node in self.nodes]
        if not any(rooms):
            found = "; ".join(_words(node) for node in self.nodes)
            wanted = f"--cpus-per-trial {cpus}" + (f" --gpus-per-trial {gpus:g}" if gpus else "")
            raise ConfigurationError(
                f"no node has room for one trial ({wanted}), they have: {found}"
            )
        count = min(workers or sum(rooms), max(1, trials))
        share = round(1 / gpus) if 0 < gpus < 1 else 1
        return [Slot(index, cpus, None, share) for index in range(count)]


def _room(node: Mapping[str, float], cpus: int, gpus: float) -> int:
    """How many workers a node has room for; a part of a GPU lies on one GPU."""
    by_cpu = int(node.get("CPU", 0) // cpus)
    if not gpus:
        return by_cpu
    here = node.get("GPU", 0)
    return min(by_cpu, int(here // gpus) if gpus >= 1 else int(here) * int(1 / gpus))


def _words(node: Mapping[str, float]) -> str:
    return f"{node.get('CPU', 0):g} CPU, {node.get('GPU', 0):g} GPU"


@contextmanager
def connected(options: RayOptions) -> Iterator[Cluster]:
    """Within, this process is the driver of a Ray cluster.

    A cluster that is started here listens on the loopback address alone, has no dashboard, and its
    token lies in a file that only its owner can read.

    Raises:
        ConfigurationError: the options are impossible, or no cluster answers.
    """
    _check(options)
    if "ray" in sys.modules and (ray := _import_ray()).is_initialized():
        yield _look(ray)  # started by the user's own program, to whom it belongs
        return
    with _private_token() if options.address is None else nullcontext():
        ray = _import_ray()
        _init(ray, options)
        with quiet_driver():
            try:
                yield _look(ray)
            finally:
                ray.shutdown()


@contextmanager
def _private_token() -> Iterator[None]:
    """Within, a cluster that is started listens to this machine alone, and asks for our token."""
    with tempfile.TemporaryDirectory(prefix="autotrain-ray-") as folder:
        variables = {
            "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # as there: the loopback address
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN_PATH": _write_token(Path(folder)),
        }
        try:
            with _variables(variables):
                read_authentication_again()
                yield
        finally:
            read_authentication_again()


def _check(options: RayOptions) -> None:
    address, cpus, gpus = options.address, options.cpus_per_trial, options.gpus_per_trial
    if cpus is not None and cpus < 1:
        raise ConfigurationError(f"--cpus-per-trial must be at least 1, got {cpus}")
    if gpus < 0 or (gpus > 1 and gpus != int(gpus)):
        raise ConfigurationError(
            f"--gpus-per-trial is a part of one GPU, as 0.5, or a whole number, got {gpus:g}"
        )
    if address is None or address == "auto":
        return
    if address.startswith("ray://"):
        host = address.removeprefix("ray://").partition(":")[0]
        words = [word for word in sys.argv[1:] if word != "--address" and word != address]
        again = shlex.join(["autotrain", *words, "--address", "auto"])
        raise ConfigurationError(
            f"--address {address} would move the search to the head node, away from its storage; "
            f"run it there:\n  ray job submit --address http://{host}:8265 --working-dir . -- {again}"
        )
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdigit() or not 0 < int(port) < 65536:
        raise ConfigurationError(f"--address is auto or HOST:PORT, got {address!r}")
    try:
        socket.create_connection((host, int(port)), _CONNECT_SECONDS).close()
    except OSError as error:
        raise ConfigurationError(
            f"no Ray cluster answers at {address}: {error}; `ray status` on a node tells its address"
        ) from None


def _import_ray() -> Any:
    try:
        import ray
        import ray.tune
    except ImportError as error:
        raise ConfigurationError(
            f"--engine ray needs Ray Tune ({error}): pip install 'ray[tune]'"
        ) from None
    # It complains that workers ended, which the coordinator tells, and misses files of its own.
    logging.getLogger("ray.tune").setLevel(logging.CRITICAL)
    return ray


def _init(ray: Any, options: RayOptions) -> None:
    local = options.address is None
    started = {"include_dashboard": False, "num_cpus": os.cpu_count()} if local else {}
    try:
        ray.init(
            address="local" if local else options.address,
            log_to_driver=False,
            configure_logging=False,
            logging_level="ERROR",
            **started,
        )
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        where = "cannot be started here" if local else f"at {options.address} cannot be used"
        cause = str(error).strip().splitlines()[0]
        raise ConfigurationError(f"a Ray cluster {where}: {cause}") from error


def _look(ray: Any) -> Cluster:
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    return Cluster(tuple(nodes), ray.util.get_node_ip_address())


def _write_token(folder: Path) -> str:
    path = folder / "token"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(32))
    return str(path)


@contextmanager
def _variables(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
