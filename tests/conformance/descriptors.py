"""Compares our compiled descriptors (a FileDescriptorSet in argv[1]) with the vendor's. Prints the differences as JSON."""

import json
import sys

from gitpod.v1 import actionable_error_pb2, identity_pb2, pagination_pb2, prebuild_pb2
from google.protobuf import descriptor_pb2
from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Field
from rules import rule_text

# The API of prebuilds uses only some messages and enums of these files. The other files must be complete.
USED = {
    "gitpod/v1/identity.proto": {"Subject", "Principal"},
    "gitpod/v1/pagination.proto": {"PaginationRequest", "PaginationResponse"},
}
FILES = [prebuild_pb2, pagination_pb2, identity_pb2, actionable_error_pb2]


def facts(file):
    """Everything about a file that the wire or a caller can see, by name."""
    used = USED.get(file.name)
    known = {}
    for message in file.message_type:
        if used is None or message.name in used:
            known.update(message_facts(f"{file.package}.{message.name}", message))
    for enum in file.enum_type:
        if used is None or enum.name in used:
            known.update(enum_facts(f"{file.package}.{enum.name}", enum))
    for service in file.service if used is None else []:
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
    for module in FILES:
        theirs.update(facts(vendor_file(module)))
    differences = [
        f"{name}: ours {ours.get(name, 'missing')}, the vendor's {theirs.get(name, 'missing')}"
        for name in sorted(ours.keys() | theirs.keys())
        if ours.get(name) != theirs.get(name)
    ]
    print(json.dumps({"compared": len(theirs), "differences": differences}))


main()
