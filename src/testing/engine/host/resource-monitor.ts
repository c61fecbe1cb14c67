/** The two gRPC services that a running program calls: resource registration and log messages. */
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import * as engine from "@pulumi/pulumi/proto/engine_pb";
import { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
import type { Callback } from "@pulumi/pulumi/proto/callback_pb";
import type { InvokeResponse } from "@pulumi/pulumi/proto/provider_pb";
import * as resource from "@pulumi/pulumi/proto/resource_pb";
import type { Severity } from "../state/diagnostic.js";
import type { Goal, ReadGoal, Registered } from "../state/registration.js";
import { goalOf, readGoalOf } from "./registration-requests.js";
import {
  emptyMessage,
  fromStruct,
  grpc,
  RpcError,
  serve,
  toStruct,
  unary,
  type Empty,
  type RunningServer,
  type UntypedServiceImplementation,
} from "./grpc.js";
import { Transforms } from "./transforms.js";
import { isProviderType } from "../state/urn.js";
import { unknownMarker, type PropertyMap } from "../state/property-values.js";

export interface MonitorOptions {
  readonly project: string;
  readonly stack: string;
  readonly organization: string;
  readonly dryRun: boolean;
  readonly parallel: number;
  readonly configSecretKeys: readonly string[];
}

/** What identifies a resource before it has a URN. */
export interface Declared {
  readonly type: string;
  readonly name: string;
  /** The parent's URN, or "". */
  readonly parent: string;
  readonly plugin?: PluginSource;
}

/** Which plugin an SDK wants for its package. Empty strings mean any. */
export interface PluginSource {
  readonly version: string;
  readonly url: string;
}

/** A call of a provider's function. */
export interface Invocation {
  readonly token: string;
  readonly args: PropertyMap;
  /** The reference of the provider. */
  readonly provider: string;
}

/** Handles the calls of a program. */
export interface MonitorHandler {
  /**
   * Returns the reference of the default provider for a resource or function.
   * @throws if `pulumi:disable-default-providers` forbids it
   */
  defaultProvider(resource: Declared): Promise<string>;
  /** Does the work of a registration. If it fails the operation, its error arrives only after the program has ended. */
  answer<T>(work: () => Promise<T>): Promise<T>;
  register(goal: Goal): Promise<Registered & { urn: string }>;
  read(goal: ReadGoal): Promise<Registered & { urn: string }>;
  invoke(invocation: Invocation): Promise<InvokeResponse>;
  registerOutputs(urn: string, outputs: PropertyMap): void;
  goalOfUrn(urn: string): Goal | undefined;
  log(severity: Severity, message: string, urn: string, ephemeral: boolean): void;
  /** The program has declared everything. Resolves at the end of the update. */
  finished(): Promise<void>;
}

// SDKs ask for features by number, older ones by name. The SDK refuses what is missing here: hooks and parameterized
// packages.
const features: readonly (readonly [string, number])[] = [
  ["secrets", 0],
  ["resourceReferences", 1],
  ["outputValues", 2],
  ["aliasSpecs", 3],
  ["replacementTrigger", 4],
  ["deletedWith", 5],
  ["replaceWith", 6],
  ["transforms", 7],
];

/** Starts the services on a free port. */
export async function startMonitor(options: MonitorOptions, handler: MonitorHandler): Promise<RunningServer> {
  const transforms = new Transforms();
  const server = await serve([
    [ResourceMonitorService, monitorMethods(options, handler, transforms)],
    [EngineService, engineMethods(handler)],
  ]);
  return {
    ...server,
    stop() {
      transforms.close();
      server.stop();
    },
  };
}

function monitorMethods(
  options: MonitorOptions,
  handler: MonitorHandler,
  transforms: Transforms,
): UntypedServiceImplementation {
  return {
    getDeploymentInfo: unary(() => deploymentInfo(options)),
    supportsFeature: unary((request: resource.SupportsFeatureRequest) =>
      new resource.SupportsFeatureResponse().setHassupport(features.some(([name]) => name === request.getId())),
    ),
    registerResource: unary((request: resource.RegisterResourceRequest) =>
      handler.answer(() => registerResource(request, options, handler, transforms)),
    ),
    readResource: unary((request: resource.ReadResourceRequest) =>
      handler.answer(() => readResource(request, handler)),
    ),
    registerResourceOutputs: unary((request: resource.RegisterResourceOutputsRequest): Empty => {
      handler.registerOutputs(request.getUrn(), fromStruct(request.getOutputs()));
      return emptyMessage();
    }),
    signalAndWaitForShutdown: unary(async (_: Empty): Promise<Empty> => {
      await handler.finished();
      return emptyMessage();
    }),
    invoke: unary((request: resource.ResourceInvokeRequest) => invoke(request, handler)),
    call: unary(() => refuse("component methods")),
    registerStackTransform: unary((transform: Callback): Empty => {
      transforms.addToStack(transform);
      return emptyMessage();
    }),
    registerStackInvokeTransform: unary(() => refuse("invoke transforms")),
    registerResourceHook: unary(() => refuse("resource hooks")),
    registerErrorHook: unary(() => refuse("error hooks")),
    registerPackage: unary(() => refuse("parameterized packages")),
  };
}

const severities: Record<engine.LogSeverity, Severity> = {
  [engine.LogSeverity.DEBUG]: "debug",
  [engine.LogSeverity.INFO]: "info",
  [engine.LogSeverity.WARNING]: "warning",
  [engine.LogSeverity.ERROR]: "error",
};

function engineMethods(handler: MonitorHandler): UntypedServiceImplementation {
  let root = "";
  return {
    log: unary((request: engine.LogRequest): Empty => {
      const severity = severities[request.getSeverity()];
      handler.log(severity, request.getMessage(), request.getUrn(), request.getEphemeral());
      return emptyMessage();
    }),
    getRootResource: unary((_: engine.GetRootResourceRequest) => new engine.GetRootResourceResponse().setUrn(root)),
    setRootResource: unary((request: engine.SetRootResourceRequest) => {
      root = request.getUrn();
      return new engine.SetRootResourceResponse();
    }),
    startDebugging: unary((): Empty => emptyMessage()),
  };
}

function deploymentInfo(options: MonitorOptions): resource.DeploymentInfo {
  return new resource.DeploymentInfo()
    .setProject(options.project)
    .setStack(options.stack)
    .setOrganization(options.organization)
    .setDryrun(options.dryRun)
    .setParallel(options.parallel)
    .setConfigsecretkeysList([...options.configSecretKeys])
    .setSupportedfeaturesList(features.map(([, feature]) => feature));
}

async function registerResource(
  request: resource.RegisterResourceRequest,
  options: MonitorOptions,
  handler: MonitorHandler,
  transforms: Transforms,
): Promise<resource.RegisterResourceResponse> {
  const type = request.getType();
  if (request.getRemote()) refuse(`remote component '${type}'`);
  await transforms.apply(request);
  const provider = request.getCustom() && !isProviderType(type) ? await providerFor(request, handler) : "";
  const goal = goalOf(request, provider, handler.goalOfUrn(request.getParent()));
  const { urn, state, skipped } = await handler.register(goal);
  transforms.remember(urn, request);
  const wire = { secrets: request.getAcceptsecrets(), references: request.getAcceptresources() };
  const id = state.id === "" && isProviderType(type) && options.dryRun ? unknownMarker : state.id;
  const response = new resource.RegisterResourceResponse()
    .setUrn(urn)
    .setId(id)
    .setObject(toStruct(state.outputs ?? (state.custom ? state.inputs : {}), wire));
  if (skipped === true && "setUnknown" in response) response.setUnknown(true);
  return response;
}

async function readResource(
  request: resource.ReadResourceRequest,
  handler: MonitorHandler,
): Promise<resource.ReadResourceResponse> {
  const provider = await providerFor(request, handler);
  const { urn, state } = await handler.read(readGoalOf(request, provider));
  const wire = { secrets: request.getAcceptsecrets(), references: request.getAcceptresources() };
  return new resource.ReadResourceResponse().setUrn(urn).setProperties(toStruct(state.outputs ?? {}, wire));
}

async function invoke(
  request: resource.ResourceInvokeRequest,
  handler: MonitorHandler,
): Promise<resource.ResourceInvokeResponse> {
  const token = request.getTok();
  const plugin = { version: request.getVersion(), url: request.getPlugindownloadurl() };
  const provider =
    request.getProvider() || (await handler.defaultProvider({ type: token, name: "", parent: "", plugin }));
  try {
    const answer = await handler.invoke({ token, args: fromStruct(request.getArgs()), provider });
    return new resource.ResourceInvokeResponse()
      .setReturn(answer.getReturn())
      .setFailuresList(answer.getFailuresList());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`invocation of ${token} returned an error: ${reason}`, { cause: error });
  }
}

async function providerFor(
  request: resource.RegisterResourceRequest | resource.ReadResourceRequest,
  handler: MonitorHandler,
): Promise<string> {
  const given = request.getProvider();
  if (given !== "") return given;
  const plugin = { version: request.getVersion(), url: request.getPlugindownloadurl() };
  return handler.defaultProvider({
    type: request.getType(),
    name: request.getName(),
    parent: request.getParent(),
    plugin,
  });
}

function refuse(what: string): never {
  throw new RpcError(grpc.status.UNIMPLEMENTED, `the test engine does not support ${what}: use the pulumi CLI`);
}
