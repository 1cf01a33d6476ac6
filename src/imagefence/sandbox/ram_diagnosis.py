"""RAM: opens the diagnostic message of a denial for the account whose principal was denied."""

from __future__ import annotations

import binascii
from base64 import b64decode

import msgspec

from imagefence.api import ram_diagnosis as ram
from imagefence.sandbox.call import Call, Refused, performs


@performs(ram.DECODE_DIAGNOSTIC_MESSAGE)
def decode_diagnostic_message(
    call: Call, request: ram.DecodeDiagnosticMessage
) -> ram.DecodeDiagnosticMessageAnswer:
    """Shows the resource that failed and the policies that counted."""
    try:
        text = b64decode(request.encoded_diagnostic_message, validate=True)
        message = msgspec.json.decode(text, type=ram.DecodedDiagnosticMessage)
    except (binascii.Error, msgspec.DecodeError, ValueError) as error:
        raise Refused(ram.NO_MESSAGE) from error
    if message.auth_principal.auth_principal_owner_id != call.account.id:
        raise Refused(ram.NO_MESSAGE)
    return ram.DecodeDiagnosticMessageAnswer(decoded_diagnostic_message=message)
