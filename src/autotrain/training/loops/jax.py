"""JAX: one compiled step that carries every variable of the program as an argument.

One call a step: inside a loop in the program, XLA's CPU convolutions ran ten times slower.
A variable that is not an argument would become a constant, so all of them are.
"""

from __future__ import annotations

from typing import Any

import jax
import keras
import numpy as np


class Loop:
    """Runs a program's steps on JAX."""

    def __init__(self, program: Any) -> None:
        self.program = program
        self.traces = 0
        weights = program.model.trainable_variables
        known = {id(weight) for weight in weights}
        self._weights = list(weights)
        self._rest = [v for v in program.variables if id(v) not in known]
        self._compiled: dict[str, Any] = {}

    def train(self, x: np.ndarray, y: np.ndarray, rates: np.ndarray, steps: int) -> np.ndarray:
        """Train the first `steps` batches of a chunk; the sums of loss and of correct answers.

        Args:
            x: [chunk, batch, ...]; y: [chunk, batch] int32; rates: [chunk] learning rates.
        """
        x, y, rates = jax.device_put((x, y, rates))
        weights, rest = _read(self._weights), _read(self._rest)
        sums, first = np.zeros(2, "float32"), np.int32(0)
        step = self._compile(self._step, weights, rest, sums, x, y, rates, first, donate=(0, 1))
        for i in range(steps):
            weights, rest, sums = step(weights, rest, sums, x, y, rates, np.int32(i))
        for variable, value in zip(self._weights + self._rest, weights + rest, strict=True):
            variable.assign(value)
        return np.asarray(sums)

    def logits(self, x: np.ndarray) -> np.ndarray:
        """Logits [eval_batch, classes] of a batch, nothing updated."""
        arguments = _read(self._weights), _read(self._rest), x
        return np.asarray(self._compile(self._evaluate, *arguments)(*arguments))

    def draw(self, initializers: list[Any]) -> list[Any]:
        """Initial weights in order, drawn by one compiled function; see the TensorFlow loop."""
        state = self.program.init_seed.state.value
        return self._compile(self._draw_all(initializers), state)(state)

    def _compile(self, function: Any, *arguments: Any, donate: tuple[int, ...] = ()) -> Any:
        """The compiled function, kept here and nowhere else.

        Kept by `jax.jit` itself it would stay in caches of JAX when the program is dropped, at some
        16 MB each; these caches can only be cleared as a whole, which then costs us nothing.
        """
        key = function.__name__
        if key not in self._compiled:
            jitted = jax.jit(function, donate_argnums=donate)
            self._compiled[key] = jitted.lower(*arguments).compile()
        return self._compiled[key]

    def _draw_all(self, initializers: list[Any]) -> Any:
        state = self.program.init_seed.state

        def draw(seed: Any) -> list[Any]:
            with keras.StatelessScope(state_mapping=[(state, seed)]):
                return [initializer() for initializer in initializers]

        return draw

    def _step(
        self, weights: Any, rest: Any, sums: Any, x: Any, y: Any, rates: Any, i: Any
    ) -> tuple[Any, Any, Any]:
        self.traces += 1

        pieces = self.program.accumulation
        size = x.shape[1] // pieces
        totals: Any = None
        for piece in range(pieces):
            part = slice(piece * size, (piece + 1) * size)
            rest, found = self._gradients(weights, rest, x[i][part], y[i][part])
            totals = found if totals is None else jax.tree.map(jax.numpy.add, totals, found)
        gradients, loss, score = totals
        with self._scope(weights, rest) as scope:
            self.program.apply([gradient / pieces for gradient in gradients], rates[i])
        sums = sums + jax.numpy.stack([loss / pieces, score])
        return _updated(scope, self._weights, weights), _updated(scope, self._rest, rest), sums

    def _gradients(self, weights: Any, rest: Any, x: Any, y: Any) -> tuple[Any, Any]:
        def loss(weights: Any, rest: Any) -> Any:
            with self._scope(weights, rest) as scope:
                value, score = self.program.loss(x, y)
                scaled = self.program.scaled(value)
            return scaled, (_updated(scope, self._rest, rest), value, score)

        gradient = jax.grad(loss, has_aux=True)
        gradients, (rest, value, score) = gradient(weights, rest)
        return rest, (gradients, value, score)

    def _evaluate(self, weights: Any, rest: Any, x: Any) -> Any:
        self.traces += 1
        with self._scope(weights, rest):
            return self.program.forward(x)

    def _scope(self, weights: Any, rest: Any) -> Any:
        variables = self._weights + self._rest
        return keras.StatelessScope(state_mapping=zip(variables, weights + rest, strict=True))


def release() -> None:
    """Give back what JAX keeps of programs that were dropped."""
    jax.clear_caches()


def _read(variables: list[Any]) -> list[Any]:
    return [variable.value for variable in variables]


def _updated(scope: Any, variables: list[Any], old: list[Any]) -> list[Any]:
    new = [scope.get_current_value(variable) for variable in variables]
    return [value if value is not None else before for value, before in zip(new, old, strict=True)]
