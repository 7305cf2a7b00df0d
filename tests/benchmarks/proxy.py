"""Debian's nginx before the dashboard, as docker compose has it: it compresses, and keeps what never changes."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.processes import free_port

_CONF = """
worker_processes 1; pid {folder}/pid; error_log {folder}/error.log; daemon off;
events {{ worker_connections 512; }}
http {{
  types {{ text/html html; text/css css; application/javascript js; application/json json; font/woff2 woff2; }}
  access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  gzip on; gzip_min_length 1024; gzip_proxied any;
  gzip_types text/css text/plain application/javascript text/javascript application/json image/svg+xml application/wasm;
  map $http_upgrade $up {{ default upgrade; '' ''; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass {address}; proxy_http_version 1.1; proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $up;
    }}
  }}
}}
"""


def nginx() -> str | None:
    """The program, or None."""
    return shutil.which("nginx") or shutil.which("/usr/sbin/nginx")


@contextmanager
def proxied(address: str, folder: Path) -> Iterator[str]:
    """The address at which nginx passes a dashboard on."""
    program = nginx()
    assert program is not None
    port = free_port()
    conf = folder / "nginx.conf"
    conf.write_text(_CONF.format(folder=folder, port=port, address=address))
    process = subprocess.Popen([program, "-p", str(folder), "-c", str(conf), "-e", f"{folder}/error.log"])
    try:
        _wait(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(100):
        assert process.poll() is None, "nginx ended"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("nginx does not answer")
