"""Traces that outlive their process, beside JAX's cache of what was compiled.

That cache spares a process the compiling of what another one compiled before, but not the tracing
and lowering, which take three times as long as all the rest. So what they made of a function, a
StableHLO module, is kept as well (`jax.export`), and another process reads it.

The name of a file is a digest of all that a trace depends on: our code of the training core, the
versions and settings of Keras and JAX, the kind of device, the structure, the description of the
data and the types of the arguments. Programs with code of the user's own are traced by every
process, for that code may depend on anything.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import pickle
from pathlib import Path
from typing import Any

import jax
import keras
from jax import export

from autotrain.catalog.families import FAMILIES
from autotrain.files import replaced
from autotrain.training.runtime import user_cache

_CHECKSUM = 32  # bytes of SHA-256 before the rest


class KeptTraces:
    """Lowers a program's functions, from what was kept of them where that is possible.

    Attributes:
        read: how many functions needed no trace.
    """

    def __init__(self, program: Any) -> None:
        self.read = 0
        self._program = _digest(program) if _is_kept(program) else None

    def lower(self, key: Any, function: Any, arguments: Any, donate: Any) -> Any:
        """A function of the program, ready to be compiled for arguments like these.

        Args:
            key: tells apart the functions of a program.
            donate: numbers of the arguments whose memory the results may take.
        """
        if self._program is not None:
            kept = self._exported(key, function, arguments)
            function = kept.call if kept is not None else function
        return jax.jit(function, donate_argnums=donate).lower(*arguments)

    def _exported(self, key: Any, function: Any, arguments: Any) -> Any:
        leaves, tree = jax.tree.flatten(arguments)
        types = [(leaf.shape, str(leaf.dtype)) for leaf in leaves]
        name = hashlib.sha256(repr((self._program, key, types, str(tree))).encode()).hexdigest()
        path = _folder() / name
        found = _read(path)
        if found is not None:
            self.read += 1
            return found
        # An operation that JAX does not promise to know in other versions, or no flatbuffers: an
        # error of the function itself comes again when it is traced in the ordinary way.
        with contextlib.suppress(ValueError, NotImplementedError, ImportError):
            found = export.export(jax.jit(function))(*arguments)
            _write(path, found.serialize())
        return found


def _folder() -> Path:
    return user_cache() / "traces"


def _read(path: Path) -> Any:
    try:
        stored = path.read_bytes()
    except OSError:
        return None
    checksum, data = stored[:_CHECKSUM], stored[_CHECKSUM:]
    if hashlib.sha256(data).digest() != checksum:
        return None  # damaged, and made again
    return export.deserialize(bytearray(data))


def _write(path: Path, data: bytes) -> None:
    with contextlib.suppress(OSError):  # a home without room or rights costs time only
        path.parent.mkdir(parents=True, exist_ok=True)
        with replaced(path) as aside:
            aside.write_bytes(hashlib.sha256(data).digest() + data)


def _is_kept(program: Any) -> bool:
    is_ours = program.structure["model"] in FAMILIES.built_in
    return bool(jax.config.jax_enable_compilation_cache) and is_ours


def _digest(program: Any) -> str:
    """Of what all functions of a program depend on."""
    # Equal structures share a program whatever their values, so no value is in its traces.
    structure = sorted(program.structure.items()), program.precision, program.jit_compile
    about = pickle.dumps((program.data, program.specs))
    return hashlib.sha256(repr((_surroundings(), structure)).encode() + about).hexdigest()


@functools.cache
def _surroundings() -> str:
    """What is the same for all programs of a process."""
    package = Path(__file__).resolve().parents[2]
    code = hashlib.sha256()
    for folder in ("catalog", "compat", "tasks", "training"):  # what a program is made by
        for file in sorted((package / folder).rglob("*.py")):
            code.update(str(file.relative_to(package)).encode() + file.read_bytes())
    config = keras.config
    settings = config.floatx(), config.epsilon(), config.image_data_format()
    device = jax.devices()[0]
    return repr((
        code.hexdigest(), keras.__version__, jax.__version__, settings,
        sorted(jax.config.values.items()), device.platform, device.device_kind, jax.device_count(),
    ))  # fmt: skip
