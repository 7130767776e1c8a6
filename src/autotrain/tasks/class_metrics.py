"""Metrics of classes and of labels: all of them follow from counts, or from the order of scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeAlias

import numpy as np

from autotrain.tasks.curves import curve, precision_recall_area, roc_area
from autotrain.tasks.metrics import Form, Metric, formed, share

_BETA = r"f(\d+(?:\.\d+)?)"
_PART = r"(0?\.\d+|1(?:\.0+)?)"  # of a whole, above 0
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Counts:
    """How often each class or label is true, is said, and both.

    Attributes:
        hits, true, said: [outputs], or [outputs, thresholds].
        total: examples.
    """

    hits: np.ndarray
    true: np.ndarray
    said: np.ndarray
    total: int


class Answers(Protocol):
    """What a model says to many examples, with the truth."""

    @property
    def counts(self) -> Counts:
        """Of what is said."""

    @property
    def true(self) -> np.ndarray:
        """[outputs] examples that have each; known without outputs."""

    @property
    def total(self) -> int:
        """Examples."""

    def one(self, position: int) -> tuple[np.ndarray, np.ndarray]:
        """Of one output: which examples have it [n] bool, and its probability [n]."""


Ratio: TypeAlias = Callable[[Counts], np.ndarray]


def _precision(c: Counts) -> np.ndarray:
    return share(c.hits, c.said)


def _recall(c: Counts) -> np.ndarray:
    return share(c.hits, c.true)


def _specificity(c: Counts) -> np.ndarray:
    return share(c.total - c.true - c.said + c.hits, c.total - c.true)


def _f(beta: float) -> Ratio:
    weight = beta * beta
    return lambda c: share((1 + weight) * c.hits, weight * c.true + c.said)


_RATIOS: dict[str, Ratio] = {
    "precision": _precision,
    "recall": _recall,
    "specificity": _specificity,
}


def _ratio(name: str) -> Ratio:
    return _RATIOS.get(name) or _f(float(name[1:]))


# Over all classes.


def of_counts(at: Ratio, undefined: Callable[[Answers], str] | None = None) -> Metric:
    """A metric that depends on which class is said; larger is better."""
    return Metric(
        "maximize",
        lambda answers: float(at(answers.counts)),
        undefined=undefined or _without_examples,
        at_thresholds=at,
    )


def accuracy(c: Counts) -> np.ndarray:
    """The share of examples of which the class is right."""
    found: np.ndarray = c.hits.sum(axis=0) / c.total
    return found


def balanced_accuracy(c: Counts) -> np.ndarray:
    """The mean recall of the classes that occur."""
    return _mean(_recall(c), c.true > 0)


def mcc(c: Counts) -> np.ndarray:
    """Matthews' correlation, of any number of classes (Gorodkin 2004); 0 where one class is said."""
    right, true, said = c.hits.sum(axis=0), c.true.astype("float64"), c.said.astype("float64")
    cover = right * float(c.total) - (true * said).sum(axis=0)
    spread = (c.total**2 - (said**2).sum(axis=0)) * (c.total**2 - (true**2).sum(axis=0))
    return np.divide(cover, np.sqrt(spread), out=np.zeros(np.shape(cover)), where=spread > 0)


def averaged(how: str, ratio: Ratio, occurring: bool) -> Ratio:
    """The mean over outputs: `macro` of all alike, `weighted` by examples, `micro` of all counts.

    Args:
        occurring: leave out those neither true nor said, as scikit-learn does for classes.
    """
    if how == "micro":
        return lambda c: ratio(
            Counts(c.hits.sum(0), c.true.sum(0), c.said.sum(0), c.total * len(c.true))
        )
    if how == "weighted":
        return lambda c: _mean(ratio(c), c.true)
    return lambda c: _mean(ratio(c), (c.true + c.said > 0) if occurring else np.ones_like(c.true))


