"""Who is who: keys, tokens, a trusted proxy's word."""

import base64
import hmac
import json
import time

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from starlette.datastructures import Headers

from index.errors import ConfigInvalid
from ui.signin import ANONYMOUS, Asker, Keys, SignIn, SignInFailed, Tokens
from ui.signin.keys import KeyInvalid

SECRET = "s" * 32
FORGED = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).decode().rstrip("=")


def claims(**changes):
    found = {"sub": "ann", "groups": ["hr"], "exp": int(time.time()) + 600} | changes
    return {name: value for name, value in found.items() if value is not None}


@pytest.fixture
def tokens(tmp_path):
    (tmp_path / "secret").write_text(SECRET + "\n")
    return Tokens.read(tmp_path / "secret", "", 3600)


def public(private):
    return private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def test_a_token_names_the_user_and_the_groups(tokens):
    assert tokens.asker(jwt.encode(claims(), SECRET, "HS256")) == Asker("ann", frozenset({"hr"}))
    assert tokens.asker(jwt.encode(claims(groups=None), SECRET, "HS256")) == Asker("ann")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"exp": 1}, "expired"),
        ({"exp": None}, "not valid"),
        ({"exp": str(int(time.time()) + 600)}, "not valid"),
        ({"exp": "soon"}, "not valid"),
        ({"exp": True}, "expired"),
        ({"exp": float("inf")}, "not valid"),
        ({"exp": float("nan")}, "not valid"),
        ({"exp": [1]}, "not valid"),
        ({"nbf": float("inf")}, "not valid"),
        ({"exp": int(time.time()) + 90_000}, "longer than 3600 seconds"),
        ({"sub": None}, "not valid"),
        ({"sub": " "}, "no user"),
        ({"sub": "x" * 300}, "can't be used"),
        ({"sub": "a\nb"}, "can't be used"),
        ({"sub": " key:wiki"}, "can't be used"),
        ({"groups": "hr"}, "not a list"),
        ({"groups": [1]}, "not a list"),
        ({"nbf": int(time.time()) + 600}, "not valid"),
        ({"groups": [str(n) for n in range(501)]}, "can't be used"),
    ],
)
def test_a_token_that_does_not_hold_is_refused(tokens, changes, said):
    with pytest.raises(SignInFailed, match=said):
        tokens.asker(jwt.encode(claims(**changes), SECRET, "HS256"))


@pytest.mark.parametrize(
    "token",
    [
        jwt.encode(claims(), "another secret that is long enough", "HS256"),
        jwt.encode(claims(), SECRET * 2, "HS512"),
        f"{FORGED}.{jwt.encode(claims(), SECRET, 'HS256').split('.')[1]}.",
        "a.b.c", "…", "", "a" * 8000,
    ],
)  # fmt: skip
def test_a_forged_token_is_refused(tokens, token):
    with pytest.raises(SignInFailed, match="not valid"):
        tokens.asker(token)


@pytest.mark.parametrize(
    ("private", "algorithm"),
    [
        (rsa.generate_private_key(65537, 2048), "RS256"),
        (ec.generate_private_key(ec.SECP256R1()), "ES256"),
        (ed25519.Ed25519PrivateKey.generate(), "EdDSA"),
    ],
)
def test_a_public_key_checks_what_its_owner_signed_and_is_no_secret(tmp_path, private, algorithm):
    pem = public(private)
    (tmp_path / "key.pem").write_bytes(pem)
    tokens = Tokens.read(tmp_path / "key.pem", "", 3600)
    assert tokens.asker(jwt.encode(claims(), private, algorithm)).name == "ann"
    header = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
    body = base64.urlsafe_b64encode(json.dumps(claims()).encode()).decode().rstrip("=")
    mac = hmac.digest(pem.strip(), f"{header}.{body}".encode(), "sha256")
    with pytest.raises(SignInFailed):  # signed with the public key as if that were a secret
        tokens.asker(f"{header}.{body}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}")


def test_a_token_for_someone_else_is_refused(tmp_path):
    (tmp_path / "secret").write_text(SECRET)
    tokens = Tokens.read(tmp_path / "secret", "qa", 3600)
    assert tokens.asker(jwt.encode(claims(aud="qa"), SECRET, "HS256")).name == "ann"
    for audience in ("wiki", None):
        with pytest.raises(SignInFailed):
            tokens.asker(jwt.encode(claims(aud=audience), SECRET, "HS256"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"short", "shorter than 32 bytes"),
        (b"-----BEGIN PUBLIC KEY-----\nx\n-----END PUBLIC KEY-----", "no PEM public key"),
        (b"-----BEGIN PRIVATE KEY-----\nx", "is a private key"),
        (public(rsa.generate_private_key(65537, 1024)), "at least 2048 bits"),
    ],
)
def test_a_key_that_would_not_hold_is_refused_at_the_start(tmp_path, content, said):
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(ConfigInvalid, match=said):
        Tokens.read(tmp_path / "key", "", 3600)


