"""What each answer tells the browser to refuse: the second wall behind the page's sanitiser."""

from __future__ import annotations

from typing import Final

# Files of ours only: nothing inline, nothing from elsewhere, and no HTML but the sanitiser's.
_POLICY: Final = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "connect-src": "'self'",
    "img-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "dompurify",
}
SECURITY: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "; ".join(map(" ".join, _POLICY.items())),
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
