"""JAX: one compiled step that carries every variable of the program as an argument.

One call a step: inside a loop in the program, XLA's CPU convolutions ran ten times slower.
A variable that is not an argument would become a constant, so all of them are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import keras
import numpy as np

from autotrain.training.backends.jax_trace_cache import KeptTraces
from autotrain.training.runtime import compilation_cache
from autotrain.training.tensors import Tensor

KEEPS_PROGRAMS = False


def configure(memory_mb: int | None) -> str:
    """Keep what XLA compiles on disk, for the next process; memory is limited by the environment."""
    jax.config.update("jax_compilation_cache_dir", str(compilation_cache()))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    return str(jax.__version__)


def has_gpu() -> bool:
    """Whether JAX computes on one."""
    return bool(jax.default_backend() == "gpu")


def release() -> None:
    """Give back what JAX keeps of programs that were dropped."""
    jax.clear_caches()


def place(array: np.ndarray) -> Tensor:
    """The array on the device; on a CPU the very same memory."""
    return jax.device_put(array)


def max_pool(x: Tensor) -> Tensor:
    """The maximum of four slices.

    XLA differentiates its own pooling on CPU by a slow scan: it took 0.6 ms of a small network's
    step of 1.6 ms. Where several of the four are largest, each gets a share of the gradient.
    """
    height, width = (size // 2 for size in x.shape[1:3])
    even = x[:, : 2 * height, : 2 * width]
    return keras.ops.max(
        keras.ops.reshape(even, (-1, height, 2, width, 2, x.shape[3])), axis=(2, 4)
    )


def flops(model: keras.Model, row: np.ndarray) -> int:
    """As XLA counts them."""
    weights = [variable.value for variable in model.trainable_variables]
    others = [variable.value for variable in model.non_trainable_variables]

    def call(x: Tensor) -> Tensor:
        return model.stateless_call(weights, others, x)[0]

    return int(jax.jit(call).lower(row).compile().cost_analysis()["flops"])


class Loop:
    """Runs a program's steps on JAX."""

    def __init__(self, program: Any) -> None:
        self.program = program
        self.traces = 0
        self.kept = KeptTraces(program)
        self._whole = jax.default_backend() != "cpu"
        self._variables = program.variables
        self._compiled: dict[Any, Any] = {}
        self._split = [self._positions(weights) for weights in program.phases]

    def train(
        self, phase: int, x: Tensor, y: Tensor, order: Tensor, rates: Tensor, steps: int
    ) -> np.ndarray:
        """Train the first `steps` batches of a chunk; the sums of loss and of correct answers.

        Args:
            x: [rows, ...]; y: some of [rows, ...]; order: [chunk, batch] int32 rows of all;
                rates: [chunk].
        """
        data, rates = jax.device_put(((x, y, order), rates))
        weights, rest = self._read(phase)
        sums, first = np.zeros(2, "float32"), np.int32(0)
        arguments = weights, rest, sums, data, rates, first
        step = self._compile(("train", phase), self._step_of(phase), *arguments, donate=(0, 1))
        for i in range(steps):
            weights, rest, sums = step(weights, rest, sums, data, rates, np.int32(i))
        for variables, values in zip(self._split[phase], (weights, rest), strict=True):
            for variable, value in zip(variables, values, strict=True):
                variable.assign(value)
        return np.asarray(sums)

    def outputs(self, x: Tensor) -> np.ndarray:
        """Outputs [eval_rows, outputs] of as many examples, nothing updated."""
        state = [variable.value for variable in self._variables]
        if self._whole:
            return np.asarray(self._compile("all", self._evaluate_all, state, x)(state, x))
        evaluate = self._compile("batch", self._evaluate, state, x, np.int32(0))
        batches = range(len(x) // self.program.data.eval_batch)
        parts = [evaluate(state, x, np.int32(i)) for i in batches]
        return np.concatenate(jax.device_get(parts))  # waits once, not after each batch

    def draw(self, initializers: list[Any]) -> list[Tensor]:
        """Initial weights in order, drawn by one compiled function; see the TensorFlow loop."""
        state = self.program.initializers.seed.state
        value = state.value

        def draw(seed: Any) -> list[Tensor]:
            with keras.StatelessScope(state_mapping=[(state, seed)]):
                return [initializer() for initializer in initializers]

        # It runs in no time, but optimizing it fully would take seconds, as long as the training step.
        options = {"xla_backend_optimization_level": 1}
        return self._compile("draw", draw, value, options=options)(value)

    def _positions(self, weights: list[keras.Variable]) -> tuple[list[Any], list[Any]]:
        """The weights that a phase trains, and every other variable."""
        known = {id(weight) for weight in weights}
        return list(weights), [v for v in self._variables if id(v) not in known]

    def _read(self, phase: int) -> list[list[Any]]:
        return [[variable.value for variable in part] for part in self._split[phase]]

    def _compile(
        self,
        key: Any,
        function: Any,
        *arguments: Any,
        donate: Any = (),
        options: Mapping[str, Any] | None = None,
    ) -> Tensor:
        """The compiled function, kept here and nowhere else.

        Kept by `jax.jit` itself it would stay in caches of JAX when the program is dropped, at some
        16 MB each; these caches can only be cleared as a whole, which then costs us nothing.
        """
        if key not in self._compiled:
            self.traces += key != "draw"
            lowered = self.kept.lower(key, function, arguments, donate)
            self._compiled[key] = lowered.compile(compiler_options=options)
        return self._compiled[key]

    def _step_of(self, phase: int) -> Any:
        trained, others = self._split[phase]
        pieces = self.program.accumulation
        size = self.program.batch_size // pieces

        def step(
            weights: Tensor, rest: Tensor, sums: Tensor, data: Tensor, rates: Tensor, i: Tensor
        ) -> Tensor:
            x, y, order = data
            totals: Any = None
            for piece in range(pieces):
                rows = order[i][piece * size : (piece + 1) * size]
                rest, found = self._gradients(
                    phase, weights, rest, x[rows], tuple(part[rows] for part in y)
                )
                totals = found if totals is None else jax.tree.map(jax.numpy.add, totals, found)
            gradients, loss, score = totals
            with _scope(trained + others, weights + rest) as scope:
                self.program.update.apply([g / pieces for g in gradients], rates[i], phase)
            sums = sums + jax.numpy.stack([loss / pieces, score])
            return _updated(scope, trained, weights), _updated(scope, others, rest), sums

        return step

    def _gradients(
        self, phase: int, weights: Tensor, rest: Tensor, x: Tensor, y: Tensor
    ) -> tuple[Tensor, Tensor]:
        trained, others = self._split[phase]

        def loss(weights: Tensor, rest: Tensor) -> Tensor:
            with _scope(trained + others, weights + rest) as scope:
                value, score = self.program.total_loss(x, y, phase)
                scaled = self.program.update.scaled(value)
            return scaled, (_updated(scope, others, rest), value, score)

        gradients, (rest, value, score) = jax.grad(loss, has_aux=True)(weights, rest)
        return rest, (gradients, value, score)

    def _evaluate(self, state: Any, x: Tensor, i: Tensor) -> Tensor:
        """Outputs of batch `i`."""
        batch = self.program.data.eval_batch
        rows = jax.lax.dynamic_slice_in_dim(x, i * batch, batch)
        with _scope(self._variables, state):
            return self.program.forward(rows)

    def _evaluate_all(self, state: Any, x: Tensor) -> Tensor:
        """Outputs of all batches in one call, for devices whose loops are not slow."""
        numbers = jax.numpy.arange(len(x) // self.program.data.eval_batch)
        outputs = jax.lax.map(lambda i: self._evaluate(state, x, i), numbers)
        return outputs.reshape(-1, self.program.data.outputs)


def _scope(variables: list[keras.Variable], values: list[Tensor]) -> Any:
    return keras.StatelessScope(state_mapping=zip(variables, values, strict=True))


def _updated(scope: Any, variables: list[keras.Variable], old: list[Tensor]) -> list[Tensor]:
    new = [scope.get_current_value(variable) for variable in variables]
    return [value if value is not None else before for value, before in zip(new, old, strict=True)]
