"""The bytes of files: in, out, and what is known of them."""
