"""Where workers run: GPUs, parts of GPUs, or shares of the cores."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass

import psutil

from autotrain.errors import ConfigurationError
from autotrain.training.runtime import environment

_MOST_CPU_WORKERS = 8
_WORKER_BYTES = 1.5 * 2**30  # a worker with TensorFlow loaded and a small model


@dataclass(frozen=True)
class Gpu:
    """One GPU: the id that CUDA_VISIBLE_DEVICES takes, and its memory in MiB."""

    id: str
    name: str
    memory_mb: int


@dataclass(frozen=True)
class Slot:
    """One worker's place.

    Attributes:
        threads: CPU threads that it may use.
        gpu: its GPU, or None.
        share: how many workers share that GPU.
    """

    index: int
    threads: int
    gpu: Gpu | None = None
    share: int = 1

    @property
    def memory_mb(self) -> int | None:
        """GPU memory of a worker that shares a GPU."""
        return int(self.gpu.memory_mb * 0.9 / self.share) if self.gpu and self.share > 1 else None

    @property
    def resident_mb(self) -> float | None:
        """GPU memory that data may take, the models need the rest; None on a CPU."""
        return self.gpu.memory_mb / 4 / self.share if self.gpu else None

    def environment(self, backend: str) -> dict[str, str]:
        """What the worker's process must find before it imports a framework."""
        return environment(backend, self.threads, self.gpu.id if self.gpu else None, self.share)


def find_gpus() -> list[Gpu]:
    """The NVIDIA GPUs of this machine that CUDA_VISIBLE_DEVICES lets us see."""
    if shutil.which("nvidia-smi") is None:
        return []
    query = [
        "nvidia-smi",
        "--query-gpu=index,uuid,name,memory.total",
        "--format=csv,noheader,nounits",
    ]
    try:
        answer = subprocess.run(query, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return []
    rows = [[cell.strip() for cell in line.split(",")] for line in answer.stdout.splitlines()]
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    found = {index: Gpu(index, name, int(float(memory))) for index, _, name, memory in rows}
    if visible is None:
        return list(found.values())
    by_uuid = {uuid: found[index] for index, uuid, _, _ in rows}
    wanted = [part.strip() for part in visible.split(",") if part.strip()]
    return [gpu for part in wanted if (gpu := found.get(part) or by_uuid.get(part))]


def plan_slots(
    gpus: str = "all",
    trials_per_gpu: int = 1,
    workers: int | None = None,
    trials: int | None = None,
) -> list[Slot]:
    """The slots of a search.

    Args:
        gpus: `all`, `none`, or ids such as `0,1`.
        trials_per_gpu: workers on each GPU.
        workers: how many at most; by default one per GPU share or, without GPUs, one a core up to
            eight and as memory allows.
        trials: no more workers than trials to run.

    Raises:
        ConfigurationError: a GPU that is not there, or numbers below 1.
    """
    for option, number in (("--workers", workers), ("--trials-per-gpu", trials_per_gpu)):
        if number is not None and number < 1:
            raise ConfigurationError(f"{option} must be at least 1, got {number}")
    chosen = _choose(gpus)
    cores = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    if chosen:
        places = [gpu for _ in range(trials_per_gpu) for gpu in chosen][:workers]
    else:
        fitting = max(1, int(psutil.virtual_memory().available // _WORKER_BYTES))
        places = [None] * (workers or min(cores, _MOST_CPU_WORKERS, fitting))  # type: ignore[list-item]
    places = places[: max(1, trials)] if trials is not None else places
    threads = max(1, cores // len(places))
    shares = trials_per_gpu if chosen else 1
    return [Slot(i, threads, gpu, shares) for i, gpu in enumerate(places)]


def _choose(gpus: str) -> list[Gpu]:
    if gpus == "none":
        return []
    found = find_gpus()
    if gpus == "all":
        return found
    known = {gpu.id: gpu for gpu in found}
    wanted = [part.strip() for part in gpus.split(",")]
    missing = [part for part in wanted if part not in known]
    if missing:
        here = ", ".join(known) or "none"
        raise ConfigurationError(
            f"--gpus names {', '.join(missing)}, but the GPUs here are: {here}"
        )
    return [known[part] for part in wanted]
