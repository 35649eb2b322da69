"""The headers that every response has, whether the application or gunicorn's worker writes it."""

# OWASP REST Security Cheat Sheet, Security Headers. An answer's own value wins.
SECURE_HEADERS = {
    "x-content-type-options": ("X-Content-Type-Options", "nosniff"),
    "referrer-policy": ("Referrer-Policy", "no-referrer"),
    "content-security-policy": (
        "Content-Security-Policy",
        "default-src 'none'; frame-ancestors 'none'",
    ),
    "vary": ("Vary", "Origin"),
}
