"""Serves the vendor's server stubs in front of the simulator at the given URL: each request is judged by the vendor's
descriptors and passed on by the vendor's client, as is what comes back. Prints its port.

GET /report tells each request, what was wrong with it, and its response or code, as the vendor's own JSON.
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


def relay(rpc, ask):
    """A stub that asks the simulator with the caller's token."""

    def handle(request, context):
        exchange = {"rpc": rpc, "request": json_format.MessageToDict(request), "violations": violations(request)}
        exchanges.append(exchange)
        try:
            response = ask(request, headers={"authorization": context.request_headers.get("authorization", "")})
        except ConnectError as error:
            exchange["code"] = error.code.value
            raise
        exchange["response"] = json_format.MessageToDict(response)
        return response

    return staticmethod(handle)


def stubs():
    """One stub for each RPC that the vendor's descriptors have."""
    methods = {}
    for rpc in DESCRIPTOR.services_by_name["PrebuildService"].methods:
        name = re.sub(r"(?<!^)([A-Z])", r"_\1", rpc.name).lower()
        methods[name] = relay(rpc.name, getattr(simulator, name))
    return type("Relay", (PrebuildServiceSync,), methods)()


serve(stubs(), lambda: exchanges)
