"""Pages: every text is escaped, nothing is fetched, and no script but their own may run."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import jinja2
import pytest
from markupsafe import Markup

from autotrain.reports.figures.base import COLOURS, Figure
from autotrain.reports.html import ASSETS, STYLE, Section, digest, render, section, templates
from autotrain.reports.text_tables import Table

HOSTILE = "</script></style><img src=x onerror=alert(1)>\"'` {{ 7 * 7 }} 🎛"
EVERYTHING = """
{% from "macros.html" import facts, figure, images, table %}
<p>{{ text }}</p>{{ facts([[text, text]]) }}{{ table(rows) }}{{ figure(plot) }}{{ images([[text, text]]) }}
"""


class Scripts(HTMLParser):
    """The scripts of a page that a browser would run, and its policy."""

    def __init__(self, page):
        super().__init__()
        self.found, self.policy, self._inside = [], "", False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        known = dict(attrs)
        if tag == "script":
            self._inside = "type" not in known
        if known.get("http-equiv") == "Content-Security-Policy":
            self.policy = " ".join(known["content"].split())

    def handle_data(self, data):
        if self._inside:
            self.found.append(data)

    def handle_endtag(self, tag):
        self._inside = False


def body(text):
    plot = Figure(text, text, {"data": [{"name": text}], "layout": {}})
    rows = Table([text, "state"], [[text, text]])
    return Markup(templates().from_string(EVERYTHING).render(text=text, plot=plot, rows=rows))


def test_texts_are_escaped_wherever_they_go():
    page = render(HOSTILE, [Section(HOSTILE, body(HOSTILE))])
    assert "<img src=x" not in page
    assert "49" not in re.sub(r"<script>.*?</script>", "", page, flags=re.S)
    assert page.count("onerror=alert(1)&gt;") >= 12


def test_a_figure_s_data_is_read_as_it_was_written():
    class Data(HTMLParser):
        text, inside = "", False

        def handle_starttag(self, tag, attrs):
            self.inside = tag == "script"

        def handle_data(self, data):
            self.text += data if self.inside else ""

    found = Data()
    found.feed(body(HOSTILE))
    assert json.loads(found.text)["data"][0]["name"] == HOSTILE


def test_only_a_page_s_own_scripts_may_run():
    seen = Scripts(render("figures", [Section("one", body("x"))]))
    assert len(seen.found) == 2
    allowed = re.search(r"script-src ([^;]*)", seen.policy)[1].split()
    hashes = (base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in seen.found)
    assert allowed == [f"'sha256-{value}'" for value in hashes]
    assert "default-src 'none'" in seen.policy


def test_a_page_without_figures_may_run_none():
    seen = Scripts(render("texts", [section("", "report/own_data.html")], figures=False))
    assert seen.found == []
    assert "script-src 'none'" in seen.policy


def test_a_digest_is_what_browsers_compute():
    # The example of the Content-Security-Policy specification, level 3, section 8.3.
    assert digest("alert('Hello, world.');") == (
        "sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng="
    )


def test_content_that_a_template_names_must_be_given():
    with pytest.raises(jinja2.UndefinedError, match="'settings' is undefined"):
        section("What was asked", "report/asked.html")


def test_no_template_turns_escaping_off():
    for name in templates().list_templates():
        source, _, _ = templates().loader.get_source(templates(), name)
        assert not re.search(r"\|\s*safe|autoescape", source), name


def test_files_of_a_page_ask_for_nothing_else():
    for file in (STYLE, ASSETS / "figures.js"):
        text = file.read_text("utf-8")
        assert not re.search(r"url\(|@import|https?:|</", text), file


def test_pages_and_figures_colour_states_alike():
    known = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", STYLE.read_text("utf-8")))
    for state, colour in COLOURS.items():
        assert known[state.lower()] == colour
