/** Runs the transforms of a program: callbacks that its process serves. */
import { CallbacksClient } from "@pulumi/pulumi/proto/callback_grpc_pb";
import { CallbackInvokeRequest, type Callback, type CallbackInvokeResponse } from "@pulumi/pulumi/proto/callback_pb";
import * as resource from "@pulumi/pulumi/proto/resource_pb";
import { clientOptions, grpc, RpcError } from "./grpc.js";

export class Transforms {
  readonly #ofStack: Callback[] = [];
  readonly #ofResources = new Map<string, { readonly parent: string; readonly transforms: readonly Callback[] }>();
  readonly #clients = new Map<string, CallbacksClient>();

  /** Registers a transform of the stack. It runs after those of a resource and of its parents. */
  addToStack(transform: Callback): void {
    this.#ofStack.push(transform);
  }

  /** Remembers the transforms of a resource for its children. */
  remember(urn: string, request: resource.RegisterResourceRequest): void {
    this.#ofResources.set(urn, { parent: request.getParent(), transforms: request.getTransformsList() });
  }

  /** Changes a registration as its transforms say. */
  async apply(request: resource.RegisterResourceRequest): Promise<void> {
    const transforms = [...request.getTransformsList()];
    for (let urn = request.getParent(); urn !== "";) {
      const parent = this.#ofResources.get(urn);
      transforms.push(...(parent?.transforms ?? []));
      urn = parent?.parent ?? "";
    }
    for (const transform of [...transforms, ...this.#ofStack]) await this.#run(transform, request);
  }

  async #run(transform: Callback, request: resource.RegisterResourceRequest): Promise<void> {
    const question = new resource.TransformRequest()
      .setType(request.getType())
      .setName(request.getName())
      .setCustom(request.getCustom())
      .setParent(request.getParent())
      .setProperties(request.getObject())
      .setOptions(optionsOf(request));
    const answer = await this.#call(transform, question.serializeBinary());
    const response = resource.TransformResponse.deserializeBinary(answer.getResponse_asU8());
    if (response.hasProperties()) request.setObject(response.getProperties());
    const options = response.getOptions();
    if (options !== undefined) setOptions(request, options);
  }

  #call(callback: Callback, request: Uint8Array): Promise<CallbackInvokeResponse> {
    const client = this.#clientOf(callback.getTarget());
    return new Promise((resolve, reject) => {
      client.invoke(
        new CallbackInvokeRequest().setToken(callback.getToken()).setRequest(request),
        (error, response) => {
          if (error === null) resolve(response);
          else reject(new RpcError(grpc.status.UNKNOWN, error.details));
        },
      );
    });
  }

  #clientOf(target: string): CallbacksClient {
    const { credentials, options } = clientOptions;
    const client = this.#clients.get(target) ?? new CallbacksClient(target, credentials, options);
    this.#clients.set(target, client);
    return client;
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
  }
}

function optionsOf(request: resource.RegisterResourceRequest): resource.TransformResourceOptions {
  const options = new resource.TransformResourceOptions()
    .setDependsOnList(request.getDependenciesList())
    .setIgnoreChangesList(request.getIgnorechangesList())
    .setReplaceOnChangesList(request.getReplaceonchangesList())
    .setVersion(request.getVersion())
    .setAliasesList(request.getAliasesList())
    .setProvider(request.getProvider())
    .setCustomTimeouts(request.getCustomtimeouts())
    .setDeletedWith(request.getDeletedwith())
    .setAdditionalSecretOutputsList(request.getAdditionalsecretoutputsList())
    .setImport(request.getImportid());
  if (request.hasProtect()) options.setProtect(request.getProtect() ?? false);
  if (request.hasRetainondelete()) options.setRetainOnDelete(request.getRetainondelete() ?? false);
  if (request.getDeletebeforereplacedefined()) options.setDeleteBeforeReplace(request.getDeletebeforereplace());
  // Older SDKs lack these.
  options.setReplaceWithList?.(request.getReplaceWithList?.() ?? []);
  options.setHideDiffList?.(request.getHidediffsList?.() ?? []);
  options.setReplacementTrigger?.(request.getReplacementTrigger?.());
  return options;
}

function setOptions(request: resource.RegisterResourceRequest, options: resource.TransformResourceOptions): void {
  request
    .setDependenciesList(options.getDependsOnList())
    .setIgnorechangesList(options.getIgnoreChangesList())
    .setReplaceonchangesList(options.getReplaceOnChangesList())
    .setVersion(options.getVersion())
    .setAliasesList(options.getAliasesList())
    .setProvider(options.getProvider())
    .setCustomtimeouts(options.getCustomTimeouts())
    .setDeletedwith(options.getDeletedWith())
    .setAdditionalsecretoutputsList(options.getAdditionalSecretOutputsList())
    .setImportid(options.getImport())
    .setDeletebeforereplacedefined(options.hasDeleteBeforeReplace())
    .setDeletebeforereplace(options.getDeleteBeforeReplace() ?? false);
  if (options.hasProtect()) request.setProtect(options.getProtect() ?? false);
  else request.clearProtect();
  if (options.hasRetainOnDelete()) request.setRetainondelete(options.getRetainOnDelete() ?? false);
  else request.clearRetainondelete();
  request.setReplaceWithList?.(options.getReplaceWithList?.() ?? []);
  request.setHidediffsList?.(options.getHideDiffList?.() ?? []);
  request.setReplacementTrigger?.(options.getReplacementTrigger?.());
}
