"""The data of a study that was begun before, from whatever folder it is looked at now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from autotrain.data import DataInfo, find_prepared, prepare, prepared_before
from autotrain.errors import DataError
from autotrain.paths import Workspace
from autotrain.space import DataSpec
from autotrain.storage.settings import StudySettings


@dataclass(frozen=True)
class RecordedData:
    """Data that something was trained on, and where it may be.

    Attributes:
        whose: what was trained, for messages.
        folder: of the study.
        places: paths of the source that were written down, absolute or from that folder.
        caches: folders of prepared data, the one to write to first.
    """

    whose: str
    spec: DataSpec
    fingerprint: str | None
    seed: int
    task: str
    modality: str | None
    folder: Path
    places: tuple[str, ...]
    caches: tuple[Path, ...]

    @classmethod
    def of(cls, settings: StudySettings, workspace: Workspace) -> RecordedData:
        """That of a study.

        Raises:
            StudyError: the study is a function's, which has no data.
        """
        info, spec = settings.prepared, settings.data_spec
        return cls(
            f"the study '{settings.name}'", spec, info.fingerprint, info.seed, info.task,
            info.modality, workspace.study(settings.name).root, places_of(settings),
            (workspace.data,),
        )  # fmt: skip

    def open(self, source: str | None = None) -> tuple[Path, DataInfo]:
        """The cache that has the prepared data, and what is known of it; prepared again if it is gone.

        Args:
            source: where the data is now, where that is known.

        Raises:
            DataError: it is nowhere, or another than was trained on.
        """
        found = None if source is not None else self._prepared(find_prepared)
        if found is not None:
            return found
        sources = [source] if source is not None else list(self._sources())
        missing, other = None, None
        for place in sources:
            spec = replace(self.spec, source=place)
            try:
                info = prepare(spec, self.caches[0], self.seed, self.task, self.modality)
            except DataError as error:
                missing = missing or error
                continue
            if self.fingerprint in (None, info.fingerprint):
                return self.caches[0], info
            other = other or info
        found = None if source is not None else self._prepared(prepared_before)
        if found is not None:
            return found
        raise self._refusal(source, missing, other)

    def _prepared(
        self, find: Callable[[Path, str], DataInfo | None]
    ) -> tuple[Path, DataInfo] | None:
        for cache in self.caches:
            info = find(cache, self.fingerprint) if self.fingerprint else None
            if info is not None and self._is_this(info):
                return cache, info
        return None

    def _is_this(self, info: DataInfo) -> bool:
        return info.task == self.task and self.modality in (None, info.modality)

    def _sources(self) -> Iterator[str]:
        """As it was written, from here, and where else that may be, each once."""
        text = str(self.spec.source)
        yield text
        found, beside = {Path(text)}, (*self.places, text)
        roots = (self.folder, self.folder.parent.parent)
        for path in (root / place for place in beside for root in roots):
            if path not in found and path.exists():
                found.add(path)
                yield str(path)

    def _refusal(
        self, source: str | None, missing: DataError | None, other: DataInfo | None
    ) -> DataError:
        if other is None:
            way = "" if source is not None else "; --data says where it is now"
            why = str(missing).splitlines()[0]
            return DataError(f"the data of {self.whose} is needed and cannot be read: {why}{way}")
        return DataError(
            f"the data '{other.source}' is not what {self.whose} was made with: its fingerprint is "
            f"{other.fingerprint[:12]}…, recorded is {str(self.fingerprint)[:12]}…; if it is "
            "elsewhere now, --data says where"
        )


def places_of(settings: StudySettings) -> tuple[str, ...]:
    """Where the source of a study was when it began."""
    places: Iterable[str] = (settings.about or {}).get("data_places", ())
    return tuple(map(str, places))
