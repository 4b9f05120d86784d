"""Parts of archives, for the tests of uploads."""

from hashlib import sha256

# More than is read at once, in an order that does not pack like a bomb.
BLANKS = "".join(" \t\n\r"[byte % 4] for number in range(5000) for byte in sha256(bytes(str(number), "ascii")).digest())
