"""What can be named: built in, from an installed package, or an object as it is.

Every list of names in help, errors, documents and `autotrain doctor` is one of these, so no name
stands twice. A package adds to a registry by an entry point of its group:

    [project.entry-points."autotrain.samplers"]
    annealing = "my_package:AnnealingSampler"
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from typing import Any, Generic, TypeVar

from autotrain.errors import ConfigurationError, MissingExtraError, nearest

T = TypeVar("T")


@dataclass(frozen=True)
class Extra:
    """Packages that a name needs besides autotrain's own, and the extra that installs them."""

    name: str
    packages: tuple[str, ...]

    @property
    def is_missing(self) -> bool:
        """Whether one of the packages is not installed."""
        return not all(map(_is_installed, self.packages))


@dataclass(frozen=True)
class Registry(Generic[T]):
    """Things of one kind by name.

    Attributes:
        what: the word for one of them, as in "the sampler 'tpe'".
        group: of entry points.
        built_in: by name an object, or where it lies, as `module:attribute` or `module`; then it is
            imported when it is first asked for.
        extras: what some of the names need.
    """

    what: str
    group: str
    built_in: Mapping[str, T | str]
    extras: Mapping[str, Extra] = field(default_factory=dict)
    _added: dict[str, T] = field(default_factory=dict, init=False, repr=False, compare=False)

    def names(self) -> tuple[str, ...]:
        """All names, the built-in ones first."""
        return tuple(dict.fromkeys((*self.built_in, *sorted(self._plugins), *self._added)))

    def __contains__(self, name: object) -> bool:
        return name in self.built_in or name in self._plugins or name in self._added

    @contextmanager
    def adding(self, name: str, thing: T) -> Iterator[None]:
        """Within, a thing has a name in this process, as its entry point would give it.

        For tests of what is not installed yet: other processes know nothing of it.
        """
        before = dict(self._added)
        self._added[name] = thing
        try:
            yield
        finally:
            self._added.clear()
            self._added.update(before)

    def get(self, name: str, option: str = "") -> T:
        """What a name stands for.

        Args:
            option: how the user said it, such as `--sampler`; by default the word for the kind.

        Raises:
            ConfigurationError: there is no such name, or its package cannot be loaded.
            MissingExtraError: it needs packages that are not installed.
        """
        self.check(name, option)
        if name in self._added:
            return self._added[name]
        if name in self.built_in:
            known: Any = self.built_in[name]
            return _imported(known) if isinstance(known, str) else known
        return self._load(self._plugins[name])

    def check(self, name: object, option: str = "") -> None:
        """Whether a name can be used here; loads nothing.

        Raises:
            ConfigurationError, MissingExtraError: as `get`.
        """
        if not isinstance(name, str) or name not in self:
            hint = nearest(name, self.names())
            raise ConfigurationError(
                f"{option or self.what} must be one of {', '.join(self.names())}, got {name!r}"
                + (f" ({hint})" if hint else "")
            )
        extra = self.extras.get(name)
        if extra is not None and extra.is_missing:
            raise MissingExtraError(f"{option or 'the ' + self.what} {name}", extra.name)

    def available(self) -> dict[str, T]:
        """By name everything that can be used here, for lists of what there is.

        A thing of another package that cannot be loaded is left out with a warning: one bad package
        must not keep the others from their work.
        """
        broken = self.broken()
        for cause in broken.values():
            warnings.warn(f"left out: {cause}", RuntimeWarning, stacklevel=2)
        found = {}
        for name in self.names():
            if name not in broken:
                with suppress(MissingExtraError):
                    found[name] = self.get(name)
        return found

    def broken(self) -> dict[str, str]:
        """By name why something of another package cannot be loaded."""
        causes = {}
        for name in self._plugins:
            try:
                self.get(name)
            except ConfigurationError as error:
                causes[name] = str(error)
        return causes

    def origin(self, name: str) -> str:
        """The package that a name comes from, with its version; empty for a built-in one."""
        plugin = None if name in self.built_in else self._plugins.get(name)
        dist = plugin.dist if plugin is not None else None
        return f"{dist.name} {dist.version}" if dist is not None else ""

    @cached_property
    def _plugins(self) -> dict[str, EntryPoint]:
        """Entry points by name; a built-in name cannot be taken by another package."""
        found = entry_points(group=self.group)
        return {point.name: point for point in found if point.name not in self.built_in}

    def _load(self, plugin: EntryPoint) -> T:
        try:
            loaded: T = plugin.load()
        except Exception as error:  # whatever somebody else's module raises
            raise ConfigurationError(
                f"the {self.what} '{plugin.name}' of the package {self.origin(plugin.name)} cannot be "
                f"loaded from {plugin.value}: {type(error).__name__}: {error}"
            ) from error
        return loaded


def _is_installed(package: str) -> bool:
    spec = find_spec(package)
    return spec is not None and spec.origin is not None  # not just a folder of this name


def _imported(place: str) -> Any:
    module, _, attribute = place.partition(":")
    found = importlib.import_module(module)
    return getattr(found, attribute) if attribute else found
