"""What clients speak: HTTP and sockets for any strawberry schema; no operation is named here."""
