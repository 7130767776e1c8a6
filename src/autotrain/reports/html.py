"""Pages that are one file each: nothing is fetched, and every text is escaped.

What stands in a page lies in `templates`, how it looks and draws in `assets`. A template escapes
whatever it is given; a page allows no other script than its own, each by its digest.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import jinja2
from markupsafe import Markup

ASSETS = Path(__file__).with_name("assets")
PLOTLY = ASSETS / "plotly-strict.min.js.gz"
STYLE = ASSETS / "style.css"


@dataclass(frozen=True)
class Section:
    """One section of a page, rendered."""

    title: str
    body: Markup


def section(title: str, template: str, **content: object) -> Section:
    """A section of what a template makes of its content.

    Args:
        template: a name in `templates`.
        content: all that the template names.
    """
    return Section(title, Markup(templates().get_template(template).render(content)))


def fragment(template: str, **content: object) -> str:
    """What a template makes of its content, for a page of somebody else, such as a notebook."""
    return templates().get_template(template).render(content)


def render(title: str, sections: Sequence[Section], figures: bool = True) -> str:
    """The page.

    Args:
        figures: with what draws them.
    """
    scripts = [Markup(plotly_script()), _asset("figures.js")] if figures else []
    page = templates().get_template("page.html")
    return page.render(title=title, sections=sections, scripts=scripts, style=_asset("style.css"))


@cache
def templates() -> jinja2.Environment:
    """The templates; a name that is not given to one is an error."""
    found = jinja2.Environment(
        loader=jinja2.PackageLoader("autotrain.reports"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    found.filters["digest"] = digest
    return found


def digest(script: str) -> str:
    """What a Content-Security-Policy calls a script by."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def plotly_script() -> str:
    """Plotly's drawing library, version 4.1.1 (MIT License).

    Its strict bundle, which the Python package lacks: the other one compiles the shaders of parallel
    coordinates with `new Function`, for which a page must allow `unsafe-eval`.
    """
    return gzip.decompress(PLOTLY.read_bytes()).decode("utf-8")


def _asset(name: str) -> Markup:
    return Markup((ASSETS / name).read_text("utf-8"))
