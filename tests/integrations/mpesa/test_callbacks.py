"""Callbacks as they really come are read exactly; everything else is no callback."""

from __future__ import annotations

import json
from typing import Any

import pytest

from domain.money import Asset, Money
from domain.payments.callback_inbox import UnreadableCallback
from domain.payments.mobile_money import StkResult
from integrations.mpesa.callbacks import read_callback

CHECKOUT = "ws_CO_20112026153000123456789"
PAID = """{"Body":{"stkCallback":{"MerchantRequestID":"29115-34620561-1","CheckoutRequestID":"%s",
 "ResultCode":0,"ResultDesc":"The service request is processed successfully.",
 "CallbackMetadata":{"Item":[{"Name":"Amount","Value":150.00},{"Name":"MpesaReceiptNumber","Value":"NLJ7RT61SV"},
 {"Name":"Balance"},{"Name":"TransactionDate","Value":20261120153000},
 {"Name":"PhoneNumber","Value":254708374149}]}}}}"""
CANCELLED = """{"Body":{"stkCallback":{"MerchantRequestID":"29115-34620561-1","CheckoutRequestID":"%s",
 "ResultCode":1032,"ResultDesc":"Request cancelled by user."}}}"""


def read(text: str) -> StkResult:
    return read_callback((text % CHECKOUT).encode())


def paid_with(**values: Any) -> StkResult:
    items = [{"Name": name, "Value": value} for name, value in values.items()]
    said = {"CheckoutRequestID": CHECKOUT, "ResultCode": 0, "CallbackMetadata": {"Item": items}}
    return read_callback(json.dumps({"Body": {"stkCallback": said}}).encode())


def test_a_success_says_what_was_paid_and_by_whom() -> None:
    result = read(PAID)

    assert result == StkResult(
        checkout_request_id=CHECKOUT,
        code="0",
        amount=Money(15_000, Asset.KES),
        phone="254708374149",
        receipt="NLJ7RT61SV",
    )


def test_a_failure_has_no_metadata() -> None:
    assert read(CANCELLED) == StkResult(checkout_request_id=CHECKOUT, code="1032")


def test_the_order_of_the_items_says_nothing() -> None:
    result = paid_with(PhoneNumber=254708374149, Balance=None, MpesaReceiptNumber="NLJ7RT61SV", Amount=1)

    assert (result.amount, result.phone, result.receipt) == (Money(100, Asset.KES), "254708374149", "NLJ7RT61SV")


def test_a_code_may_be_a_word() -> None:
    assert read(CANCELLED.replace("1032", '"SFC_IC0003"')).code == "SFC_IC0003"


@pytest.mark.parametrize(
    ("said", "minor"),
    [("0.29", 29), ("1e2", 10_000), ("250000", 25_000_000), ("150.0000", 15_000)],
)
def test_an_amount_is_read_exactly(said: str, minor: int) -> None:
    assert read(PAID.replace("150.00", said)).amount == Money(minor, Asset.KES)


@pytest.mark.parametrize("said", ["150.001", "0", "-150", "1e999999", "1e-999999", "true", '"150"', "150." + "0" * 40])
def test_what_is_no_amount_is_none(said: str) -> None:
    assert read(PAID.replace("150.00", said)).amount is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"paid",
        b"[]",
        b'{"Body":{}}',
        b'{"Body":{"stkCallback":[]}}',
        b'{"Body":{"stkCallback":{"ResultCode":0}}}',
        b'{"Body":{"stkCallback":{"CheckoutRequestID":"a","ResultCode":null}}}',
        b'{"Body":{"stkCallback":{"CheckoutRequestID":"a","ResultCode":true}}}',
        b'{"Body":{"stkCallback":{"CheckoutRequestID":7,"ResultCode":0}}}',
        b'{"Body":{"stkCallback":{"CheckoutRequestID":"a","ResultCode":0,"CallbackMetadata":{"Item":[1]}}}}',
        b'{"Body":{"stkCallback":{"CheckoutRequestID":"a","ResultCode":0,"x":NaN}}}',
        b'{"Body":{"stkCallback":{"CheckoutRequestID":"a","ResultCode":' + b"9" * 5_000 + b"}}}",
        b"[" * 100_000,
        b"\xff\xfe\x00",
    ],
)
def test_what_has_another_form_is_no_callback(body: bytes) -> None:
    with pytest.raises(UnreadableCallback):
        read_callback(body)
