/** Runs a policy pack like the Pulumi engine: in its own process, over gRPC. */
import { once } from "node:events";
import { createInterface } from "node:readline";
import { credentials } from "@grpc/grpc-js";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/analyzer_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { spawnNode } from "./spawn-node.js";

/** A resource in the form that the engine passes to a policy. */
export interface Analyzed {
  readonly urn: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly protect?: boolean;
}

export interface Violation {
  readonly policy: string;
  readonly message: string;
  /** Whether the violation stops the operation. */
  readonly mandatory: boolean;
}

export interface PolicyPackProcess extends AsyncDisposable {
  /** Analyzes the inputs of a resource before it is created or changed. */
  resource(resource: Analyzed): Promise<Violation[]>;
  /** Analyzes the outputs of the stack at the end. */
  stack(resources: readonly Analyzed[]): Promise<Violation[]>;
  /** Configures policies by name. Resets what is left out to its default. */
  configure(config: Readonly<Record<string, Readonly<Record<string, unknown>>>>): Promise<void>;
  readonly policies: readonly string[];
}

/** Starts the policy pack in a folder. */
export async function startPolicyPack(folder: string): Promise<PolicyPackProcess> {
  const host = require.resolve("@pulumi/pulumi/cmd/run-policy-pack");
  const child = spawnNode([host, "127.0.0.1:0", folder], { cwd: folder });
  child.stderr.pipe(process.stderr);
  const [port] = (await once(createInterface(child.stdout), "line")) as [string];
  const client = new AnalyzerClient(`127.0.0.1:${port}`, credentials.createInsecure());

  const info = await answer<proto.AnalyzerInfo>((done) => client.getAnalyzerInfo(new Empty(), done));
  const pack: PolicyPackProcess = {
    policies: info.getPoliciesList().map((policy) => policy.getName()),
    async resource(resource) {
      const request = fill(new proto.AnalyzeRequest(), resource);
      return violations(await answer((done) => client.analyze(request, done)));
    },
    async stack(resources) {
      const request = new proto.AnalyzeStackRequest();
      request.setResourcesList(resources.map((resource) => fill(new proto.AnalyzerResource(), resource)));
      return violations(await answer((done) => client.analyzeStack(request, done)));
    },
    async configure(config) {
      const request = new proto.ConfigureAnalyzerRequest();
      for (const policy of info.getPoliciesList()) {
        const configured = new proto.PolicyConfig();
        configured.setEnforcementlevel(policy.getEnforcementlevel());
        configured.setProperties(struct({ ...defaultsOf(policy), ...config[policy.getName()] }));
        request.getPolicyconfigMap().set(policy.getName(), configured);
      }
      await answer((done) => client.configure(request, done));
    },
    async [Symbol.asyncDispose]() {
      client.close();
      child.kill();
      await once(child, "exit");
    },
  };
  await pack.configure({});
  return pack;
}

/** Returns the defaults of a policy's settings. The pack only reports them; the engine applies them. */
function defaultsOf(policy: proto.PolicyInfo): Record<string, unknown> {
  const properties = policy.getConfigschema()?.getProperties()?.toJavaScript() ?? {};
  const schemas = Object.entries(properties) as [string, { default?: unknown }][];
  return Object.fromEntries(schemas.map(([name, schema]) => [name, schema.default]));
}

function answer<Response>(
  ask: (done: (error: Error | null, response: Response) => void) => unknown,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    ask((error, response) => (error === null ? resolve(response) : reject(error)));
  });
}

function violations(response: proto.AnalyzeResponse): Violation[] {
  return response.getDiagnosticsList().map((each) => ({
    policy: each.getPolicyname(),
    message: each.getMessage(),
    mandatory: each.getEnforcementlevel() === proto.EnforcementLevel.MANDATORY,
  }));
}

function fill<Request extends proto.AnalyzeRequest | proto.AnalyzerResource>(
  request: Request,
  { urn, type, properties, protect = false }: Analyzed,
): Request {
  const options = new proto.AnalyzerResourceOptions();
  options.setProtect(protect);
  options.setCustomtimeouts(new proto.AnalyzerResourceOptions.CustomTimeouts());
  request.setUrn(urn);
  request.setType(type);
  request.setName(urn.split("::").at(-1) ?? "");
  request.setOptions(options);
  request.setProperties(struct(properties));
  return request;
}

function struct(properties: Readonly<Record<string, unknown>>): Struct {
  return Struct.fromJavaScript(JSON.parse(JSON.stringify(properties)) as Record<string, JavaScriptValue>);
}
