"""The JSON API and the HTTP server it lives in."""
