"""boto3's client, and what its errors mean."""

import contextlib
import logging
from collections.abc import Iterator
from functools import cache
from typing import Any

import boto3.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from halolight.core.errors import ServiceUnavailable
from halolight.core.metric_families import storage_operation

log = logging.getLogger(__name__)

CONNECT_SECONDS = 10  # to connect, and to send a part
READ_SECONDS = 20  # for the next bytes of a response
ATTEMPTS = 2  # of each request
CONNECTIONS = 50  # kept open by each worker

FAILURES = (BotoCoreError, ClientError, OSError)
_NO_OBJECT = frozenset({"NoSuchKey", "NotFound", "404"})


@cache
def client(endpoint: str, region: str, addressing: str) -> Any:
    """A client for each server: making one takes 0.4 seconds.

    Credentials come from boto3's own chain: the environment, files in ~/.aws, or the role of the
    machine. Checksums beyond the signature are only sent where S3 requires them, because servers
    other than Amazon's refuse them.
    """
    return boto3.session.Session().client(
        "s3",
        endpoint_url=endpoint or None,
        region_name=region or ("us-east-1" if endpoint else None),
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": addressing or "auto"},
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            max_pool_connections=CONNECTIONS,
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


@contextlib.contextmanager
def unless_away(operation: str) -> Iterator[None]:
    """A bucket that cannot be used is no fault of the caller: 503."""
    try:
        with storage_operation(operation), _not_found():
            yield
    except FileNotFoundError:
        raise
    except FAILURES as error:
        log.error("storage unavailable: %s", error)
        raise ServiceUnavailable from error


@contextlib.contextmanager
def _not_found() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if code(error) in _NO_OBJECT:
            raise FileNotFoundError from error
        raise


def code(error: BaseException | None) -> str:
    """The code of an error that S3 returned, or the name of another."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", ""))
    return type(error).__name__


ALLOWED = (
    "s3:ListBucket, s3:ListBucketMultipartUploads, s3:ListMultipartUploadParts, s3:GetObject, "
    "s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload"
)
_CREDENTIALS = "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
_MISSING = "create the bucket {bucket!r}, or correct STORAGE_URL"
_FORBIDDEN = f"allow {ALLOWED} on the bucket {{bucket!r}}, and {_CREDENTIALS}"
_REGION = "set the region of the bucket in STORAGE_URL (?region=...)"
_ADVICE = {
    **dict.fromkeys(("NoSuchBucket", "404"), _MISSING),
    **dict.fromkeys(("AccessDenied", "403"), _FORBIDDEN),
    **dict.fromkeys(("InvalidAccessKeyId", "SignatureDoesNotMatch"), _CREDENTIALS),
    **dict.fromkeys(("PermanentRedirect", "AuthorizationHeaderMalformed", "301", "400"), _REGION),
    **dict.fromkeys(
        ("NoCredentialsError", "PartialCredentialsError"),
        "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give this machine a role",
    ),
    "RequestTimeTooSkewed": "set the clock of this machine",
}


def advice(error: BaseException, bucket: str) -> str:
    """What to do about an error."""
    other = "check the endpoint in STORAGE_URL, and whether that server runs"
    return _ADVICE.get(code(error), other).format(bucket=bucket)
