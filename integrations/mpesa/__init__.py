"""M-Pesa by Daraja, the API of Safaricom."""
