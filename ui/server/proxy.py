"""Reverse proxies: what a trusted one says of the visitor is taken over, anybody else's word is struck out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from starlette.types import ASGIApp, Receive, Scope, Send

from index.errors import ConfigInvalid

Network = IPv4Network | IPv6Network

_LOOPBACK = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))


def networks(addresses: Sequence[str], where: str) -> list[Network]:
    """Addresses and networks as config.toml lists them. Raises ConfigInvalid, which names the setting `where`."""
    try:
        return [ip_network(address, strict=False) for address in addresses]
    except ValueError as error:
        raise ConfigInvalid(f"{where}: {error}; name addresses or networks, as 10.0.0.5 or 10.0.0.0/8") from error


def own_path(scope: Scope) -> str:
    """The path below the root path."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def within(address: str, known: Iterable[Network]) -> bool:
    """Whether an address is in one of the networks; a mapped IPv4 address counts as the IPv4 address."""
    try:
        found = ip_address(address.split("%")[0])
    except ValueError:
        return False
    found = getattr(found, "ipv4_mapped", None) or found
    return any(found in network for network in known)


class Proxy:
    """ASGI middleware. Serves below `root_path` whether or not the proxy leaves that prefix in the path; takes the
    visitor's address and scheme from X-Forwarded-For and -Proto of a trusted peer.

    scope["qa.forwarded"] is true where a peer that is not trusted forwards: the address is then not the visitor's.
    """

    def __init__(self, app: ASGIApp, root_path: str, trusted: Sequence[Network], identity: Iterable[str]) -> None:
        """identity: the sign-in headers that only a trusted proxy may send."""
        self._app = app
        self._root = root_path
        self._trusted = trusted
        self._identity = {name.lower().encode("latin-1") for name in identity if name}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            scope = self._placed(dict(scope))
            peer = scope["client"][0] if scope.get("client") else ""
            if within(peer, self._trusted):
                self._believe(scope)
            else:
                self._strike(scope)
        await self._app(scope, receive, send)

    def _placed(self, scope: Scope) -> Scope:
        """Path and root path as ASGI wants them: the path always starts with the root path."""
        if self._root:
            path = scope["path"]
            if path != self._root and not path.startswith(f"{self._root}/"):
                scope["path"] = self._root + path
                scope["raw_path"] = self._root.encode() + (scope.get("raw_path") or path.encode())
            elif path == self._root:
                scope["path"], scope["raw_path"] = path + "/", (path + "/").encode()
            scope["root_path"] = self._root
        return scope

    def _believe(self, scope: Scope) -> None:
        said: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            said[name] = said[name] + b"," + value if name in said else value
        hops = [hop.strip().strip("[]") for hop in said.get(b"x-forwarded-for", b"").decode("latin-1").split(",")]
        visitor = next((hop for hop in reversed(hops) if hop and not within(hop, self._trusted)), hops[0])
        if visitor:
            scope["client"] = (visitor, 0)
        # Nobody comes through a proxy from its own loopback address, but may say so where whole networks are trusted.
        scope["qa.forwarded"] = within(visitor, _LOOPBACK)
        scheme = said.get(b"x-forwarded-proto", b"").split(b",")[-1].strip().decode("latin-1")
        if scheme in ("http", "https"):
            scope["scheme"] = scheme
        scope["headers"] = [(name, value) for name, value in scope["headers"] if name != b"x-gradio-server"]

    def _strike(self, scope: Scope) -> None:
        forwarding = (b"forwarded", b"x-forwarded-", b"x-real-ip", b"x-gradio-")
        kept = [(n, v) for n, v in scope["headers"] if not n.startswith(forwarding) and n not in self._identity]
        scope["qa.forwarded"] = any(n in (b"forwarded", b"x-forwarded-for", b"x-real-ip") for n, _ in scope["headers"])
        scope["headers"] = kept
