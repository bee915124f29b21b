"""The market's account at Daraja from which people are paid, and how it signs."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import load_pem_x509_certificate

from domain.errors import GatewayFault
from integrations.mpesa.access_token import PROVIDER


class CommandId(StrEnum):
    """What the payment is to Daraja."""

    BUSINESS_PAYMENT = "BusinessPayment"
    SALARY_PAYMENT = "SalaryPayment"
    PROMOTION_PAYMENT = "PromotionPayment"
    POCHI = "BusinessPayToPochi"


@dataclass(frozen=True, slots=True, kw_only=True)
class B2cAccount:
    """Who pays: the short code with its operator of the API, called initiator. Secrets are never shown.

    `certificate` is the file of M-Pesa's own, by which the operator's password is sealed for M-Pesa alone.
    """

    short_code: str
    initiator: str
    password: str = field(repr=False)
    certificate: Path
    command: CommandId = CommandId.BUSINESS_PAYMENT

    def security_credential(self) -> str:
        """The operator's password, encrypted by RSA (PKCS #1 v1.5, as Daraja wants it), in base64.

        Raises:
            GatewayFault: there is no such certificate.
        """
        try:
            key = load_pem_x509_certificate(self.certificate.read_bytes()).public_key()
        except (OSError, ValueError) as fault:
            raise GatewayFault(PROVIDER, "NO_CERTIFICATE", "M-Pesa's certificate is not there.") from fault
        if not isinstance(key, RSAPublicKey):
            raise GatewayFault(PROVIDER, "NO_CERTIFICATE", "M-Pesa's certificate is of another kind.")
        return base64.b64encode(key.encrypt(self.password.encode(), PKCS1v15())).decode()
