"""Why a program is not let in, or a key stays as it is."""

from __future__ import annotations

from domain.errors import AuthenticationRefused, Conflict, NotFound


class SignatureInvalid(AuthenticationRefused):
    """No such key, or the request was not signed by it: which of the two is not told."""

    reason = "SIGNATURE_INVALID"

    def __init__(self) -> None:
        super().__init__("This signature is not valid for the request; see docs/api-keys.md for what is signed.")


class SignatureExpired(AuthenticationRefused):
    """It was signed too long ago, or by a clock that is ahead."""

    reason = "SIGNATURE_EXPIRED"

    def __init__(self) -> None:
        super().__init__("The signature's time differs from ours by more than five minutes.")


class SignatureReplayed(AuthenticationRefused):
    """A command, or the opening of a socket, with this signature came before."""

    reason = "SIGNATURE_REPLAYED"

    def __init__(self) -> None:
        super().__init__("This signature was used before; sign each command anew.")


class BodyNotSigned(AuthenticationRefused):
    """A form with files is read as it comes, and a signature is over the whole of a body."""

    reason = "BODY_NOT_SIGNED"

    def __init__(self) -> None:
        super().__init__("An API key signs JSON bodies only; send files with a person's access token.")


class ApiKeyIsRevoked(AuthenticationRefused):
    """The request is signed well, by a key that is worth nothing any more."""

    reason = "API_KEY_REVOKED"

    def __init__(self) -> None:
        super().__init__("This API key was revoked.")


class AddressNotAllowed(AuthenticationRefused):
    """The key may be used from certain networks only, and this is none of them."""

    reason = "ADDRESS_NOT_ALLOWED"

    def __init__(self) -> None:
        super().__init__("This API key may not be used from this network address.")


class SessionNeeded(AuthenticationRefused):
    """It is about a session, and a program has none."""

    reason = "SESSION_NEEDED"

    def __init__(self) -> None:
        super().__init__("Sign in as a person for this; an API key has no session.")


class ApiKeyNotFound(NotFound):
    """No such key for this caller."""

    def __init__(self) -> None:
        super().__init__("API key")


class ApiKeyAlreadyRevoked(Conflict):
    """It is worth nothing already."""

    reason = "ALREADY_REVOKED"

    def __init__(self) -> None:
        super().__init__("This API key was revoked already.")


class NotAMerchant(Conflict):
    """Merchants' keys are for people with the role MERCHANT."""

    reason = "NOT_A_MERCHANT"

    def __init__(self) -> None:
        super().__init__("This person is not a merchant.")


class TooManyApiKeys(Conflict):
    """The person has as many keys as one may."""

    reason = "TOO_MANY_API_KEYS"

    def __init__(self) -> None:
        super().__init__("This person has too many API keys; revoke one first.")
