"""What is predicted, and how good an answer is: one file for each task, by its name."""

from autotrain.registry import Registry
from autotrain.tasks.base import Cells, Task
from autotrain.tasks.classification import CLASSIFICATION
from autotrain.tasks.forecast import FORECAST
from autotrain.tasks.multilabel import MULTILABEL
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
    tasks = TASKS.available().values()
    return next((task.metrics[metric] for task in tasks if metric in task.metrics), None)


__all__ = ["TASKS", "Cells", "Task", "direction_of", "task_named"]
