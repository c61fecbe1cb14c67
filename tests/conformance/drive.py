"""Calls all fifteen RPCs of the simulator with the vendor's client, in binary. Prints the results as JSON."""

import json
import os
import sys
import urllib.request

from connectrpc.errors import ConnectError
from gitpod.v1 import identity_pb2, project_pb2, runner_configuration_pb2
from gitpod.v1 import prebuild_pb2 as pb
from google.protobuf import json_format
from google.protobuf.duration_pb2 import Duration
from ona_sdk import create_client_from_env

services = create_client_from_env().services
api = services.prebuild
simulator, project_id, class_id, other_class_id = sys.argv[1:]
seen = {}


def advance(ms):
    body = json.dumps({"advance": ms}).encode()
    urllib.request.urlopen(urllib.request.Request(f"{simulator}/_simulator/clock", data=body, method="POST")).read()


def refused(rpc, request):
    try:
        rpc(request)
    except ConnectError as error:
        return error.code.value
    return "not refused"


def pool_phase(pool):
    return pb.WarmPoolPhase.Name(pool.status.phase)


def prebuild_phase(prebuild):
    return pb.PrebuildPhase.Name(prebuild.status.phase)


pair = {"project_id": project_id, "environment_class_id": class_id}
pool = api.create_warm_pool(pb.CreateWarmPoolRequest(**pair, min_size=0, max_size=2)).warm_pool
phases = [pool_phase(pool)]
seen["explicit zero"] = pool.spec.HasField("min_size") and pool.spec.min_size == 0
seen["duplicate"] = refused(api.create_warm_pool, pb.CreateWarmPoolRequest(**pair, min_size=0, max_size=2))
advance(3000)
get_pool = pb.GetWarmPoolRequest(warm_pool_id=pool.id)
phases.append(pool_phase(api.get_warm_pool(get_pool).warm_pool))
seen["read by GET"] = api.get_warm_pool(get_pool, use_get=True).warm_pool.id == pool.id
seen["updated"] = json_format.MessageToDict(
    api.update_warm_pool(pb.UpdateWarmPoolRequest(warm_pool_id=pool.id, max_size=5)).warm_pool.spec
)
other = api.create_warm_pool(
    pb.CreateWarmPoolRequest(project_id=project_id, environment_class_id=other_class_id, min_size=1, max_size=1)
).warm_pool
listed, token = [], ""
for _ in range(9):
    page = api.list_warm_pools(pb.ListWarmPoolsRequest(pagination={"page_size": 1, "token": token}))
    listed.append([one.id for one in page.warm_pools])
    token = page.pagination.next_token
    if not token:
        break
seen["pages of pools"] = listed == [[pool.id], [other.id]]
filtered = api.list_warm_pools(pb.ListWarmPoolsRequest(filter={"environment_class_ids": [other_class_id]}))
seen["filtered pools"] = [one.id for one in filtered.warm_pools] == [other.id]
api.delete_warm_pool(pb.DeleteWarmPoolRequest(warm_pool_id=pool.id))
phases.append(pool_phase(api.get_warm_pool(get_pool).warm_pool))
advance(5000)
seen["gone"] = refused(api.get_warm_pool, get_pool)
seen["pool phases"] = phases
seen["malformed id"] = refused(api.get_warm_pool, pb.GetWarmPoolRequest(warm_pool_id="pool-1"))
seen["size out of range"] = refused(api.create_warm_pool, pb.CreateWarmPoolRequest(**pair, min_size=21))

spec = pb.PrebuildSpec(timeout=Duration(seconds=1800))
prebuild = api.create_prebuild(pb.CreatePrebuildRequest(project_id=project_id, spec=spec)).prebuild
get_prebuild = pb.GetPrebuildRequest(prebuild_id=prebuild.id)
phases = [prebuild_phase(prebuild)]
for _ in range(25):
    advance(1000)
    phase = prebuild_phase(api.get_prebuild(get_prebuild).prebuild)
    if phase != phases[-1]:
        phases.append(phase)
seen["prebuild phases"] = phases
completed = api.get_prebuild(get_prebuild).prebuild
seen["completed"] = {
    "timeout": completed.spec.timeout.seconds,
    "has completion time": completed.status.HasField("completion_time"),
    "snapshot size": completed.status.snapshot_size_bytes,
}
manual = pb.ListPrebuildsRequest(filter={"triggered_by": [pb.PrebuildMetadata.PREBUILD_TRIGGER_MANUAL]})
seen["filtered prebuilds"] = [one.id for one in api.list_prebuilds(manual).prebuilds] == [prebuild.id]
page = api.list_prebuilds(pb.ListPrebuildsRequest(pagination={"page_size": 3}))
rest = api.list_prebuilds(pb.ListPrebuildsRequest(pagination={"page_size": 3, "token": page.pagination.next_token}))
seen["pages of prebuilds"] = [len(page.prebuilds), len(rest.prebuilds), rest.pagination.next_token]
access = api.create_prebuild_logs_token(pb.CreatePrebuildLogsTokenRequest(prebuild_id=prebuild.id)).access_token
logs = urllib.request.Request(completed.status.log_url, headers={"Authorization": f"Bearer {access}"})
seen["log"] = urllib.request.urlopen(logs).read().decode().splitlines()[-1]
seen["cancel what has ended"] = refused(api.cancel_prebuild, pb.CancelPrebuildRequest(prebuild_id=prebuild.id))
second = api.create_prebuild(pb.CreatePrebuildRequest(project_id=project_id, spec={})).prebuild
cancelled = api.cancel_prebuild(pb.CancelPrebuildRequest(prebuild_id=second.id)).prebuild
seen["cancelled"] = prebuild_phase(cancelled)
api.delete_prebuild(pb.DeletePrebuildRequest(prebuild_id=prebuild.id))
advance(2000)
seen["deleted"] = refused(api.get_prebuild, get_prebuild)
seen["no spec"] = refused(api.create_prebuild, pb.CreatePrebuildRequest(project_id=project_id))

identity = services.identity.get_authenticated_identity(identity_pb2.GetAuthenticatedIdentityRequest())
seen["identity"] = [identity_pb2.Principal.Name(identity.subject.principal), identity.subject.id == second.metadata.creator.id]
project = services.project.get_project(project_pb2.GetProjectRequest(project_id=project_id)).project
seen["project"] = [project.metadata.name, class_id in project.prebuild_configuration.environment_class_ids]
listed, token = [], ""
for _ in range(9):
    page = services.project.list_projects(
        project_pb2.ListProjectsRequest(pagination={"page_size": 1, "token": token}, filter={"search": "o"})
    )
    listed += [one.metadata.name for one in page.projects]
    token = page.pagination.next_token
    if not token:
        break
seen["pages of projects"] = listed
found = services.environment.list_environment_classes(
    runner_configuration_pb2.ListEnvironmentClassesRequest(filter={"enabled": True})
).environment_classes
seen["environment class"] = [one.display_name for one in found if one.id == class_id]

os.environ["ONA_API_KEY"] = "another-token"
seen["unknown token"] = refused(create_client_from_env().services.prebuild.list_warm_pools, pb.ListWarmPoolsRequest())
print(json.dumps(seen))
