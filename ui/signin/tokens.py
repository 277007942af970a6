"""Short-lived tokens (JWT) that a host application signs for its user, checked by a shared secret or a public key."""

from __future__ import annotations

from pathlib import Path
from time import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from index.errors import ConfigInvalid
from ui.signin.asker import Asker, SignInFailed, asker

MIN_SECRET = 32  # bytes: as many as SHA-256 has (RFC 7518, 3.2)
LEEWAY = 30  # seconds that two clocks may differ

_CURVES = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}


class Tokens:
    """Checks tokens. The algorithms follow from the key, never from the token: RFC 8725, 3.1."""

    def __init__(self, key: Any, algorithms: list[str], audience: str, max_age: int) -> None:
        self._key, self._algorithms = key, algorithms
        self._audience = audience or None
        self._max_age = max_age

    @classmethod
    def read(cls, path: Path, audience: str, max_age: int) -> Tokens:
        """path: a PEM public key (RSA, ECDSA or Ed25519), or a shared secret of at least 32 bytes. max_age: seconds
        that a token may be valid for. Raises ConfigInvalid."""
        try:
            content = path.read_bytes().strip()
        except OSError as error:
            raise ConfigInvalid(f"cannot read [access] token_key {path} ({error.strerror})") from error
        if b"PRIVATE KEY-----" in content:
            raise ConfigInvalid(f"{path} is a private key, which belongs to who signs; name the public one")
        if not content.startswith(b"-----BEGIN"):
            if len(content) < MIN_SECRET:
                raise ConfigInvalid(f"the secret in {path} is shorter than {MIN_SECRET} bytes: openssl rand -hex 32")
            return cls(content, ["HS256"], audience, max_age)
        try:
            key = load_pem_public_key(content)
        except ValueError as error:
            raise ConfigInvalid(f"{path} holds no PEM public key: {error}") from error
        return cls(key, [_algorithm(key, path)], audience, max_age)

    def asker(self, token: str) -> Asker:
        """Who the token was signed for. Raises SignInFailed for an expired, forged or unlimited one."""
        options: Any = {"require": ["exp", "sub"], "verify_aud": self._audience is not None}
        try:
            claims = jwt.decode(token, self._key, self._algorithms, options, audience=self._audience, leeway=LEEWAY)
        except jwt.ExpiredSignatureError:
            raise SignInFailed("the token has expired") from None
        except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError, RecursionError):
            raise SignInFailed("the token is not valid") from None
        if type(claims["exp"]) not in (int, float):  # PyJWT takes text as well
            raise SignInFailed("the token is not valid")
        if claims["exp"] > time() + self._max_age + LEEWAY:
            raise SignInFailed(f"the token is valid for longer than {self._max_age} seconds")
        groups = claims.get("groups", [])
        if not isinstance(groups, list) or not all(isinstance(group, str) for group in groups):
            raise SignInFailed("the token's groups are not a list of names")
        return asker(claims["sub"], groups)


def _algorithm(key: object, path: Path) -> str:
    if isinstance(key, RSAPublicKey) and key.key_size >= 2048:
        return "RS256"
    if isinstance(key, EllipticCurvePublicKey) and key.curve.name in _CURVES:
        return _CURVES[key.curve.name]
    if isinstance(key, Ed25519PublicKey):
        return "EdDSA"
    raise ConfigInvalid(f"the key in {path} can't be used; take RSA of at least 2048 bits, P-256 or Ed25519")
