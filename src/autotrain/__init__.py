"""autotrain finds the best Keras model for your data.

Example:
    import autotrain

    study = autotrain.search("digits_cnn", trials=12)
    print(study.best_value, study.best_params)

Importing the package loads no framework; each name below is loaded when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autotrain.analysis.study import Study
    from autotrain.api.search import distill, load_study, search
    from autotrain.engines.function_trainable import Reporter
    from autotrain.errors import AutotrainError
    from autotrain.space import Choice, Fixed, Float, Int, Space, load_space
    from autotrain.trial import Trial, TrialStatus

_WHERE = {
    "search": "autotrain.api.search",
    "distill": "autotrain.api.search",
    "load_study": "autotrain.api.search",
    "Reporter": "autotrain.engines.function_trainable",
    "AutotrainError": "autotrain.errors",
    "Study": "autotrain.analysis.study",
    "Choice": "autotrain.space",
    "Fixed": "autotrain.space",
    "Float": "autotrain.space",
    "Int": "autotrain.space",
    "Space": "autotrain.space",
    "load_space": "autotrain.space",
    "Trial": "autotrain.trial",
    "TrialStatus": "autotrain.trial",
}
__all__ = [
    "AutotrainError",
    "Choice",
    "Fixed",
    "Float",
    "Int",
    "Reporter",
    "Space",
    "Study",
    "Trial",
    "TrialStatus",
    "distill",
    "load_space",
    "load_study",
    "search",
]


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'autotrain' has no attribute '{name}'")
    return getattr(importlib.import_module(_WHERE[name]), name)


def __dir__() -> list[str]:
    return __all__
