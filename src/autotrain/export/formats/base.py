"""What a model can be exported as: the contract of a format."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from autotrain.errors import ConfigurationError, MissingExtraError
from autotrain.registry import Extra
from autotrain.serving.predict import Runtime


class ExportFormat(ABC):
    """One format.

    Attributes:
        name: as `--format` says it.
        runtime: what runs such a model: a module with `FILE`, `READS_STRINGS` and `load(path)` that
            imports nothing of autotrain. It is copied beside the model as `runtime.py`.
        needs: what users of the model install besides NumPy.
        extra: what exporting needs besides autotrain's own packages.
        quantizations: the ways of making it smaller.
    """

    name: str
    runtime: Runtime
    needs: str
    extra: Extra | None = None
    quantizations: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """The name of the model's file, or folder."""
        return self.runtime.FILE

    def check(self, quantize: str | None) -> None:
        """Whether models can be exported so here, before anything is written.

        Raises:
            ConfigurationError: there is no such quantization.
            MissingExtraError: a package is missing.
        """
        if quantize and quantize not in self.quantizations:
            known = ", ".join(self.quantizations) or "none"
            raise ConfigurationError(f"--quantize {quantize}: {self.name} has {known}")
        if self.extra is not None and self.extra.is_missing:
            raise MissingExtraError(f"--format {self.name}", self.extra.name)

    @abstractmethod
    def write(
        self,
        model: object,
        signature: list[Any],
        target: str,
        quantize: str | None,
        examples: np.ndarray | None = None,
    ) -> None:
        """Write a Keras model, in a process with TensorFlow.

        Args:
            model: takes numbers, or where the runtime reads strings raw rows and texts.
            signature: what it takes, as specs of TensorFlow: pixels in their own type, strings by
                column.
            target: the file, or the folder.
            quantize: one of `quantizations`.
            examples: [n, ...] of the training part, as the signature takes them; given where there
                is something to quantize.
        """

    def quantized_share(self, target: str) -> float | None:
        """Which share of the weights in a quantized file is quantized; None where nobody can tell."""
        return None
