"""How a request shows that a proxy passed it on: then its peer says nothing of who sent it."""

from starlette.datastructures import Headers
from starlette.types import Scope

NAMES = frozenset(
    (
        "forwarded",  # RFC 7239
        "via",  # RFC 9110
        "cdn-loop",  # RFC 8586
        "max-forwards",
        "proxy-connection",
        "client-ip",
        "true-client-ip",  # Akamai, Cloudflare
        "incap-client-ip",  # Imperva
        "wl-proxy-client-ip",  # WebLogic
        "front-end-https",  # IIS
        "surrogate-capability",  # Varnish
        "x-coming-from",
        "x-client-ip",
        "x-cluster-client-ip",
        "x-cloud-trace-context",  # Google
        "x-https",
        "x-host",
        "x-proxyuser-ip",
        "x-real-ip",
        "x-real-port",
        "x-request-start",  # Heroku
        "x-rewrite-url",  # IIS
        "x-scheme",
        "x-url-scheme",
        "x-varnish",
    )
)
BEGINNINGS = (
    "akamai-",
    "cf-",  # Cloudflare
    "cloudfront-",
    "fastly-",
    "fly-",  # Fly.io
    "http-x-forwarded",
    "ngrok-",
    "proxy-client-",
    "ssl-client-",
    "tailscale-",
    "true-client-",
    "x-akamai-",
    "x-amz-cf-",  # CloudFront
    "x-amzn-",  # AWS load balancers
    "x-appengine-",
    "x-arr-",  # IIS
    "x-azure-",
    "x-envoy-",
    "x-fd-",  # Azure Front Door
    "x-forward",  # X-Forwarded-*, and X-Forward-For
    "x-goog-iap-",
    "x-haproxy-",
    "x-nf-",  # Netlify
    "x-nginx-",
    "x-original-",
    "x-proxy-",
    "x-remote-",
    "x-ssl-",
    "x-sucuri-",
    "x-traefik-",
    "x-vercel-",
)


def mark_of_a_proxy(scope: Scope, headers: Headers) -> str:
    """The mark, as the beginning of a sentence; empty where there is none.

    nginx adds no header by default, but speaks HTTP/1.0, or 1.1 with `Connection: close` (1.29.7 and newer neither)."""
    for name in headers:
        if name in NAMES or name.startswith(BEGINNINGS):
            return f"A request through a proxy ({name})"
    if scope.get("http_version") in ("0.9", "1.0"):
        return "A request in HTTP/1.0, as if through a proxy,"
    words = ",".join(headers.getlist("connection")).lower().split(",")
    if "close" in (word.strip() for word in words):
        return "A request with Connection: close, as if through a proxy,"
    return ""
