"""Tables, one module per context, and how entities map onto them."""
