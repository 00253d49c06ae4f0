"""Calls to machines outside: which addresses are never called, and that every call ends."""

from __future__ import annotations

import http.server
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pytest_django import Settings

from guicang.config.checks import networks_can_be_read
from guicang.config.environment import networks
from guicang.integrations import outgoing

QUICK = outgoing.Limits(connect=1.0, read=1.0, total=1.5)
Serve = Callable[..., int]


def names(monkeypatch: pytest.MonkeyPatch, **hosts: list[str]) -> None:
    """What names resolve to, host names written with _ for a dot; nothing else resolves."""

    def look_up(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        found = hosts.get(host.replace(".", "_"), [host] if host[0].isdigit() or ":" in host else None)
        if found is None:
            raise socket.gaierror(-2, "not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


def _say(listener: socket.socket, raw: bytes, pause: float, visitors: list[socket.socket]) -> None:
    with suppress(OSError):
        while True:
            visitor, _ = listener.accept()
            visitors.append(visitor)
            with suppress(OSError):
                visitor.recv(65536)
                for part in [raw[at : at + 1] for at in range(len(raw))] if pause else [raw]:
                    visitor.sendall(part)
                    time.sleep(pause)
                visitor.shutdown(socket.SHUT_WR)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """serve(raw, pause=0): a port at which every visitor is told these bytes, `pause` seconds after each."""
    opened: list[socket.socket] = []

    def start(raw: bytes, pause: float = 0.0) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        opened.append(listener)
        threading.Thread(target=_say, args=(listener, raw, pause, opened), daemon=True).start()
        return int(listener.getsockname()[1])

    yield start
    for each in opened:
        each.close()


@pytest.fixture
def own_network(settings: Settings) -> None:
    settings.OUTGOING_ALLOW = networks("127.0.0.0/8")


def post(url: str, limits: outgoing.Limits = QUICK) -> outgoing.Answer:
    return outgoing.call(url, body=b"{}", headers={"Content-Type": "application/json"}, limits=limits)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *("224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "203.0.113.9"),
        *("192.0.0.8", "192.88.99.1", "::1", "::", "fe80::1", "fc00::1", "fd12::1", "fec0::1", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::808:808"),
        *("64:ff9b:1::1", "2001:db8::1", "2001::1", "2002:7f00:1::", "3fff::1", "100::1", "fe80::1%lo"),
    ],
)
def test_addresses_that_are_no_host_of_the_internet(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not outgoing.is_public(ipaddress.ip_address(address))
    names(monkeypatch, hook_example=[address], mixed_example=["8.8.8.8", address])
    monkeypatch.setattr(outgoing, "_connection", lambda *_: pytest.fail("it was called"))
    assert post("https://hook.example/").error == "blocked"
    assert post("https://mixed.example/").error == "blocked"


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001:81b::200e"])
def test_hosts_of_the_internet(address: str) -> None:
    assert outgoing.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        *("", "hook.example", "ftp://hook.example/", "file:///etc/passwd", "https://", "https:///x", "//hook.example/"),
        *("https://user@hook.example/", "https://user:pw@hook.example/", "https://hook.example/#x"),
        *(
            "https://hook.example:99999/",
            "https://hook.example:x/",
            "https://hook.example/ x",
            "https://hook.example/\n",
        ),
        *("https://hook.example\\@127.0.0.1/", "https://hook.example/中", "https://[::1", f"https://h/{'x' * 600}"),
    ],
)
def test_what_is_no_address(url: str) -> None:
    assert post(url) == outgoing.Answer(error="url", ms=post(url).ms)


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost", "127.0.0.1."])
def test_other_spellings_of_this_machine(host: str) -> None:
    assert post(f"https://{host}/").error in ("blocked", "dns")


def test_plain_http_goes_to_own_networks_alone(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    names(monkeypatch, hook_example=["8.8.8.8"])
    assert post("http://hook.example/").error == "blocked"
    settings.OUTGOING_ALLOW = networks("127.0.0.0/8,fd00::/8")
    assert post("http://hook.example/").error == "blocked"
    assert post("https://10.0.0.1/").error == "blocked"
    assert post("http://nobody.example/").error == "dns"


@pytest.mark.usefixtures("own_network")
def test_the_name_is_resolved_once(monkeypatch: pytest.MonkeyPatch, serve: Serve) -> None:
    """A server that answers another address the second time gets nowhere: there is no second time."""
    port, asked = serve(b"HTTP/1.1 204 No Content\r\n\r\n"), []

    def look_up(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        address = host if host[0].isdigit() else ["127.0.0.1", "10.9.9.9"][asked.count(host) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert post(f"http://rebinding.example:{port}/").status == 204
    assert asked == ["rebinding.example", "127.0.0.1"]


@pytest.mark.usefixtures("own_network")
def test_an_answer(serve: Serve) -> None:
    port = serve(b"HTTP/1.1 503 Busy\r\nRetry-After: 120\r\nContent-Length: 4\r\n\r\nlater")
    answer = post(f"http://127.0.0.1:{port}/x?y=1")
    assert (answer.status, answer.error, answer.text, answer.retry_after_seconds) == (503, "", "late", 120)


@pytest.mark.usefixtures("own_network")
def test_a_redirect_is_an_answer_and_nobody_follows_it(serve: Serve) -> None:
    elsewhere = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    port = serve(f"HTTP/1.1 307 Go\r\nLocation: http://127.0.0.1:{elsewhere}/\r\nContent-Length: 0\r\n\r\n".encode())
    assert post(f"http://127.0.0.1:{port}/").status == 307


@pytest.mark.usefixtures("own_network")
def test_of_a_long_answer_only_the_beginning_is_read(serve: Serve) -> None:
    port = serve(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5_000_000)
    answer = post(f"http://127.0.0.1:{port}/")
    assert (answer.status, len(answer.text)) == (200, QUICK.answer_bytes)


@pytest.mark.usefixtures("own_network")
@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (b"", "connect protocol"),
        (b"SSH-2.0-OpenSSH_9\r\n", "protocol"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 70_000 + b"\r\n\r\n", "protocol"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 300 + b"\r\n", "protocol"),
    ],
)
def test_answers_that_are_none(raw: bytes, error: str, serve: Serve) -> None:
    answer = post(f"http://127.0.0.1:{serve(raw)}/")
    assert (answer.status, answer.error in error.split()) == (0, True), answer


@pytest.mark.usefixtures("own_network")
def test_nobody_there(serve: Serve) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert post(f"http://127.0.0.1:{port}/").error == "connect"
    plain = serve(b"HTTP/1.1 200 OK\r\n\r\n")
    assert post(f"https://127.0.0.1:{plain}/").error in ("tls", "connect")


@pytest.mark.usefixtures("own_network")
def test_a_silent_and_a_dripping_server_are_left_in_time(serve: Serve) -> None:
    drip = b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 80
    for scheme, raw, pause in (("http", drip, 0.3), ("https", b"\x16\x03\x03\x40\x00" + b"x" * 99, 0.3)):
        began = time.monotonic()
        answer = post(f"{scheme}://127.0.0.1:{serve(raw, pause)}/")
        assert (answer.status, answer.error) == (0, "timeout"), scheme
        assert time.monotonic() - began < 3
    silent = socket.create_server(("127.0.0.1", 0))
    assert post(f"http://127.0.0.1:{silent.getsockname()[1]}/").error == "timeout"
    silent.close()


def test_retry_after_as_seconds_and_as_a_date() -> None:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    late = format_datetime(now + timedelta(minutes=2), usegmt=True)
    given = ("7", late, "Wed, 21 Oct 2015 07:28:00 GMT", "", "soon", "-5", "٣")
    assert [outgoing._seconds(text, now) for text in given] == [7, 120, 0, None, None, None, None]


def authority(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate of an authority of its own, and the server's with its key."""
    now, keys = datetime.now(UTC), [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    root = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test root")])

    def made(subject: x509.Name, key: Any, *extensions: Any) -> bytes:
        builder = x509.CertificateBuilder(root, subject, key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(hours=1))
        for extension in extensions:
            builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        return builder.sign(keys[0], hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    trusted, served = folder / "root.pem", folder / "server.pem"
    signing = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
    trusted.write_bytes(
        made(
            root,
            keys[0],
            x509.BasicConstraints(ca=True, path_length=0),
            signing,
            x509.SubjectKeyIdentifier.from_public_key(keys[0].public_key()),
        )
    )
    private = keys[1].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    alternative = x509.SubjectAlternativeName([x509.DNSName(name)])
    by = x509.AuthorityKeyIdentifier.from_issuer_public_key(keys[0].public_key())
    served.write_bytes(made(subject, keys[1], alternative, by) + private)
    return trusted, served


@pytest.mark.usefixtures("own_network")
def test_tls_is_of_the_name_and_the_call_goes_to_the_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trusted, served = authority(tmp_path, "hook.example")
    heard: list[tuple[str, str]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append((self.headers["Host"], self.path))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    offered: list[str] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(served)
    context.sni_callback = lambda _, name, __: offered.append(name)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    names(monkeypatch, hook_example=["127.0.0.1"], other_example=["127.0.0.1"])
    assert post(f"https://hook.example:{port}/x").error == "tls"  # nobody trusts that authority yet
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    assert post(f"https://hook.example:{port}/x").status == 200
    assert post(f"https://other.example:{port}/x").error == "tls"
    server.shutdown()
    server.server_close()
    assert heard == [(f"hook.example:{port}", "/x")]
    assert offered == ["hook.example", "hook.example", "other.example"]


def test_networks_of_ones_own_are_read_or_refused(settings: Settings) -> None:
    assert networks("") == ()
    assert networks("10.1.0.0/16, fd00::/8") == (
        ipaddress.ip_network("10.1.0.0/16"),
        ipaddress.ip_network("fd00::/8"),
    )
    settings.OUTGOING_ALLOW = networks("10.1.2.3/16")
    assert [found.id for found in networks_can_be_read(None)] == ["guicang.E006"]
    assert post("https://127.0.0.1/").error == "blocked"