def _mean(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    weights = np.broadcast_to(weights, values.shape)
    return share((values * weights).sum(axis=0), weights.sum(axis=0))


def area(of: str) -> Metric:
    """The mean of the area under a curve over the outputs that have one; of two classes the second's.

    Args:
        of: `auc` or `pr_auc`.
    """
    measure = _AREAS[of]

    def whole(answers: Answers) -> float:
        return float(np.mean([measure(*answers.one(i)) for i in _both(answers)]))

    def undefined(answers: Answers) -> str:
        return "" if _both(answers) else "some class needs examples and others beside them"

    return Metric("maximize", whole, undefined=undefined)


def _both(answers: Answers) -> list[int]:
    """Outputs that some examples have and some have not."""
    outputs = len(answers.true)
    known = (
        range(1, outputs)
        if outputs == 2 and answers.true.sum() == answers.total
        else range(outputs)
    )
    return [i for i in known if 0 < answers.true[i] < answers.total]


def two_classes(answers: Answers) -> str:
    """Why a metric that compares classes is undefined."""
    return "" if (answers.true > 0).sum() > 1 else "only one class has examples"


def _without_examples(answers: Answers) -> str:
    return "" if answers.true.any() else "no example has a label"


# Of one class or label.


def _of_one(
    at: Ratio, position: int | None, name: str, bare: str = "", rest: bool = False
) -> Metric:
    """A ratio of one output; without a position the second of two classes.

    Args:
        rest: it needs examples of the others, instead of its own.
    """
    i = -1 if position is None else position

    def undefined(answers: Answers) -> str:
        if position is None and len(answers.true) != 2:
            return f"it is of one class, and there are {len(answers.true)}: name it"
        missing = answers.true[i] == (answers.total if rest else 0)
        which = f"the class {name!r}" if name else "the second class"
        return f"{'every' if rest else 'no'} example is of {which}" if missing else ""

    return Metric(
        "maximize", lambda answers: float(at(answers.counts)[i]), undefined=undefined,
        at_thresholds=lambda c: at(c)[i], bare=bare,
    )  # fmt: skip


def _ratio_of_one(said: Sequence[str], position: int | None, name: str) -> Metric:
    ratio = said[0]
    other = {"precision": "precision_at_recall_0.9", "recall": "recall_at_precision_0.9",
             "specificity": "balanced_accuracy"}.get(ratio, "")  # fmt: skip
    bare = f"{ratio} alone is had at will by saying one class always: name {other}" if other else ""
    return _of_one(_ratio(ratio), position, name, bare, rest=ratio == "specificity")


def _at(said: Sequence[str], position: int | None, name: str) -> Metric:
    """The most of one ratio among thresholds at which another is large enough."""
    most, held, least = _RATIOS[said[0]], _RATIOS[said[1]], float(said[2])
    i = -1 if position is None else position

    def at(c: Counts) -> np.ndarray:
        return np.where(held(c) >= least - _ROUNDING, most(c), -1.0)

    def whole(answers: Answers) -> float:
        return max(0.0, float(at(counts_at(*answers.one(i))[0])[1].max()))

    plain = _of_one(at, position, name)
    return Metric("maximize", whole, undefined=plain.undefined, at_thresholds=plain.at_thresholds)


def _area_of_one(said: Sequence[str], position: int | None, name: str) -> Metric:
    i = -1 if position is None else position
    own, others = (_of_one(_recall, position, name, rest=rest) for rest in (False, True))
    return Metric(
        "maximize", lambda answers: _AREAS[said[0]](*answers.one(i)),
        undefined=lambda answers: own.undefined(answers) or others.undefined(answers),
    )  # fmt: skip


_AREAS = {"auc": roc_area, "pr_auc": precision_recall_area}


def counts_at(truth: np.ndarray, scores: np.ndarray) -> tuple[Counts, np.ndarray]:
    """Counts [2, thresholds] of the rest and of one class, for every way to cut its scores.

    Args:
        truth: [n] bool, with at least one of the class; scores: [n] probabilities.

    Returns:
        The counts, and the thresholds [m]: from this probability on the class is said. They lie in
        the middle between two scores, so that rounding in another runtime changes no answer.
    """
    found = curve(truth, scores)
    hits, false = np.append(0, found.hits), np.append(0, found.false)
    total, true = len(truth), int(found.hits[-1])
    ends = np.concatenate([[1.0], found.scores, [0.0]])
    counts = Counts(
        hits=np.stack([total - true - false, hits]),
        true=np.array([[total - true], [true]]),
        said=np.stack([total - hits - false, hits + false]),
        total=total,
    )
    return counts, (ends[:-1] + ends[1:]) / 2


OF_ONE = (
    Form("precision, recall, specificity, f1, f2, f0.5 ... as val_recall:NAME",
         rf"(precision|recall|specificity|{_BETA})", _ratio_of_one, True,
         ("recall", "precision", "specificity", "f1", "f2")),
    Form("recall_at_precision_0.9:NAME", rf"(recall)_at_(precision)_{_PART}", _at, True,
         ("recall_at_precision_0.9",)),
    Form("precision_at_recall_0.9:NAME", rf"(precision)_at_(recall)_{_PART}", _at, True,
         ("precision_at_recall_0.9",)),
    Form("auc:NAME, pr_auc:NAME", r"(auc|pr_auc)", _area_of_one, True, ("auc", "pr_auc")),
)  # fmt: skip


def averages(hows: str, occurring: bool) -> Form:
    """Means over outputs, as `weighted_f2`.

    Args:
        hows: those there are, separated by `|`.
    """

    def make(said: Sequence[str], position: int | None, name: str) -> Metric:
        return of_counts(averaged(said[0], _ratio(said[1]), occurring))

    shown = f"the same over all as {hows.replace('|', '_f2, ')}_f2"
    pattern = rf"({hows})_(precision|recall|specificity|{_BETA})"
    examples = tuple(f"{how}_{ratio}" for how in hows.split("|") for ratio in ("recall", "f2"))
    return Form(shown, pattern, make, False, examples)


macro_f1 = partial(averaged, "macro", _f(1))
weighted_f1 = partial(averaged, "weighted", _f(1))


def meant(name: str, outputs: Sequence[str]) -> str:
    """The class that a metric is of though it names none, the second of two; empty for others."""
    areas = name in _AREAS and len(outputs) == 2
    found = formed(OF_ONE, name, "class", outputs) if ":" not in name else None
    return outputs[-1] if areas or (found and len(outputs) == 2) else ""
