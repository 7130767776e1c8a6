"""Figures of the best model on the validation part: where it is right, where it errs, how sure it is."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from autotrain.analysis.measurements import Predictions
from autotrain.reports.figures.base import Figure, plot_of

if TYPE_CHECKING:
    import plotly.graph_objects as go

_MOST_CLASSES = 40
_BINS = 10
_MISTAKES = 24


def figures_of(predictions: Predictions) -> list[Figure]:
    """What there is to draw for a task; nothing for one without figures."""
    drawn = (draw(predictions) for draw in _FIGURES.get(predictions.task.name, ()))
    return [figure for figure in drawn if figure is not None]


def confusion_counts(predictions: Predictions) -> np.ndarray:
    """[classes, classes] how often what is in a row is taken for what is in a column."""
    from sklearn.metrics import confusion_matrix

    labels = range(len(predictions.names))
    counts: np.ndarray = confusion_matrix(predictions.targets, predictions.shown, labels=labels)
    return counts


def confusion(predictions: Predictions) -> Figure | None:
    """What is taken for what."""
    import plotly.graph_objects as go

    if len(predictions.names) > _MOST_CLASSES:
        return None
    table = confusion_counts(predictions)
    small = len(predictions.names) <= 20
    figure = go.Figure(
        go.Heatmap(z=table, x=list(predictions.names), y=list(predictions.names), colorscale="Blues",
                   texttemplate="%{z}" if small else None, showscale=not small)
    )  # fmt: skip
    figure.update_yaxes(autorange="reversed", title_text="true class", type="category")
    figure.update_xaxes(title_text="predicted class", type="category")
    what = "Rows are true classes, columns what the model said; all off the diagonal are mistakes."
    return Figure(
        "Confusion matrix", what, plot_of(figure), 200 + 32 * min(20, len(predictions.names))
    )


def _one_against_rest(predictions: Predictions) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Name, truth [n] and probability [n] of the classes to draw: of two only the second."""
    chances = predictions.task.probabilities(predictions.outputs.astype("float64"))
    classes = range(len(predictions.names))
    chosen = classes[1:] if len(classes) == 2 else classes
    rows = [(str(predictions.names[i]), predictions.targets == i, chances[:, i]) for i in chosen]
    return [row for row in rows[:_MOST_CLASSES] if 0 < row[1].sum() < len(row[1])]


