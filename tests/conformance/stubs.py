"""Serves the vendor's server stubs and validates every request with the vendor's descriptors. Prints its port.

GET /report returns the requests with their violations, and the responses, in the vendor's own JSON.
"""

from connectrpc.code import Code
from connectrpc.errors import ConnectError
from gitpod.v1 import identity_pb2, project_pb2, runner_configuration_pb2
from gitpod.v1 import prebuild_pb2 as pb
from gitpod.v1.environment_connect import EnvironmentServiceSync
from gitpod.v1.identity_connect import IdentityServiceSync
from gitpod.v1.prebuild_connect import PrebuildServiceSync
from gitpod.v1.project_connect import ProjectServiceSync
from google.protobuf import json_format
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from rules import violations
from serving import serve

ID = "6f1c2f0e-8a52-4a3b-9d26-0c7b5a1e4d11"
UINT64, INT64, INT32 = 2**64 - 1, 2**63 - 1, 2**31 - 1
FIRST = Timestamp(seconds=-62135596800)
LAST = Timestamp(seconds=253402300799, nanos=999999999)
NANO = Timestamp(seconds=1767225600, nanos=1)

received, sent = [], []


def pool_responses():
    """Every kind of pool that the messages can express."""
    yield pb.WarmPool(id=ID)
    yield pb.WarmPool(id=ID, metadata={}, spec={}, status={})
    times = {"created_at": NANO, "updated_at": LAST}
    ids = {"organization_id": ID, "project_id": ID, "environment_class_id": ID, "runner_id": ID}
    for phase in pb.WarmPoolPhase.values():
        yield pb.WarmPool(id=ID, metadata=ids | times, status={"phase": phase}, spec={"desired_phase": phase})
    yield pb.WarmPool(
        id=ID,
        metadata=ids | {"created_at": FIRST, "updated_at": Timestamp(seconds=1, nanos=120000000)},
        spec={"spec_version": UINT64, "min_size": 0, "max_size": 20, "snapshot_id": "", "desired_size": 20},
        status={"phase": 30, "failure_message": 'a "quoted" \u2028 line\n', "status_version": UINT64}
        | {"running_instances": INT32, "stopped_instances": -INT32 - 1, "desired_size": 1},
    )
    yield pb.WarmPool(id=ID, spec={"snapshot_id": ID, "desired_size": 3}, status={"phase": 77})


def prebuild_responses():
    """Every kind of prebuild that the messages can express."""
    yield pb.Prebuild(id=ID)
    yield pb.Prebuild(id=ID, metadata={"creator": {}}, spec={}, status={})
    for phase in pb.PrebuildPhase.values():
        yield pb.Prebuild(id=ID, status={"phase": phase}, spec={"desired_phase": phase})
    for trigger in pb.PrebuildMetadata.PrebuildTrigger.values():
        for principal in identity_pb2.Principal.values():
            subject = {"id": ID, "principal": principal}
            yield pb.Prebuild(id=ID, metadata={"triggered_by": trigger, "creator": subject, "executor": subject})
    yield pb.Prebuild(
        id=ID,
        metadata={"organization_id": ID, "project_id": ID, "environment_class_id": ID}
        | {"created_at": NANO, "updated_at": LAST},
        spec={"spec_version": UINT64, "timeout": Duration(seconds=7199, nanos=999999999)},
        status={"phase": 60, "completion_time": LAST, "failure_message": "f", "warning_message": "w"}
        | {"log_url": "https://logs.example/a?b=c%20d", "environment_id": ID, "status_version": UINT64}
        | {"snapshot_completion_percentage": 100, "snapshot_size_bytes": INT64},
    )
    yield pb.Prebuild(id=ID, status={"phase": 77, "snapshot_size_bytes": -INT64 - 1})


def identity_responses():
    """Every kind of owner of a token."""
    yield identity_pb2.GetAuthenticatedIdentityResponse()
    for principal in identity_pb2.Principal.values():
        yield identity_pb2.GetAuthenticatedIdentityResponse(
            subject={"id": ID, "principal": principal}, organization_id=ID, organization_tier="enterprise"
        )


def project_responses():
    """Every kind of project that the messages can express, as far as we read them."""
    yield project_pb2.Project(id=ID)
    yield project_pb2.Project(id=ID, metadata={}, initializer={}, environment_class={}, prebuild_configuration={})
    subject = {"id": ID, "principal": 2}
    for phase in project_pb2.ProjectPhase.values():
        yield project_pb2.Project(
            id=ID,
            metadata={"organization_id": ID, "name": 'a "quoted" name', "creator": subject}
            | {"created_at": FIRST, "updated_at": LAST},
            initializer={
                "specs": [{}, {"git": {"remote_uri": "https://git.example/a.git"}}]
                + [{"git": {}}, {"context_url": {"url": "https://git.example/b"}}]
            },
            environment_class={"environment_class_id": ID},
            environment_classes=[{}, {"environment_class_id": ID}],
            prebuild_configuration={"enabled": True, "environment_class_ids": [ID, ID], "executor": subject}
            | {"timeout": Duration(seconds=300), "trigger": {"daily_schedule": {"hour_utc": 23}}},
            desired_phase=phase,
        )
    yield project_pb2.Project(id=ID, prebuild_configuration={"trigger": {"daily_schedule": {}}, "executor": {}})


