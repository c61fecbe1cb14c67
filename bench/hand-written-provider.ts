/**
 * What users write without this package: a dynamic resource whose provider class manages the same pools with `fetch`. The
 * class is captured by closure, each resource has its own instance, and a refresh sends one Get per pool. Rows of the
 * bench are compared with it, so don't change what it does.
 */
import * as pulumi from "@pulumi/pulumi";

const service = "gitpod.v1.PrebuildService";

interface HandWrittenInputs {
  projectId: string;
  environmentClassId: string;
  minSize: number;
  maxSize: number;
}

interface HandWrittenPool {
  id: string;
  metadata: { organizationId: string; runnerId?: string; createdAt: string; updatedAt?: string };
  spec: { minSize?: number; maxSize?: number; snapshotId?: string };
  status?: {
    phase?: string;
    failureMessage?: string;
    desiredSize?: number;
    runningInstances?: number;
    stoppedInstances?: number;
  };
}

class HandWrittenError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

async function sleep(milliseconds: number): Promise<void> {
  const timers = await import("timers/promises");
  await timers.setTimeout(milliseconds);
}

async function call(rpc: string, message: object): Promise<{ warmPool: HandWrittenPool }> {
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(`${process.env["ONA_BASE_URL"] ?? "https://app.ona.com/api"}/${service}/${rpc}`, {
      method: "POST",
      headers: { authorization: `Bearer ${process.env["ONA_API_KEY"]}`, "content-type": "application/json" },
      body: JSON.stringify(message),
    });
    const answer = (await response.json()) as { warmPool: HandWrittenPool; code: string; message: string };
    if (response.ok) return answer;
    if (response.status !== 429 || attempt === 20) throw new HandWrittenError(answer.code, `${rpc}: ${answer.message}`);
    await sleep(1_000 * attempt);
  }
}

function outputsOf({ metadata, spec, status }: HandWrittenPool, inputs: HandWrittenInputs) {
  return {
    projectId: inputs.projectId,
    environmentClassId: inputs.environmentClassId,
    minSize: spec.minSize ?? 0,
    maxSize: spec.maxSize ?? 0,
    organizationId: metadata.organizationId,
    runnerId: metadata.runnerId ?? "",
    createdAt: metadata.createdAt,
    updatedAt: metadata.updatedAt ?? "",
    phase: (status?.phase ?? "").replace("WARM_POOL_PHASE_", ""),
    failureMessage: status?.failureMessage ?? "",
    snapshotId: spec.snapshotId ?? "",
    desiredSize: status?.desiredSize ?? 0,
    runningInstances: status?.runningInstances ?? 0,
    stoppedInstances: status?.stoppedInstances ?? 0,
  };
}

class HandWrittenProvider implements pulumi.dynamic.ResourceProvider<HandWrittenInputs, HandWrittenInputs> {
  constructor(private readonly waitForReady: boolean) {}

  async check(_olds: HandWrittenInputs, news: HandWrittenInputs) {
    const failures: pulumi.dynamic.CheckFailure[] = [];
    if (!news.projectId) failures.push({ property: "projectId", reason: "projectId is required" });
    if (!news.environmentClassId) {
      failures.push({ property: "environmentClassId", reason: "environmentClassId is required" });
    }
    if (news.minSize > news.maxSize) failures.push({ property: "maxSize", reason: "maxSize is less than minSize" });
    return { inputs: news, failures };
  }

  async diff(_id: string, olds: HandWrittenInputs, news: HandWrittenInputs) {
    const replaces = (["projectId", "environmentClassId"] as const).filter((name) => olds[name] !== news[name]);
    const changes = replaces.length > 0 || olds.minSize !== news.minSize || olds.maxSize !== news.maxSize;
    return { changes, replaces, deleteBeforeReplace: true };
  }

  async create(inputs: HandWrittenInputs) {
    const { projectId, environmentClassId, minSize, maxSize } = inputs;
    let { warmPool } = await call("CreateWarmPool", { projectId, environmentClassId, minSize, maxSize });
    while (this.waitForReady && warmPool.status?.phase !== "WARM_POOL_PHASE_READY") {
      if (warmPool.status?.phase === "WARM_POOL_PHASE_DEGRADED") throw new Error(warmPool.status.failureMessage);
      await sleep(5_000);
      warmPool = (await call("GetWarmPool", { warmPoolId: warmPool.id })).warmPool;
    }
    return { id: warmPool.id, outs: outputsOf(warmPool, inputs) };
  }

  async read(id: string, props?: HandWrittenInputs) {
    try {
      const { warmPool } = await call("GetWarmPool", { warmPoolId: id });
      const outs = outputsOf(warmPool, props as HandWrittenInputs);
      const { projectId, environmentClassId, minSize, maxSize } = outs;
      return { id, props: outs, inputs: { projectId, environmentClassId, minSize, maxSize } };
    } catch (error) {
      if (error instanceof HandWrittenError && error.code === "not_found") return {};
      throw error;
    }
  }

  async update(id: string, _olds: HandWrittenInputs, news: HandWrittenInputs) {
    const { minSize, maxSize } = news;
    const { warmPool } = await call("UpdateWarmPool", { warmPoolId: id, minSize, maxSize });
    return { outs: outputsOf(warmPool, news) };
  }

  async delete(id: string) {
    await call("DeleteWarmPool", { warmPoolId: id });
  }
}

/** The resource of this provider. */
export class HandWrittenWarmPool extends pulumi.dynamic.Resource {
  declare readonly phase: pulumi.Output<string>;

  constructor(name: string, args: HandWrittenInputs, opts?: pulumi.CustomResourceOptions) {
    const outputs = {
      organizationId: undefined,
      runnerId: undefined,
      createdAt: undefined,
      updatedAt: undefined,
      phase: undefined,
      failureMessage: undefined,
      snapshotId: undefined,
      desiredSize: undefined,
      runningInstances: undefined,
      stoppedInstances: undefined,
    };
    super(new HandWrittenProvider(false), name, { ...outputs, ...args }, opts, "usual", "WarmPool");
  }
}