@pytest.fixture
def keys(tmp_path):
    return Keys(tmp_path)


def test_a_key_brings_its_groups_until_it_is_revoked(keys, tmp_path):
    secret = Keys(tmp_path).add("wiki", ["hr"])
    assert keys.asker(secret) == Asker("key:wiki", frozenset({"hr"}))
    Keys(tmp_path).revoke("wiki")  # by another process
    with pytest.raises(SignInFailed, match="revoked"):
        keys.asker(secret)


def test_nobody_but_a_key_is_named_like_one(keys):
    assert signin(keys).asker(headers(("x-user", "key wiki"))).name == "key wiki"
    with pytest.raises(SignInFailed, match="can't be used"):
        signin(keys).asker(headers(("x-user", "key:wiki")))


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "\x1b[31m", "\udcff", "x" * 201])
def test_a_key_has_a_name_that_can_be_shown(keys, name):
    with pytest.raises(KeyInvalid, match="can't name a key; take 1 to 200 characters that can be printed"):
        keys.add(name, [])
    assert keys.all() == []


@pytest.mark.parametrize("days", [99_999_999, 10**12])
def test_a_key_ends_before_the_calendar_does(keys, days):
    with pytest.raises(KeyInvalid, match=f"{days} days end after the year 9999; leave --days out"):
        keys.add("wiki", [], days=days)
    assert keys.all() == []


def test_an_expired_key_is_refused(keys, tmp_path):
    secret = keys.add("wiki", [], days=1)
    stored = (tmp_path / "keys.json").read_text()
    expires = json.loads(stored)[0]["expires"]
    (tmp_path / "keys.json").write_text(stored.replace(expires, "2020-01-01T00:00:00+00:00"))
    with pytest.raises(SignInFailed, match="expired"):
        Keys(tmp_path).asker(secret)


def signin(keys, **settings):
    return SignIn(keys, **({"user_header": "x-user", "groups_header": "x-groups"} | settings))


def headers(*pairs):
    return Headers(raw=[(name.encode(), value.encode()) for name, value in pairs])


def test_a_proxy_names_user_and_groups(keys):
    found = signin(keys).asker(headers(("x-user", "Zoë"), ("x-groups", "hr, staff,")))
    assert found == Asker("Zoë", frozenset({"hr", "staff"}))


def test_headers_sent_twice_are_refused(keys):
    for pairs in ([("x-user", "ann"), ("x-user", "root")], [("x-user", "a"), ("x-groups", "a"), ("x-groups", "hr")]):
        with pytest.raises(SignInFailed, match="twice"):
            signin(keys).asker(headers(*pairs))


def test_groups_without_a_user_count_for_nothing(keys):
    assert signin(keys).asker(headers(("x-groups", "hr"))) == ANONYMOUS
    assert signin(keys).asker(headers(("x-user", ""), ("x-groups", "hr"))) == ANONYMOUS
    for pairs in ([], [("x-groups", "hr")], [("x-user", " ")]):
        with pytest.raises(SignInFailed):
            signin(keys, required=True).asker(headers(*pairs))


@pytest.mark.parametrize(
    "value", ["Bearer", "Bearer ", "bearer qa_wrong", "Bearer qa_wrong", "Bearer x.y.z", "Bearer " + "x" * 9000]
)
def test_a_bad_credential_is_refused_even_where_none_is_needed(keys, value):
    with pytest.raises(SignInFailed):
        signin(keys).asker(headers(("authorization", value)))


@pytest.mark.parametrize("value", ["Basic YTpi", "Negotiate YTpi", "", "qa_wrong"])
def test_what_a_proxy_passes_on_of_its_own_sign_in_is_no_credential(keys, value):
    sent = headers(("authorization", value), ("x-user", "ann"))
    assert signin(keys, required=True).asker(sent).name == "ann"
    assert signin(keys, user_header="").asker(sent) == ANONYMOUS
    with pytest.raises(SignInFailed, match="Bearer KEY"):
        signin(keys, user_header="", required=True).asker(sent)


def test_a_key_counts_before_the_proxys_word(keys):
    secret = keys.add("wiki", ["hr"])
    found = signin(keys).asker(headers(("authorization", f"Bearer {secret}"), ("x-user", "ann")))
    assert found.name == "key:wiki"
