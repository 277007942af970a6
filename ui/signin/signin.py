"""A request's headers → its Asker."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import Headers

from ui.signin.asker import ANONYMOUS, Asker, SignInFailed, asker
from ui.signin.keys import PREFIX, Keys
from ui.signin.tokens import Tokens

MAX_CREDENTIAL = 8192  # characters


@dataclass(frozen=True, slots=True)
class SignIn:
    """The ways in. required: nobody is answered who came by none of them. user_header, groups_header: what a trusted
    proxy says, "" where there is none; whoever else sends them has lost them before (ui.server.proxy)."""

    keys: Keys
    tokens: Tokens | None = None
    required: bool = False
    user_header: str = ""
    groups_header: str = ""

    def asker(self, headers: Headers) -> Asker:
        """A key or token counts before what a proxy says; a bad one is refused even where none is needed. Schemes but
        Bearer are a proxy's own (Basic, Negotiate), passed on by it: nothing is read out of them.

        Raises SignInFailed.
        """
        schemes = [credential.partition(" ") for credential in headers.getlist("authorization")]
        if bearers := [secret.strip() for scheme, _, secret in schemes if scheme.lower() == "bearer"]:
            return self._by_bearer(bearers)
        if self.user_header and self.user_header in headers:
            return self._by_proxy(headers)
        if self.required:
            raise SignInFailed(
                "sign in to ask: by a key or token (Authorization: Bearer KEY), or at your intranet's own address"
            )
        return ANONYMOUS

    def _by_bearer(self, secrets: list[str]) -> Asker:
        secret = secrets[0]
        if len(secrets) > 1 or not 0 < len(secret) <= MAX_CREDENTIAL:
            raise SignInFailed("the Authorization header must be: Bearer KEY")
        if secret.startswith(PREFIX):
            return self.keys.asker(secret)
        if self.tokens is None:
            raise SignInFailed("this key is not known, and no tokens are taken here")
        return self.tokens.asker(secret)

    def _by_proxy(self, headers: Headers) -> Asker:
        users = headers.getlist(self.user_header)
        groups = headers.getlist(self.groups_header) if self.groups_header else []
        if len(users) > 1 or len(groups) > 1:  # one of them may be the visitor's own
            raise SignInFailed("the proxy sends its sign-in headers twice; it must replace what the visitor sent")
        named = [_text(value) for value in (*users, *groups)]
        if not named[0].strip() and not self.required:
            return ANONYMOUS
        return asker(named[0], named[1].split(",") if groups else [])


def _text(header: str) -> str:
    """Headers arrive as Latin-1; what is UTF-8 is read as such."""
    try:
        return header.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return header
