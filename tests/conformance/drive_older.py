"""Calls all eleven RPCs of the simulator with the older client of the API reference, in JSON. Prints the results as JSON.

Its automatic paging sends `token` and `pageSize` in the query of a POST, and the body stays that of the first page.
"""

import json
import sys
import urllib.request
from itertools import islice

import gitpod

simulator, project_id, class_id, other_class_id = sys.argv[1:]
# Without retries, because it would repeat what a conflict refuses.
client = gitpod.Gitpod(max_retries=0)
api = client.prebuilds
seen = {}


def lever(path, body):
    data = json.dumps(body).encode()
    urllib.request.urlopen(urllib.request.Request(f"{simulator}/_simulator/{path}", data=data, method="POST")).read()


def advance(ms):
    lever("clock", {"advance": ms})


def refused(rpc, **request):
    try:
        rpc(**request)
    except gitpod.APIStatusError as error:
        return [error.status_code, error.body["code"]]
    return "not refused"


pair = {"project_id": project_id, "environment_class_id": class_id}
pool = api.create_warm_pool(**pair, min_size=0, max_size=2).warm_pool
seen["created"] = [pool.spec.min_size, pool.spec.max_size, pool.status.phase]
seen["duplicate"] = refused(api.create_warm_pool, **pair, min_size=0, max_size=2)
advance(3000)
seen["ready"] = api.retrieve_warm_pool(warm_pool_id=pool.id).warm_pool.status.phase
updated = api.update_warm_pool(warm_pool_id=pool.id, max_size=5).warm_pool.spec
seen["updated"] = [updated.min_size, updated.max_size, updated.spec_version]
other = api.create_warm_pool(
    project_id=project_id, environment_class_id=other_class_id, min_size=1, max_size=1
).warm_pool
both = [pool.id, other.id]


def ids(pages):
    return [one.id for one in islice(pages, 9)]


seen["pools by pages in the body"] = ids(api.list_warm_pools(pagination={"page_size": 1})) == both
seen["pools by pages in the query"] = ids(api.list_warm_pools(page_size=1)) == both
first = api.list_warm_pools(page_size=1)
seen["next page"] = first.has_next_page() and ids(first.get_next_page()) == [other.id]
seen["filtered pools"] = ids(api.list_warm_pools(filter={"environment_class_ids": [other_class_id]})) == [other.id]
lever("unknowns", {"queryPagination": "ignored"})
seen["pools of a server that ignores the query"] = ids(api.list_warm_pools(pagination={"page_size": 1})) == [pool.id] * 9
lever("unknowns", {"queryPagination": "read"})
api.delete_warm_pool(warm_pool_id=pool.id)
advance(5000)
seen["gone"] = refused(api.retrieve_warm_pool, warm_pool_id=pool.id)
seen["malformed id"] = refused(api.retrieve_warm_pool, warm_pool_id="pool-1")

prebuild = api.create(project_id=project_id, spec={"timeout": "1800s"}).prebuild
advance(25_000)
completed = api.retrieve(prebuild_id=prebuild.id).prebuild
seen["completed"] = [completed.status.phase, completed.spec.timeout, completed.status.snapshot_size_bytes]
manual = ids(api.list(filter={"triggered_by": ["PREBUILD_TRIGGER_MANUAL"]}, pagination={"page_size": 1}))
seen["filtered prebuilds"] = manual == [prebuild.id]
seen["prebuilds by pages"] = len(set(ids(api.list(page_size=2))))
access = api.create_logs_token(prebuild_id=prebuild.id).access_token
logs = urllib.request.Request(completed.status.log_url, headers={"Authorization": f"Bearer {access}"})
seen["log"] = urllib.request.urlopen(logs).read().decode().splitlines()[-1]
second = api.create(project_id=project_id, spec={}).prebuild
seen["cancelled"] = api.cancel(prebuild_id=second.id).prebuild.status.phase
api.delete(prebuild_id=prebuild.id)
advance(2000)
seen["deleted"] = refused(api.retrieve, prebuild_id=prebuild.id)
seen["unknown token"] = refused(gitpod.Gitpod(bearer_token="another", max_retries=0).prebuilds.list)
print(json.dumps(seen))
