"""Orders: customers buy products, merchants are owed their value, and the good is delivered once it is paid."""
