"""A report as one self-contained page: nothing is fetched, and every text is escaped."""

from __future__ import annotations

import gzip
import html
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autotrain.reports.figures.base import Figure

PLOTLY = Path(__file__).with_name("plotly-strict.min.js.gz")


@dataclass
class Section:
    """One part of a page, as HTML that is safe already."""

    title: str
    parts: list[str] = field(default_factory=list)

    def text(self, words: str) -> None:
        """A paragraph."""
        self.parts.append(f"<p>{html.escape(words)}</p>")

    def facts(self, rows: Iterable[tuple[str, str]]) -> None:
        """Labels and values."""
        cells = "".join(
            f"<dt>{html.escape(label)}</dt><dd>{html.escape(value)}</dd>" for label, value in rows
        )
        self.parts.append(f"<dl>{cells}</dl>")

    def table(self, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """A table; numbers stand right, texts left."""
        head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in heads)
        body = "".join(
            "<tr>" + "".join(f"<td{_side(cell)}>{html.escape(cell)}</td>" for cell in row) + "</tr>"
            for row in rows
        )
        self.parts.append(
            f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
        )

    def figure(self, figure: Figure) -> None:
        """A figure, drawn when it comes into view."""
        data = json.dumps(figure.plot).replace("<", "\\u003c")
        title, what = html.escape(figure.title), html.escape(figure.what)
        self.parts.append(
            f'<figure><h3>{title}</h3><figcaption>{what}</figcaption><div class="wide"><div class="plot"'
            f' role="img" aria-label="{title}. {what}" style="height:{figure.height}px;'
            f'min-width:{figure.least_width}px"></div></div>'
            f'<script type="application/json">{data}</script></figure>'
        )

    def images(self, items: Iterable[tuple[str, str]]) -> None:
        """Pictures with a line of text under each: data URI and text."""
        cells = "".join(
            f'<li><img src="{html.escape(uri)}" alt="{html.escape(text)}"><span>{html.escape(text)}'
            "</span></li>"
            for uri, text in items
        )
        self.parts.append(f'<ul class="images">{cells}</ul>')


def _side(cell: str) -> str:
    """Texts stand left."""
    try:
        float(cell.replace(",", "").rstrip("%"))
    except ValueError:
        return ' class="t"'
    return ""


def render(title: str, sections: Sequence[Section], figures: bool = True) -> str:
    """The page, with what draws its figures where it has any."""
    links = "".join(
        f'<li><a href="#s{i}">{html.escape(s.title)}</a></li>' for i, s in enumerate(sections)
    )
    body = "".join(
        f'<section id="s{i}"><h2>{html.escape(s.title)}</h2>{"".join(s.parts)}</section>'
        for i, s in enumerate(sections)
    )
    return (
        f"{_HEAD}<title>{html.escape(title)}</title><style>{_STYLE}</style></head><body>"
        f"<header><h1>{html.escape(title)}</h1><nav><ul>{links}</ul></nav></header><main>{body}</main>"
        f"{f'<script>{plotly_script()}</script><script>{_SCRIPT}</script>' if figures else ''}"
        "</body></html>\n"
    )


def plotly_script() -> str:
    """Plotly's drawing library, version 4.1.1 (MIT License).

    Its strict bundle, which the Python package lacks: the other one compiles the shaders of parallel
    coordinates with `new Function`, for which a page must allow `unsafe-eval`.
    """
    return gzip.decompress(PLOTLY.read_bytes()).decode("utf-8")


_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data: blob:;
 style-src 'unsafe-inline'; script-src 'unsafe-inline'">
"""
_STYLE = """
:root { color-scheme: light dark; --line: #8885; --link: light-dark(#1c5fa8, #7db4ee) }
* { box-sizing: border-box }
body { font: 16px/1.55 system-ui, sans-serif; margin: 0 auto; max-width: 72rem; padding: 1rem }
h1 { font-size: 1.7rem; margin: .5rem 0 } h2 { margin: 2.5rem 0 .8rem; font-size: 1.35rem }
h3 { margin: 0 0 .2rem; font-size: 1.05rem }
a { color: var(--link) }
nav ul { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; padding: 0; list-style: none }
figure { margin: 1.8rem 0 } figcaption { opacity: .8; font-size: .92rem; max-width: 60rem }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: .5rem 0 }
dt { opacity: .75 } dd { margin: 0; overflow-wrap: anywhere }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .92rem }
th, td { padding: .25rem .7rem; border-bottom: 1px solid var(--line); text-align: right }
th { text-align: left } td.t { text-align: left }
.images { display: flex; flex-wrap: wrap; gap: .8rem; padding: 0; list-style: none }
.images li { width: 7.5rem; font-size: .8rem; overflow-wrap: anywhere }
.images img { display: block; max-width: 100%; image-rendering: pixelated }
@media (max-width: 40rem) { body { padding: .6rem } dl { grid-template-columns: 1fr } dd { margin-bottom: .4rem } }
"""
_SCRIPT = """
const dark = matchMedia('(prefers-color-scheme: dark)');
const drawn = new Set();
function style(layout) {
  const ink = dark.matches ? '#dddddd' : '#222222', line = dark.matches ? '#ffffff22' : '#00000018';
  const out = {...layout, font: {...layout.font, color: ink},
               modebar: {bgcolor: 'rgba(0,0,0,0)', color: ink, activecolor: '#2a78c8'}};
  for (const key of Object.keys(out)) if (/^[xy]axis/.test(key))
    out[key] = {...out[key], gridcolor: line, zerolinecolor: line, linecolor: ink, automargin: true};
  for (const key of ['xaxis', 'yaxis']) out[key] = {gridcolor: line, zerolinecolor: line, ...out[key]};
  return out;
}
function draw(div) {
  const plot = JSON.parse(div.closest('figure').querySelector('script').textContent);
  const ink = {color: dark.matches ? '#dddddd' : '#222222'};
  for (const trace of plot.data) if (trace.type === 'parcoords')
    Object.assign(trace, {labelfont: ink, tickfont: ink, rangefont: ink});
  Plotly.react(div, plot.data, style(plot.layout || {}), {responsive: true, displaylogo: false});
  drawn.add(div);
}
const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) if (entry.isIntersecting) { seen.unobserve(entry.target); draw(entry.target); }
}, {rootMargin: '400px'});
document.querySelectorAll('.plot').forEach((div) => seen.observe(div));
dark.addEventListener('change', () => drawn.forEach(draw));
addEventListener('beforeprint', () => document.querySelectorAll('.plot').forEach(draw));
"""
