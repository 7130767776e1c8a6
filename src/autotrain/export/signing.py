"""Knowing our own exports again: a signature with a key that stays with its user.

A manifest tells that no file was altered after it was written, not who wrote it. The key lies in the
user's own configuration folder, and signs what is exported here; anything else is foreign.
"""

from __future__ import annotations

import hmac
import os
import secrets
from hashlib import sha256
from pathlib import Path

from autotrain.files import replaced


def _key_file() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "autotrain" / "export-key"


def _key(create: bool) -> bytes | None:
    path = _key_file()
    try:
        if create and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with replaced(path, overwrite=False) as aside:  # another process may have been faster
                aside.touch(0o600)
                aside.write_text(secrets.token_hex(32))
        return bytes.fromhex(path.read_text())
    except (OSError, ValueError):
        return None


def sign(manifest: bytes) -> str:
    """The signature of a manifest; empty where no key can be kept."""
    key = _key(create=True)
    return hmac.new(key, manifest, sha256).hexdigest() if key else ""


def is_ours(manifest: bytes, signature: str) -> bool:
    """Whether a manifest was signed here."""
    key = _key(create=False)
    if not key:
        return False
    return hmac.compare_digest(hmac.new(key, manifest, sha256).hexdigest(), signature)
