"""Setting up a process for training: what must happen before a framework is imported."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from autotrain.registry import Extra, Registry

if TYPE_CHECKING:
    from autotrain.training.backends import Backend

BACKENDS: Registry[Backend] = Registry(
    "backend",
    "autotrain.backends",
    {
        "tensorflow": "autotrain.training.backends.tensorflow",
        "jax": "autotrain.training.backends.jax",
    },
    extras={"jax": Extra("jax", ("jax",))},
)


def backend() -> Backend:
    """The one that Keras runs on."""
    import keras

    return BACKENDS.get(keras.backend.backend(), "--backend")


def environment(backend: str, threads: int | None, gpu: str | None, share: int) -> dict[str, str]:
    """Environment variables for a process that trains.

    Frameworks read them when they are imported, so they are given to a child before it starts.

    Args:
        backend: a name of `BACKENDS`.
        threads: CPU threads the process may use; None leaves the frameworks' default.
        gpu: the one GPU the process sees; None hides all of them.
        share: how many processes share that GPU.
    """
    variables = {
        "KERAS_BACKEND": backend,
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": gpu if gpu is not None else "",
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",
        "XLA_PYTHON_CLIENT_MEM_FRACTION": f"{0.9 / share:.3f}",
    }
    if gpu is None:
        variables["JAX_PLATFORMS"] = "cpu"
    if threads is not None:
        number = str(threads)
        eigen = "true" if threads > 1 else "false"
        flags = f"--xla_cpu_multi_thread_eigen={eigen} intra_op_parallelism_threads={number}"
        variables |= {
            "TF_NUM_INTRAOP_THREADS": number,
            "TF_NUM_INTEROP_THREADS": "1",
            "OMP_NUM_THREADS": number,
            "OPENBLAS_NUM_THREADS": number,
            "NPROC": number,  # the size of XLA's own thread pool
            "XLA_FLAGS": f"{os.environ.get('XLA_FLAGS', '')} {flags}".strip(),
        }
    return variables


def choose(precision: str, jit_compile: str) -> tuple[str, bool | None]:
    """What `auto` means on the device at hand: the type to compute in, and whether XLA compiles."""
    gpu = backend().has_gpu()
    chosen = ("bfloat16" if gpu else "float32") if precision == "auto" else precision
    return chosen, gpu if jit_compile == "auto" else jit_compile == "on"


def user_cache() -> Path:
    """Our folder in the user's cache directory."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "autotrain"


def compilation_cache() -> Path:
    """Folder of JAX's persistent compilation cache."""
    return user_cache() / "jax"


def prepare_framework(memory_mb: int | None = None) -> Mapping[str, str]:
    """Import Keras with its backend and set what only the backend's API can set; returns versions.

    Args:
        memory_mb: limit of GPU memory for TensorFlow, when several processes share a GPU.
    """
    with _silent_errors():
        import keras

        version = backend().configure(memory_mb)
    return {"keras": keras.__version__, keras.backend.backend(): version}


@contextmanager
def _silent_errors() -> Iterator[None]:
    """Within, nothing reaches standard error, unless it ends in an exception.

    TensorFlow's libraries greet there, before any setting of theirs is read.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as aside:
        os.dup2(aside.fileno(), 2)
        try:
            yield
        except BaseException:
            aside.seek(0)
            os.write(kept, aside.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)
