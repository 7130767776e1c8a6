"""What is predicted, and how good an answer is: one file for each task, by its name."""

from autotrain.registry import Registry
from autotrain.tasks.base import Task
from autotrain.tasks.classification import CLASSIFICATION
from autotrain.tasks.forecast import FORECAST
from autotrain.tasks.metrics import Threshold
from autotrain.tasks.multilabel import MULTILABEL
from autotrain.tasks.outputs import Cells
from autotrain.tasks.regression import REGRESSION

TASKS: Registry[Task] = Registry(
    "task",
    "autotrain.tasks",
    {task.name: task for task in (CLASSIFICATION, MULTILABEL, REGRESSION, FORECAST)},
)


def task_named(name: str) -> Task:
    """The task of a name, such as `classification`.

    Raises:
        ConfigurationError: there is no such task.
    """
    return TASKS.get(name)


def direction_of(metric: str) -> str | None:
    """The direction in which a metric of any task is better; None for one that none has."""
    found = (task.metric(metric) for task in TASKS.available().values())
    return next((one.direction for one in found if one is not None), None)


def nearest_metric(metric: str) -> str:
    """The hint at the metric, of any task, that is written most like this one."""
    hints = (task.nearest_metric(metric) for task in TASKS.available().values())
    return next(filter(None, hints), "")


__all__ = ["TASKS", "Cells", "Task", "Threshold", "direction_of", "nearest_metric", "task_named"]
