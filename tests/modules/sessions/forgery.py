"""Tokens that were never issued, made of one that was."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

from tests.conftest import SECRET

DIGESTS = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
A_DAY = 86400
ATTACKERS_KEY = {"kty": "oct", "k": base64.urlsafe_b64encode(b"attacker").decode()}

Forgery = Callable[[str], str]


def forge(
    *,
    secret: str = SECRET,
    header: dict[str, Any] | None = None,
    without: tuple[str, ...] = (),
    payload: Any = None,
    **changes: Any,
) -> Forgery:
    """How to sign the claims of a token anew: some changed, some left out, the header extended."""

    def forged(token: str) -> str:
        kept = {k: v for k, v in _read(token.split(".")[1]).items() if k not in without}
        head = {"alg": "HS256", "typ": "JWT"} | (header or {})
        signed = f"{_write(head)}.{_write(payload or kept | changes)}"
        digest = DIGESTS.get(str(head["alg"]), hashlib.sha256)
        return f"{signed}.{_encode(hmac.digest(secret.encode(), signed.encode(), digest))}"

    return forged


def unsigned(algorithm: str) -> Forgery:
    def forged(token: str) -> str:
        payload = token.split(".")[1]
        return f"{_write({'alg': algorithm, 'typ': 'JWT'})}.{payload}."

    return forged


def edited(token: str) -> str:
    """With the genuine signature, for somebody else."""
    head, payload, signature = token.split(".")
    return f"{head}.{_write(_read(payload) | {'sub': '1', 'sid': 1})}.{signature}"


def prolonged(token: str) -> str:
    """With the genuine signature, for a day more."""
    head, payload, signature = token.split(".")
    said = _read(payload)
    return f"{head}.{_write(said | {'exp': said['exp'] + A_DAY})}.{signature}"


def another_signature(token: str) -> str:
    signed, _, signature = token.rpartition(".")
    return f"{signed}.{signature[::-1]}"


# What anybody can make who has seen a token.
WITHOUT_THE_SECRET: dict[str, Forgery] = {
    "alg none": unsigned("none"),
    "alg None": unsigned("None"),
    "alg NONE": unsigned("NONE"),
    "alg empty": unsigned(""),
    "signature cut off": lambda token: token.rpartition(".")[0] + ".",
    "signature and its dot cut off": lambda token: token.rpartition(".")[0],
    "header alone": lambda token: token.partition(".")[0],
    "signature reversed": another_signature,
    "four parts": lambda token: f"{token}.x",
    "other subject": edited,
    "longer life": prolonged,
    "other secret": forge(secret="another-secret-0123456789-abcdefghijklmn"),
    "empty secret": forge(secret=""),
    "kid of an empty file": forge(secret="", header={"kid": "../../../dev/null"}),
    "kid with SQL": forge(secret="attacker", header={"kid": "x' UNION SELECT 'attacker"}),
    "jku": forge(secret="attacker", header={"jku": "https://evil.example/jwks.json"}),
    "jwk": forge(secret="attacker", header={"jwk": ATTACKERS_KEY}),
    "x5u": forge(secret="attacker", header={"x5u": "https://evil.example/cert.pem"}),
    "payload detached": forge(secret="attacker", header={"b64": False, "crit": ["b64"]}),
    "not a token": lambda _: "not-a-token",
    "no base64": lambda _: "ä.ö.ü",
    "header no JSON": lambda token: _encode(b"{") + token[token.index(".") :],
    "header a list": lambda token: _write(["HS256"]) + token[token.index(".") :],
    "header nested deeply": lambda token: _encode(b"[" * 2000) + token[token.index(".") :],
    "alg a list": forge(secret="attacker", header={"alg": ["HS256"]}),
}

# What would need the secret: a token of another service or version, or of a mistake of ours.
WITH_THE_SECRET: dict[str, Forgery] = {
    "HS384": forge(header={"alg": "HS384"}),
    "HS512": forge(header={"alg": "HS512"}),
    "RS256": forge(header={"alg": "RS256"}),
    "other audience": forge(aud="another"),
    "no audience": forge(without=("aud",)),
    "other issuer": forge(iss="another"),
    "no issuer": forge(without=("iss",)),
    "expired": forge(exp=1_600_000_000),
    "no exp": forge(without=("exp",)),
    "exp null": forge(exp=None),
    "exp a text": forge(exp="4000000000"),
    "exp infinite": forge(exp=float("inf")),
    "issued in the future": forge(iat=4_000_000_000, exp=4_000_000_900),
    "not valid yet": forge(nbf=4_000_000_000),
    "no sid": forge(without=("sid",)),
    "sid a text": forge(sid="1"),
    "sid a boolean": forge(sid=True),
    "sid of nobody": forge(sid=2**31 - 1),
    "sid too large for the database": forge(sid=2**70),
    "no key": forge(without=("key",)),
    "key a number": forge(key=1),
    "key of another session": forge(key="0" * 32),
    "key with NUL": forge(key="\0" * 32),
    "no sub": forge(without=("sub",)),
    "sub a number": forge(sub=1),
    "sub no number": forge(sub="ada"),
    "sub of nobody": forge(sub=str(2**31 - 1)),
    "sub too large for the database": forge(sub=str(2**70)),
    "no type": forge(without=("type",)),
    "other type": forge(type="reset"),
    "claims a list": forge(payload=["sub"]),
}

FORGERIES = WITHOUT_THE_SECRET | WITH_THE_SECRET


def _read(part: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=="))
    return said


def _write(value: Any) -> str:
    return _encode(json.dumps(value).encode())


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
