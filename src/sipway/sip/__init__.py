"""SIP messages: bytes to Message and back; no I/O and no clock."""
