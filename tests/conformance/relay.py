"""Serves the vendor's server stubs in front of the simulator at the given URL. Validates each request with the vendor's
descriptors and forwards it with the vendor's client. Prints its port.

GET /report returns each request, its violations, and its response or code, in the vendor's own JSON.
"""

import re
import sys

from connectrpc.errors import ConnectError
from gitpod.v1.prebuild_connect import PrebuildServiceClientSync, PrebuildServiceSync
from gitpod.v1.prebuild_pb2 import DESCRIPTOR
from google.protobuf import json_format
from rules import violations
from serving import serve

simulator = PrebuildServiceClientSync(sys.argv[1])
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


def stubs():
    """One stub for each RPC in the vendor's descriptors."""
    methods = {}
    for rpc in DESCRIPTOR.services_by_name["PrebuildService"].methods:
        name = re.sub(r"(?<!^)([A-Z])", r"_\1", rpc.name).lower()
        methods[name] = relay(rpc.name, getattr(simulator, name))
    return type("Relay", (PrebuildServiceSync,), methods)()


serve(stubs(), lambda: exchanges)
