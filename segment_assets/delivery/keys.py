"""The write key: its form, and the proof that the endpoint knows it."""

import unicodedata
from dataclasses import dataclass
from typing import Final

import httpx

from segment_assets.delivery.answers import Answer, find_flaw
from segment_assets.delivery.client import tls_context
from segment_assets.delivery.masking import mask_logs
from segment_assets.delivery.regions import host_of, is_loopback, settings_url
from segment_assets.errors import CredentialError
from segment_assets.handoff import Connection

#: Segment's own destination tests its key by the same request and takes any of these as a no.
_NO: Final = frozenset({400, 401, 403, 404})
_TIMEOUT_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class ProofResult:
    """What the settings endpoint said. `warning` is a sentence where it could not be asked."""

    is_proven: bool
    warning: str | None = None


def check_write_key(text: str | None, env_name: str) -> str:
    """Return the key if it has the form of one; `env_name` names where it came from.

    Refuses, rather than trims, white space: it is not sent, and its source should be mended.
    Raises `CredentialError` (`invalid_write_key`) without any of the key in its sentence.
    """
    if not text:
        raise CredentialError(f"{env_name} is empty: set it to the source's write key")
    for place, char in enumerate(text, start=1):
        if not ("!" <= char <= "~"):
            where = "at the end" if place == len(text) else f"at character {place}"
            kind = "white space" if char.isspace() else "a character that no key has"
            name = unicodedata.name(char, f"U+{ord(char):04X}")
            raise CredentialError(
                f"{env_name} has {kind} {where} ({name}): set it to the write key alone"
            )
    return text


def prove_key(connection: Connection) -> ProofResult:
    """Ask the settings endpoint whether it knows the key.

    A definite no (400, 401, 403, 404) raises `CredentialError`. An endpoint that can't be reached
    or answers anything else proves nothing and only warns. The address holds the key: it is in no
    message, and no error of httpx is passed on.
    """
    check_write_key(connection.write_key, "the write key")
    mask_logs(connection.write_key)
    url = settings_url(connection)
    host = host_of(url)
    try:
        with httpx.Client(
            trust_env=not is_loopback(url),
            verify=tls_context(url),
            follow_redirects=False,
            timeout=_TIMEOUT_SECONDS,
        ) as http:
            response = http.get(url)
            answer = Answer(response.status_code, dict(response.headers), response.content)
    except httpx.RequestError as error:
        return _unproven(f"{host} gave no answer ({type(error).__name__})")
    if answer.status in _NO:
        raise CredentialError(
            f"{host} answered {answer.status}: it doesn't know the write key. "
            "Set the environment variable to the write key of the source"
        )
    if not response.is_success:
        return _unproven(f"{host} answered {answer.status}")
    flaw = find_flaw(answer)
    return (
        ProofResult(is_proven=True) if flaw is None else _unproven(f"{host} answered, but {flaw}")
    )


def _unproven(what: str) -> ProofResult:
    return ProofResult(is_proven=False, warning=f"the write key could not be proven: {what}")
