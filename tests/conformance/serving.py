"""Serves stubs of the vendor's SDK on loopback. GET /report returns their report as JSON."""

import io
import json
import os
import sys
import threading
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from gitpod.v1.environment_connect import EnvironmentServiceWSGIApplication
from gitpod.v1.identity_connect import IdentityServiceWSGIApplication
from gitpod.v1.prebuild_connect import PrebuildServiceWSGIApplication
from gitpod.v1.project_connect import ProjectServiceWSGIApplication

# The services that we use, and how to serve stubs of them.
SERVICES = {
    "PrebuildService": PrebuildServiceWSGIApplication,
    "IdentityService": IdentityServiceWSGIApplication,
    "ProjectService": ProjectServiceWSGIApplication,
    "EnvironmentService": EnvironmentServiceWSGIApplication,
}


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


def serve(stubs, report):
    """Prints the port and serves the stubs of each service until stdin closes."""
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    apis = {f"gitpod.v1.{name}": SERVICES[name](of_service) for name, of_service in stubs.items()}

    def application(environ, start_response):
        if environ["PATH_INFO"] != "/report":
            # The stubs read until the end of the body, which the standard library's server doesn't mark.
            environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
            return apis[environ["PATH_INFO"].split("/")[1]](environ, start_response)
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(report()).encode()]

    with make_server("127.0.0.1", 0, application, Server, Quiet) as server:
        print(server.server_port, flush=True)
        server.serve_forever()
