"""Who is answered, with what headers, and which files can be had."""

from __future__ import annotations

import json

import pytest

import autotrain
from autotrain.dashboard.app import build, create, listen
from autotrain.dashboard.downloads import STYLE_URL
from autotrain.dashboard.security import COOKIE
from autotrain.dashboard.state import Watcher
from autotrain.errors import ConfigurationError
from autotrain.reports.html import STYLE

TOKEN = "a-long-token"
UPDATE = "/_dash-update-component"


@pytest.fixture(scope="module")
def local(runs):
    return build(Watcher(runs)).test_client()


@pytest.fixture
def remote(runs):
    return build(Watcher(runs), TOKEN).test_client()


@pytest.fixture(scope="module")
def study(runs):
    return autotrain.load_study("one", runs)


@pytest.mark.parametrize("host", ["127.0.0.1:8050", "localhost", "localhost:9000", "[::1]:8050"])
def test_names_of_this_machine_are_answered(local, host):
    assert local.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8050", "127.0.0.1.evil.example", "localhost.evil:8050"]
)
def test_a_name_that_was_made_to_lead_here_is_refused(local, host):
    for path in ("/", "/_dash-layout", "/assets/style.css"):
        assert local.get(path, headers={"Host": host}).status_code == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:1"])
def test_requests_of_other_sites_are_refused(local, origin):
    headers = {"Host": "localhost:8050", "Origin": origin}
    assert local.post(UPDATE, json={}, headers=headers).status_code == 403
    assert local.get("/", headers=headers).status_code == 403


def test_a_post_that_a_browser_says_is_of_another_site_is_refused(local):
    headers = {"Host": "localhost", "Sec-Fetch-Site": "cross-site"}
    assert local.post(UPDATE, json={}, headers=headers).status_code == 403


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_nothing_can_be_changed(local, method):
    assert getattr(local, method)("/", headers={"Host": "localhost"}).status_code == 405
    assert local.post("/", headers={"Host": "localhost"}).status_code == 405


def test_every_answer_tells_browsers_to_trust_nothing_else(local, study):
    for path in ("/", "/nothing", f"/files/{study.settings.id}/0/config"):
        headers = local.get(path, headers={"Host": "localhost"}).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe-eval" not in policy
        assert "http" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
    script = local.get("/", headers={"Host": "localhost"}).headers["Content-Security-Policy"]
    assert "'unsafe-inline'" not in script.split("script-src")[1].split(";")[0]


def test_another_host_needs_the_token(remote):
    assert remote.get("/", headers={"Host": "box:8050"}).status_code == 401
    assert remote.get("/?token=wrong").status_code == 401
    assert remote.get("/", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert remote.get("/", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_the_token_leaves_the_address_for_a_cookie(remote):
    answer = remote.get(f"/?token={TOKEN}")
    assert answer.status_code == 303
    assert TOKEN not in answer.headers["Location"]
    cookie = answer.headers["Set-Cookie"]
    assert COOKIE in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert remote.get("/").status_code == 200


def test_trial_files_are_had_by_id(local, study):
    headers = {"Host": "localhost"}
    answer = local.get(f"/files/{study.settings.id}/1/config", headers=headers)
    assert answer.data == study.paths.trial(1).config.read_bytes()
    assert answer.mimetype == "text/plain"
    report = local.get(f"/files/{study.settings.id}/report", headers=headers)
    assert "sandbox" in report.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path", ["x/0/config", "ID/99/config", "ID/0/weights", "ID/0/..%2f..%2fstudy.yaml", "ID/-1/log",
             "ID/../../0/config", "../one/0/config"],
)  # fmt: skip
def test_nothing_else_can_be_had(local, study, path):
    address = f"/files/{path.replace('ID', study.settings.id)}"
    answer = local.get(address, headers={"Host": "localhost"})
    assert answer.status_code == 404 or b"react-entry-point" in answer.data  # the page's own 404


def test_the_strict_bundle_of_plotly_is_served(local):
    answer = local.get(
        "/_dash-component-suites/plotly/package_data/plotly.min.js", headers={"Host": "localhost"}
    )
    assert answer.headers["Content-Encoding"] == "gzip"


def test_the_style_sheet_is_that_of_reports(local):
    page = local.get("/", headers={"Host": "localhost"}).text
    assert f'<link rel="stylesheet" href="{STYLE_URL}">' in page
    answer = local.get(STYLE_URL, headers={"Host": "localhost"})
    assert answer.mimetype == "text/css"
    assert answer.data == STYLE.read_bytes()


def test_a_taken_port_is_left_for_the_next(tmp_path):
    with listen("127.0.0.1", None) as first, listen("127.0.0.1", None) as second:
        assert first.getsockname()[1] != second.getsockname()[1]
        with pytest.raises(ConfigurationError, match="--port"):
            listen("127.0.0.1", first.getsockname()[1])


def test_an_address_that_is_not_ours_is_one_message(tmp_path):
    with pytest.raises(ConfigurationError, match="cannot listen on 203"):
        listen("203.0.113.7", None)


def test_a_server_for_others_has_a_new_token_each_time(tmp_path):
    addresses = []
    for _ in range(2):
        server, address = create(tmp_path, None, "0.0.0.0", 0)
        server.close()
        addresses.append(address.split("token=")[1])
    assert len(set(addresses)) == 2
    assert min(map(len, addresses)) >= 32


def test_bad_updates_do_no_harm(local):
    for body in ({}, {"output": "page.children"}, [1], json.loads("null")):
        headers = {"Host": "localhost", "Origin": "http://localhost"}
        assert local.post(UPDATE, json=body, headers=headers).status_code >= 400
    assert local.get("/", headers={"Host": "localhost"}).status_code == 200
