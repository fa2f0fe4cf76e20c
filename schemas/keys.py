"""The key that replaces person identifiers by pseudonyms (HMAC-SHA-256). It never lies in the project or the repository.

Losing it means that no later release can be compared with an earlier one; so a missing key is an error as soon as there are
releases, and a new one is made on the very first run only.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from schemas.configuration import REGISTRY
from schemas.core.errors import ConfigurationError, Mistake
from schemas.project import Project

KEY_FILE = "ONCOMART_KEY_FILE"
# For published, de-identified data sets only; whoever reads this can compute their pseudonyms.
PUBLIC_EXAMPLE = b"oncomart public example key: hides nothing"
SHORTEST = 32


def key_file(project: Project) -> Path:
    """Where the key of this registry lies: ONCOMART_KEY_FILE, else in the user's configuration folder, perhaps under a former name."""
    named = os.environ.get(KEY_FILE)
    if named:
        return Path(named)
    folder, registry = _configuration() / "oncomart", project.registry
    places = [folder / f"{name}.key" for name in (registry.registry, *registry.formerly)]
    return next((path for path in places if path.exists()), places[0])


def _configuration() -> Path:
    """The user's configuration folder. Raises ConfigurationError where nothing says where that is: neither variable nor user database."""
    if said := os.environ.get("XDG_CONFIG_HOME"):
        return Path(said)
    try:
        return Path.home() / ".config"
    except RuntimeError as error:
        raise _mistake("this user has no home folder for the key file", f"set {KEY_FILE} to a place that stays") from error


def identifier_key(project: Project, *, releases_exist: bool) -> bytes:
    """The key of this registry; made and stored (0600) where there is neither key nor release.

    Raises ConfigurationError where the key is missing although releases exist, lies in the project folder, is open to
    others, or is too short.
    """
    if project.registry.key == "public_example":
        return PUBLIC_EXAMPLE
    path = key_file(project)
    if path.resolve().is_relative_to(project.folder.resolve()):
        raise _mistake(f"the key file {path} lies in the project folder", "keep it apart from project and exports")
    if not path.exists():
        if releases_exist:
            raise _mistake(f"the key file {path} is missing, but there are releases made with it", f"restore it, or set {KEY_FILE}")
        _create(path)
    return _checked(path)


def check_fingerprint(project: Project, used: str | None, ours: str) -> None:
    """Raises ConfigurationError where the releases were made with another key; `used` is None where they do not say."""
    if used is None or used == ours:
        return
    message = "the key is not the one that the releases here were made with: every pseudonym would change"
    if project.registry.key == "public_example":
        raise _mistake(message, "put `key` back, or name another --out")
    raise _mistake(message, f"restore {key_file(project)} (or set {KEY_FILE}), or name another --out")


def _create(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
            handle.write(secrets.token_hex(SHORTEST).encode() + b"\n")
            handle.flush()
            os.fsync(handle.fileno())
    except OSError as error:
        raise _mistake(f"the key file {path} cannot be made ({error.strerror})", f"set {KEY_FILE} to another place") from error


def _checked(path: Path) -> bytes:
    try:
        mode, key = path.stat().st_mode, path.read_bytes().strip()
    except OSError as error:
        raise _mistake(f"the key file {path} cannot be read ({error.strerror})", "") from error
    if mode & 0o077:
        raise _mistake(f"the key file {path} can be read by others", f"chmod 600 {path}")
    if len(key) < SHORTEST:
        raise _mistake(f"the key file {path} holds fewer than {SHORTEST} bytes", "restore the key")
    return key


def _mistake(message: str, hint: str) -> ConfigurationError:
    return ConfigurationError([Mistake(REGISTRY, None, message, hint)])
