"""The vocabulary of the API: types, inputs, payloads, refusals, and who may see and do what."""