def class_responses():
    """Every kind of environment class that the messages can express."""
    yield runner_configuration_pb2.EnvironmentClass(id=ID)
    yield runner_configuration_pb2.EnvironmentClass(
        id=ID,
        display_name="Regular",
        description="4 cores\nand more",
        configuration=[{"key": "machineType", "value": "m6i.large"}, {}],
        runner_id=ID,
        enabled=True,
    )


POOLS, PREBUILDS = list(pool_responses()), list(prebuild_responses())
IDENTITIES, PROJECTS, CLASSES = list(identity_responses()), list(project_responses()), list(class_responses())


def handler(rpc, respond):
    """A stub that records its requests and responses."""

    def handle(request, _context):
        received.append(
            {
                "rpc": rpc,
                "request": json_format.MessageToDict(request),
                "violations": violations(request),
            }
        )
        response = respond(request)
        sent.append({"rpc": rpc, "response": json_format.MessageToDict(response)})
        return response

    return handle


def cycle(responses, wrap):
    turns = iter(responses * 2)
    return lambda _request: wrap(next(turns))


def page(request, items, wrap):
    """Pages of seven, whatever size was requested."""
    start = int(request.pagination.token or 0)
    end = start + 7
    token = str(end) if end < len(items) else ""
    return wrap(items[start:end], {"next_token": token} if token else None)


def gone(_request):
    raise ConnectError(Code.NOT_FOUND, "gone")


class Stubs(PrebuildServiceSync):
    create_warm_pool = staticmethod(
        handler("CreateWarmPool", lambda _: pb.CreateWarmPoolResponse(warm_pool=POOLS[3]))
    )
    get_warm_pool = staticmethod(
        handler("GetWarmPool", cycle(POOLS, lambda one: pb.GetWarmPoolResponse(warm_pool=one)))
    )
    update_warm_pool = staticmethod(
        handler("UpdateWarmPool", lambda _: pb.UpdateWarmPoolResponse(warm_pool=POOLS[4]))
    )
    delete_warm_pool = staticmethod(handler("DeleteWarmPool", lambda _: pb.DeleteWarmPoolResponse()))
    list_warm_pools = staticmethod(
        handler(
            "ListWarmPools",
            lambda request: page(
                request, POOLS, lambda items, next_page: pb.ListWarmPoolsResponse(warm_pools=items, pagination=next_page)
            ),
        )
    )
    create_prebuild = staticmethod(
        handler("CreatePrebuild", lambda _: pb.CreatePrebuildResponse(prebuild=PREBUILDS[3]))
    )
    get_prebuild = staticmethod(
        handler("GetPrebuild", cycle(PREBUILDS, lambda one: pb.GetPrebuildResponse(prebuild=one)))
    )
    cancel_prebuild = staticmethod(
        handler("CancelPrebuild", lambda _: pb.CancelPrebuildResponse(prebuild=PREBUILDS[9]))
    )
    delete_prebuild = staticmethod(handler("DeletePrebuild", gone))
    list_prebuilds = staticmethod(
        handler(
            "ListPrebuilds",
            lambda request: page(
                request, PREBUILDS, lambda items, next_page: pb.ListPrebuildsResponse(prebuilds=items, pagination=next_page)
            ),
        )
    )
    create_prebuild_logs_token = staticmethod(
        handler("CreatePrebuildLogsToken", lambda _: pb.CreatePrebuildLogsTokenResponse(access_token="secret"))
    )


class Identity(IdentityServiceSync):
    get_authenticated_identity = staticmethod(
        handler("GetAuthenticatedIdentity", cycle(IDENTITIES, lambda one: one))
    )


class Projects(ProjectServiceSync):
    get_project = staticmethod(
        handler("GetProject", cycle(PROJECTS, lambda one: project_pb2.GetProjectResponse(project=one)))
    )
    list_projects = staticmethod(
        handler(
            "ListProjects",
            lambda request: page(
                request,
                PROJECTS,
                lambda items, next_page: project_pb2.ListProjectsResponse(projects=items, pagination=next_page),
            ),
        )
    )


class Environments(EnvironmentServiceSync):
    list_environment_classes = staticmethod(
        handler(
            "ListEnvironmentClasses",
            lambda request: page(
                request,
                CLASSES,
                lambda items, next_page: runner_configuration_pb2.ListEnvironmentClassesResponse(
                    environment_classes=items, pagination=next_page
                ),
            ),
        )
    )


serve(
    {
        "PrebuildService": Stubs(),
        "IdentityService": Identity(),
        "ProjectService": Projects(),
        "EnvironmentService": Environments(),
    },
    lambda: {
        "pools": len(POOLS),
        "prebuilds": len(PREBUILDS),
        "identities": len(IDENTITIES),
        "projects": len(PROJECTS),
        "received": received,
        "sent": sent,
    },
)
