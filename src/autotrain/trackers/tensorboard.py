"""Event files for TensorBoard: each trial's curves, and the table of its hyperparameters.

Of TensorBoard's package only the formats are used, which load no framework. Its own writers would
import TensorFlow, and those of tensorboardX import PyTorch where it is installed; both would keep a
thread and an open file for each trial.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.hparams import api_pb2, metadata
from tensorboard.plugins.hparams.plugin_data_pb2 import (
    HParamsPluginData,
    SessionEndInfo,
    SessionStartInfo,
)
from tensorboard.summary.writer.record_writer import RecordWriter

from autotrain.paths import StudyPaths
from autotrain.storage.settings import StudySettings
from autotrain.trial import Trial, TrialStatus

_LENGTH, _AROUND = struct.Struct("<Q"), 12  # before a record; its length and the sum of that


@dataclass(frozen=True)
class _Written:
    """What the files of a trial hold: its beginning, epochs up to `last`, its end."""

    begun: bool = False
    last: int = 0
    ended: bool = False


class EventFiles:
    """A folder of event files for each trial of a study."""

    def __init__(self, settings: StudySettings, paths: StudyPaths) -> None:
        self._paths, self._written = paths, dict[int, _Written]()
        self._names = [f"best/{o.metric}" for o in settings.space.objectives]
        self._parameters = list(settings.space.parameters)
        self._file = ""

    def connect(self) -> None:
        """Begin files of a new name, for the last record of an older one may be torn."""
        self._file = f"events.out.tfevents.{time.time_ns()}"
        self._written.clear()
        experiment = api_pb2.Experiment(
            hparam_infos=[api_pb2.HParamInfo(name=name) for name in self._parameters],
            metric_infos=[
                api_pb2.MetricInfo(name=api_pb2.MetricName(tag=name)) for name in self._names
            ],
        )
        columns = self._paths.tensorboard / "events.out.tfevents.0"  # of the table; always the same
        columns.unlink(missing_ok=True)
        plugin = _plugin(metadata.EXPERIMENT_TAG, HParamsPluginData(experiment=experiment))
        _append(columns, [Event(summary=plugin)])

    def record(self, trial: Trial) -> None:
        """Append what the files have not."""
        folder = self._paths.trial_events(trial.number)
        before = self._written.get(trial.number) or _read(folder)
        events = [] if before.begun else [Event(summary=_start(trial.params))]
        new = [record for record in trial.epochs if record.epoch > before.last]
        events += [Event(step=r.epoch, summary=_scalars(r.metrics)) for r in new]
        ends = trial.is_finished and not before.ended
        if ends:
            best = dict(zip(self._names, trial.values, strict=False))
            summary = _end(trial.status)
            summary.MergeFrom(_scalars(best))  # one record, which is torn as a whole or not
            events.append(Event(step=trial.best_epoch, summary=summary))
        if events:
            _append(folder / self._file, events)
        last = new[-1].epoch if new else before.last
        self._written[trial.number] = _Written(True, last, before.ended or ends)

    def end(self, best: Trial | None, status: TrialStatus) -> None:
        """Nothing: event files hold no models."""


def _scalars(values: Mapping[str, float]) -> Summary:
    return Summary(value=[Summary.Value(tag=k, simple_value=v) for k, v in values.items()])


def _start(params: Mapping[str, object]) -> Summary:
    info = SessionStartInfo(start_time_secs=time.time())
    for name, value in params.items():
        if isinstance(value, bool):
            info.hparams[name].bool_value = value
        elif isinstance(value, (int, float)):
            info.hparams[name].number_value = value
        else:
            info.hparams[name].string_value = str(value)
    return _plugin(metadata.SESSION_START_INFO_TAG, HParamsPluginData(session_start_info=info))


def _end(outcome: TrialStatus) -> Summary:
    failed = outcome is TrialStatus.FAIL
    status = api_pb2.STATUS_FAILURE if failed else api_pb2.STATUS_SUCCESS
    info = SessionEndInfo(status=status, end_time_secs=time.time())
    return _plugin(metadata.SESSION_END_INFO_TAG, HParamsPluginData(session_end_info=info))


def _plugin(tag: str, data: HParamsPluginData) -> Summary:
    about = metadata.create_summary_metadata(data)
    return Summary(value=[Summary.Value(tag=tag, metadata=about, tensor=metadata.NULL_TENSOR)])


def _append(path: Path, events: Sequence[Event]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        writer = RecordWriter(file)
        head = [] if file.tell() else [Event(file_version="brain.Event:2")]
        for event in (*head, *events):
            event.wall_time = time.time()
            writer.write(event.SerializeToString())


def _read(folder: Path) -> _Written:
    """What earlier searches wrote about a trial."""
    begun, last, ended = False, 0, False
    for path in folder.glob("*tfevents*"):
        for event in read_events(path):
            tags = [value.tag for value in event.summary.value]
            begun = begun or metadata.SESSION_START_INFO_TAG in tags
            ended = ended or metadata.SESSION_END_INFO_TAG in tags
            last = max(last, event.step)
    return _Written(begun, last, ended)


def read_events(path: Path) -> Iterator[Event]:
    """All whole records of an event file.

    TensorBoard's own reader would be TensorFlow's. A record is the length of its data in eight bytes,
    a check sum of four, the data, and another check sum.
    """
    data, at = path.read_bytes(), 0
    while at + _AROUND <= len(data):
        (length,) = _LENGTH.unpack_from(data, at)
        body = data[at + _AROUND : at + _AROUND + length]
        at += _AROUND + length + 4
        if at > len(data):
            return  # torn by a crash
        yield Event.FromString(body)