def _by_class(predictions: Predictions, points: Callable[..., tuple[Any, Any, float]]) -> go.Figure:
    """A line for each class against the rest: its x, its y and its area."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for name, truth, chance in _one_against_rest(predictions):
        x, y, area = points(truth, chance)
        figure.add_scatter(x=x, y=y, mode="lines", name=f"{name}: {area:.3f}")
    return figure


def roc(predictions: Predictions) -> Figure | None:
    """True against false positives, for each class against the rest."""
    from sklearn.metrics import roc_auc_score, roc_curve

    figure = _by_class(predictions, lambda t, c: (*roc_curve(t, c)[:2], roc_auc_score(t, c)))
    if not figure.data:
        return None
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line={"dash": "dot", "color": "#888888"},
                       showlegend=False)  # fmt: skip
    plot = plot_of(figure, xaxis_title="false positive rate", yaxis_title="true positive rate")
    what = "The nearer a curve comes to the upper left, the better; the number is its area."
    return Figure("ROC, each class against the rest", what, plot, 480)


def precision_recall(predictions: Predictions) -> Figure | None:
    """Precision over recall, for each class against the rest."""
    from sklearn.metrics import average_precision_score, precision_recall_curve

    def points(truth: np.ndarray, chance: np.ndarray) -> tuple[Any, Any, float]:
        precision, recall, _ = precision_recall_curve(truth, chance)
        return recall, precision, average_precision_score(truth, chance)

    figure = _by_class(predictions, points)
    if not figure.data:
        return None
    plot = plot_of(figure, xaxis_title="recall", yaxis_title="precision")
    what = "The nearer a curve stays to the upper right, the better; the number is its average precision."
    return Figure("Precision and recall, each class against the rest", what, plot, 480)


def _reliability(predictions: Predictions) -> tuple[list[float], list[float], list[int]]:
    """For each bin of confidence what was said, what share was right, and how many there were."""
    chances = predictions.task.probabilities(predictions.outputs.astype("float64"))
    sure, right = chances.max(axis=1), predictions.shown == predictions.targets
    place = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    full = [i for i in range(_BINS) if (place == i).any()]
    said = [float(sure[place == i].mean()) for i in full]
    was = [float(right[place == i].mean()) for i in full]
    return said, was, [int((place == i).sum()) for i in full]


def calibration_error(predictions: Predictions) -> float:
    """The expected calibration error, in 10 bins (Guo et al. 2017)."""
    said, was, count = _reliability(predictions)
    gaps = (n * abs(a - b) for n, a, b in zip(count, said, was, strict=True))
    return sum(gaps) / sum(count)


def calibration(predictions: Predictions) -> Figure:
    """How often the model is right when it says how sure it is."""
    import plotly.graph_objects as go

    said, was, count = _reliability(predictions)
    error = calibration_error(predictions)
    figure = go.Figure()
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line={"dash": "dot", "color": "#888888"},
                       name="as it should be")  # fmt: skip
    figure.add_scatter(x=said, y=was, mode="lines+markers", name="the model", customdata=count,
                       hovertemplate="%{customdata} examples: sure %{x:.2f}, right %{y:.2f}")  # fmt: skip
    plot = plot_of(
        figure, xaxis_title="mean probability that it gave", yaxis_title="share that was right"
    )
    what = (
        "Below the dotted line the model is surer than it should be. The expected calibration error "
        f"is {error:.3f} (10 bins, Guo et al. 2017)."
    )
    return Figure("Calibration", what, plot)


def predicted(predictions: Predictions) -> Figure:
    """Predictions over the truth."""
    import plotly.graph_objects as go

    figure = go.Figure()
    targets = predictions.targets.reshape(len(predictions.targets), -1)
    for i, name in enumerate(predictions.names):
        figure.add_scattergl(x=targets[:5000, i], y=predictions.outputs[:5000, i], mode="markers",
                             name=str(name), opacity=0.5)  # fmt: skip
    low, high = float(targets.min()), float(targets.max())
    figure.add_scatter(x=[low, high], y=[low, high], mode="lines", showlegend=False,
                       line={"dash": "dot", "color": "#888888"})  # fmt: skip
    plot = plot_of(figure, xaxis_title="true value", yaxis_title="predicted value")
    return Figure("Predicted and true", "On the dotted line the prediction is right.", plot, 480)


# By the name of the task; what a figure cannot show, it leaves out itself.
_FIGURES: dict[str, tuple[Callable[[Predictions], Figure | None], ...]] = {
    "classification": (confusion, roc, precision_recall, calibration),
    "regression": (predicted,),
}


def class_rows(predictions: Predictions) -> tuple[list[str], list[list[str]]]:
    """Heads and rows of the table by class, label or number."""
    table = predictions.task.by_class(predictions.outputs, predictions.targets)
    first = "class" if predictions.task.has_classes else "number"
    rows = [
        [str(name), *(_of_class(key, values[i], i, table) for key, values in table.items())]
        for i, name in enumerate(predictions.names)
    ]
    return [first, *table], rows


def _of_class(key: str, value: float, i: int, table: Mapping[str, Sequence[float]]) -> str:
    """A number in words; there is no recall of what does not occur."""
    absent = key == "recall" and not table.get("support", [1] * (i + 1))[i]
    return "undefined" if absent else f"{value:.4g}"


@dataclass(frozen=True)
class Misclassification:
    """An example that the model got wrong, and how sure it was."""

    row: int
    said: str
    was: str
    sure: float


def misclassifications(predictions: Predictions) -> list[Misclassification]:
    """The wrong answers that the model was surest of."""
    if not predictions.task.exclusive:
        return []
    chances = predictions.task.probabilities(predictions.outputs.astype("float64"))
    sure, shown = chances.max(axis=1), predictions.shown
    wrong = np.flatnonzero(shown != predictions.targets)
    worst = wrong[np.argsort(-sure[wrong])][:_MISTAKES]
    return [
        Misclassification(
            int(i),
            str(predictions.names[shown[i]]),
            str(predictions.names[predictions.targets[i]]),
            float(sure[i]),
        )
        for i in worst
    ]


def image_uri(pixels: np.ndarray, side: int = 96) -> str:
    """An image [h, w, c] as a PNG within a page, small ones enlarged."""
    from PIL import Image

    values = np.clip(pixels, 0, 255).astype("uint8")
    image = Image.fromarray(values[..., 0] if values.shape[-1] == 1 else values[..., :3])
    scale = max(1, side // max(image.size))
    image = image.resize((image.width * scale, image.height * scale), Image.Resampling.NEAREST)
    image.thumbnail((side * 2, side * 2))
    out = io.BytesIO()
    image.save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


def class_balance(names: Sequence[str], splits: dict[str, Any]) -> Figure | None:
    """How many examples of each class each part has."""
    import plotly.graph_objects as go

    if not splits or len(names) > 200:
        return None
    figure = go.Figure()
    for split, labels in splits.items():
        counts = np.bincount(np.asarray(labels), minlength=len(names))
        figure.add_bar(x=list(names), y=counts / counts.sum(), name=split)
    plot = plot_of(figure, yaxis_title="share of the part", xaxis_type="category")
    what = "Parts that were split well have bars of the same height; low ones are rare classes."
    return Figure("Balance of classes", what, plot, 340)
