"""Compares our compiled descriptors (a FileDescriptorSet in argv[1]) with the vendor's. Prints the differences as JSON."""

import json
import sys

from gitpod.v1 import (
    actionable_error_pb2,
    environment_pb2,
    identity_pb2,
    pagination_pb2,
    prebuild_pb2,
    project_pb2,
    runner_configuration_pb2,
)
from google.protobuf import descriptor_pb2
from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Field
from rules import rule_text

# These files must be complete. Of the others we describe some messages, and of those not every field.
COMPLETE = [prebuild_pb2, actionable_error_pb2]
PARTS = [pagination_pb2, identity_pb2, project_pb2, environment_pb2, runner_configuration_pb2]
PARTIAL_MESSAGES = {"Project", "ProjectPrebuildConfiguration", "GitInitializer", "ListProjectsRequest"} | {
    "ListProjectsResponse",
    "ListEnvironmentClassesRequest",
    "ProjectService",
    "IdentityService",
    "EnvironmentService",
}


def facts(file):
    """Everything about a file that the wire or a caller can see, by name."""
    known = {}
    for message in file.message_type:
        known.update(message_facts(f"{file.package}.{message.name}", message))
    for enum in file.enum_type:
        known.update(enum_facts(f"{file.package}.{enum.name}", enum))
    for service in file.service:
        for method in service.method:
            level = descriptor_pb2.MethodOptions.IdempotencyLevel.Name(method.options.idempotency_level)
            name = f"{file.package}.{service.name}.{method.name}"
            streams = (method.client_streaming, method.server_streaming)
            known[name] = f"({method.input_type}) returns ({method.output_type}) {level} streams {streams}"
    return known


def message_facts(name, message):
    known = {name: "message"}
    for field in message.field:
        oneof = message.oneof_decl[field.oneof_index].name if field.HasField("oneof_index") else ""
        at = f"{name}.{field.name}"
        known[f"{at} number"] = field.number
        known[f"{at} type"] = f"{Field.Label.Name(field.label)} {Field.Type.Name(field.type)} {field.type_name}"
        known[f"{at} presence"] = f"optional {field.proto3_optional}, oneof {oneof!r}"
        known[f"{at} JSON name"] = field.json_name
        known[f"{at} rule"] = rule_text(field.options)
        known[f"{at} deprecated"] = field.options.deprecated
    for nested in message.nested_type:
        known.update(message_facts(f"{name}.{nested.name}", nested))
    for enum in message.enum_type:
        known.update(enum_facts(f"{name}.{enum.name}", enum))
    return known


def enum_facts(name, enum):
    return {f"{name}.{value.name}": value.number for value in enum.value} | {name: "enum"}


def vendor_file(module):
    file = descriptor_pb2.FileDescriptorProto()
    module.DESCRIPTOR.CopyToProto(file)
    return file


def main():
    image = descriptor_pb2.FileDescriptorSet()
    with open(sys.argv[1], "rb") as compiled:
        image.ParseFromString(compiled.read())
    ours, theirs = {}, {}
    for file in image.file:
        if file.package == "gitpod.v1":
            ours.update(facts(file))
    for module in COMPLETE:
        theirs.update(facts(vendor_file(module)))
    for module in PARTS:
        for name, fact in facts(vendor_file(module)).items():
            top = name.split(" ")[0].split(".")[2]
            described = f"gitpod.v1.{top}" in ours and top not in PARTIAL_MESSAGES
            if name in ours or described:
                theirs[name] = fact
    differences = [
        f"{name}: ours {ours.get(name, 'missing')}, the vendor's {theirs.get(name, 'missing')}"
        for name in sorted(ours.keys() | theirs.keys())
        if ours.get(name) != theirs.get(name)
    ]
    print(json.dumps({"compared": len(theirs), "differences": differences}))


main()
