"""nginx with the configuration in deploy/, on free ports of this machine, and a client for it."""

import http.client
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from halolight.config import PROJECT
from tests.server.running_server import PATIENCE, Answer, eventually, free_port

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
DEPLOY = PROJECT / "deploy"

MAIN = """
daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1; {user}
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


class Proxy:
    """An nginx that runs, and a client whose every request is a connection of its own."""

    def __init__(self, plain: int, tls: int, folder: Path) -> None:
        self.plain = plain
        self.tls = tls
        self._folder = folder

    def request(
        self,
        method: str,
        path: str,
        *,
        host: str = "api.example.com",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        tls: bool = True,
    ) -> Answer:
        connection = self.connect() if tls else _plain(self.plain)
        try:
            sent = {"Host": host, "Connection": "close", **(headers or {})}
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            return Answer(response.status, response.msg, response.read())
        finally:
            connection.close()

    def connect(self) -> http.client.HTTPConnection:
        """A connection with TLS. The certificate is not checked."""
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return http.client.HTTPSConnection("127.0.0.1", self.tls, timeout=PATIENCE, context=context)

    def access_log(self) -> str:
        return (self._folder / "halolight.log").read_text()


def _plain(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)


def version() -> tuple[int, ...]:
    shown = subprocess.run([str(NGINX), "-v"], check=True, capture_output=True, text=True).stderr
    found = re.search(r"nginx/(\d+)\.(\d+)\.(\d+)", shown)
    assert found, shown
    return tuple(int(part) for part in found.groups())


def as_this_nginx_knows_it(text: str) -> str:
    """Without what is newer than this nginx: Debian 12 has 1.22."""
    if version() < (1, 25, 1):
        text = text.replace("    http2 on;\n", "")
    if version() < (1, 27, 3):
        text = text.replace(" resolve;", ";")
    return text


def replaced(text: str, changes: Mapping[str, str]) -> str:
    """The text with each of these changed. A change of what is not there is a mistake."""
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


def write_configuration(folder: Path, site: str) -> Path:
    """The file to start nginx with: `site`, and copies of what it includes."""
    included = folder / "included"
    included.mkdir()
    for file in (DEPLOY / "nginx").glob("*.conf"):
        text = file.read_text().replace("/etc/nginx/halolight/", f"{included}/")
        (included / file.name).write_text(text)
    site = replaced(site, {"/etc/nginx/halolight/": f"{included}/"})
    (folder / "site.conf").write_text(as_this_nginx_knows_it(site))
    main = folder / "nginx.conf"
    owner = folder.owner()
    user = f"user {owner};" if owner == "root" else ""
    main.write_text(MAIN.format(folder=folder, user=user))
    return main


def make_certificate(folder: Path) -> dict[str, str]:
    """A certificate that nobody trusts, and where the configuration names those of its hosts."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=api.example.com"
    subprocess.run(
        [*command.split(), "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )
    hosts = ("api", "admin", "next")
    return {f"/etc/ssl/{host}.example.com.pem": str(certificate) for host in hosts} | {
        f"/etc/ssl/{host}.example.com.key": str(key) for host in hosts
    }


def check_syntax(main: Path) -> str:
    """What `nginx -t` says, where it is satisfied."""
    checked = subprocess.run(
        [str(NGINX), "-t", "-c", str(main)], check=False, capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stderr
    return checked.stderr


@contextmanager
def running_proxy(
    folder: Path, api: int, changes: Mapping[str, str] | None = None
) -> Iterator[Proxy]:
    """nginx with deploy/nginx.conf, changed so, in front of the API at this port."""
    plain, tls = free_port(), free_port()
    (folder / "dist").mkdir()
    (folder / "dist" / "index.html").write_text("<p>The front end</p>")
    local = {
        "127.0.0.1:8000": f"127.0.0.1:{api}",
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "    listen [::]:80;\n": "",
        "listen 443 ssl;": f"listen 127.0.0.1:{tls} ssl;",
        "    listen [::]:443 ssl;\n": "",
        "/srv/halolight-react/dist": f"{folder}/dist",
        "/var/log/nginx/": f"{folder}/",
        **make_certificate(folder),
        **(changes or {}),
    }
    main = write_configuration(folder, replaced((DEPLOY / "nginx.conf").read_text(), local))
    check_syntax(main)
    process = subprocess.Popen([str(NGINX), "-c", str(main)], stderr=subprocess.DEVNULL)
    try:
        assert eventually(lambda: accepts(tls)), (folder / "error.log").read_text()
        yield Proxy(plain, tls, folder)
    finally:
        process.terminate()
        process.wait(PATIENCE)


def accepts(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
