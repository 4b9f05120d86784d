"""The environment variables of a development run: what is set already, then .env, then defaults that work."""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

from dev.bootstrap import LOCAL, ROOT, VENV, Trouble

SECRETS = LOCAL / "secrets.env"


def given() -> dict[str, str]:
    """The shell wins over .env; an empty value counts as unset, as in a copied .env.example."""
    values = read_env_file(ROOT / ".env") | os.environ
    return {name: value for name, value in values.items() if value}


def read_env_file(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        return {}
    values = {}
    for number, line in enumerate(lines, start=1):
        text = line.strip().removeprefix("export ")
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.partition("=")
        if not equals:
            raise Trouble(f"{path.name}, line {number}: expected NAME=value.")
        values[name.strip()] = unquoted(value.strip())
    return values


def unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value


def local_secrets() -> dict[str, str]:
    """Made once for this checkout and kept: a new encryption key would make what is stored unreadable."""
    if not SECRETS.exists():
        with os.fdopen(os.open(SECRETS, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
            file.write("".join(f"{name}={value}\n" for name, value in fresh_secrets().items()))
    return read_env_file(SECRETS)


def fresh_secrets() -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "FIELD_ENCRYPTION_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    }


def development(settings: dict[str, str], *, port: int, smtp_port: int) -> dict[str, str]:
    """`settings` are those that somebody gave; they win over every default."""
    defaults = {
        "DEBUG": "1",
        "BASE_URL": f"http://127.0.0.1:{port}",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "EMAIL_URL": f"smtp://127.0.0.1:{smtp_port}",
        "DEFAULT_FROM_EMAIL": "Micro-internships <jobs@example.edu>",
        "UPLOADS_DIR": str(LOCAL / "uploads"),
        "MAILBOX_DIR": str(LOCAL / "mail"),
    }
    return for_children(defaults | local_secrets() | settings)


def production_like(env: dict[str, str]) -> dict[str, str]:
    """What `check --deploy` is to judge: the settings of a real installation, on the services of `env`."""
    return (
        env
        | fresh_secrets()
        | {
            "DEBUG": "0",
            "BASE_URL": "https://jobs.example.edu",
            "ALLOWED_HOSTS": "jobs.example.edu",
            "EMAIL_URL": "submission://jobs:secret@mail.example.edu:587",
            "BEHIND_PROXY": "1",
        }
    )


def for_children(values: dict[str, str]) -> dict[str, str]:
    """Bytecode is kept in .local/: without any, each start takes three times as long."""
    ours = {
        "DJANGO_SETTINGS_MODULE": "microintern.settings",
        "PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(LOCAL / "pycache"),
        "PYTHONUNBUFFERED": "1",
        "VIRTUAL_ENV": str(VENV),
    }
    return dict(os.environ) | values | ours
