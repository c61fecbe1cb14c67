"""Serves the vendor's server stubs in front of the simulator at the given URL. Validates each request with the vendor's
descriptors and forwards it with the vendor's client. Prints its port.

GET /report returns each request, its violations, and its response or code, in the vendor's own JSON.
"""

import re
import sys

from connectrpc.errors import ConnectError
from gitpod.v1 import environment_connect, environment_pb2, identity_connect, identity_pb2
from gitpod.v1 import prebuild_connect, prebuild_pb2, project_connect, project_pb2
from google.protobuf import json_format
from rules import violations
from serving import serve

exchanges = []


def relay(rpc, call):
    """A stub that calls the simulator with the caller's token."""

    def handle(request, context):
        exchange = {"rpc": rpc, "request": json_format.MessageToDict(request), "violations": violations(request)}
        exchanges.append(exchange)
        try:
            response = call(request, headers={"authorization": context.request_headers.get("authorization", "")})
        except ConnectError as error:
            exchange["code"] = error.code.value
            raise
        exchange["response"] = json_format.MessageToDict(response)
        return response

    return staticmethod(handle)


MODULES = {
    "PrebuildService": (prebuild_pb2, prebuild_connect),
    "IdentityService": (identity_pb2, identity_connect),
    "ProjectService": (project_pb2, project_connect),
    "EnvironmentService": (environment_pb2, environment_connect),
}


def stubs(service):
    """A stub for each RPC of a service in the vendor's descriptors."""
    messages, connect = MODULES[service]
    simulator = getattr(connect, f"{service}ClientSync")(sys.argv[1])
    methods = {}
    for rpc in messages.DESCRIPTOR.services_by_name[service].methods:
        name = re.sub(r"(?<!^)([A-Z])", r"_\1", rpc.name).lower()
        if not (rpc.client_streaming or rpc.server_streaming) and hasattr(simulator, name):
            methods[name] = relay(rpc.name, getattr(simulator, name))
    return type("Relay", (getattr(connect, f"{service}Sync"),), methods)()


serve({service: stubs(service) for service in MODULES}, lambda: exchanges)
