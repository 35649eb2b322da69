"""The health check of the image: whether the server in this container is ready."""

import http.client
import os
import sys

server = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT") or 8000), timeout=4)
server.request("GET", "/health/ready")
sys.exit(server.getresponse().status != http.HTTPStatus.OK)
