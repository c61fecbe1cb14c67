// The provider protocol over gRPC: messages in, messages out. What the probe does is in provider.js.
// PROBE_FLAGS, words with commas between: secrets, resources, outputs (accepted), noPreview (supportsPreview false), noHandshake and noDiffConfig (UNIMPLEMENTED),
// noInputs (Read answers no inputs for a resource that is only read), refreshFirst (Create, Read and Update ask for a refresh before the next update).
// PROBE_LOG names a file that gets a JSON line for each Engine.Log call of this plugin.
const fs = require("fs");
const { createRequire } = require("module");
const grpc = require("@grpc/grpc-js");
const engine = require("@pulumi/pulumi/proto/engine_pb");
const { EngineClient } = require("@pulumi/pulumi/proto/engine_grpc_pb");
const plugin = require("@pulumi/pulumi/proto/plugin_pb");
const messages = require("@pulumi/pulumi/proto/provider_pb");
const { ResourceProviderService } = require("@pulumi/pulumi/proto/provider_grpc_pb");
const { Status } = require("@pulumi/pulumi/proto/status_pb");
const probe = require("./provider.js");

// The copy of google-protobuf that the SDK's messages use.
const sdk = createRequire(require.resolve("@pulumi/pulumi/package.json"));
const { Any } = sdk("google-protobuf/google/protobuf/any_pb.js");
const { Empty } = sdk("google-protobuf/google/protobuf/empty_pb.js");
const { Struct } = sdk("google-protobuf/google/protobuf/struct_pb.js");

const flags = new Set((process.env.PROBE_FLAGS ?? "").split(","));
const object = (struct) => struct?.toJavaScript();
const struct = (properties) =>
  Struct.fromJavaScript(Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)));

/** Words for people, by the engine's log: stdout and stderr of a plugin are not shown. */
class Log {
  #client;
  #last = Promise.resolve();

  connect(address) {
    if (this.#client !== undefined || !address) return;
    this.#client = new EngineClient(address, grpc.credentials.createInsecure());
    this.#watch();
  }

  say(severity, message, urn, ephemeral) {
    if (process.env.PROBE_LOG)
      fs.appendFileSync(process.env.PROBE_LOG, JSON.stringify({ severity, message, urn, ephemeral }) + "\n");
    const request = new engine.LogRequest();
    request.setSeverity(engine.LogSeverity[severity]);
    request.setMessage(message);
    request.setUrn(urn);
    request.setEphemeral(ephemeral);
    // One after the other: the engine keeps no order among calls that run side by side.
    this.#last = this.#last.then(() => new Promise((resolve) => this.#client.log(request, resolve)));
  }

  /** Until the engine has heard it all: what comes after the answer to a call may come too late. */
  heard() {
    return this.#last;
  }

  /** Ends with its engine: one that was killed would leave this process behind. */
  #watch() {
    this.#client.waitForReady(Date.now() + 10_000, (error) => {
      if (error) process.exit(1);
      this.#client.getChannel().watchConnectivityState(grpc.connectivityState.READY, Infinity, () => this.#watch());
    });
  }
}

const log = new Log();
const voice =
  (request) =>
  (severity, message, { ephemeral = false, urn = request.getUrn() } = {}) =>
    log.say(severity, message, urn, ephemeral);

/** A method: what `handle` answers or throws, after its words were heard. */
const method =
  (handle) =>
  async ({ request }, callback) => {
    try {
      const response = await handle(request);
      await log.heard();
      callback(null, response);
    } catch (error) {
      await log.heard();
      callback(asStatus(error));
    }
  };
const unimplemented = (_call, callback) =>
  callback({ code: grpc.status.UNIMPLEMENTED, details: "not implemented by the probe" });

const methods = {
  handshake: flags.has("noHandshake")
    ? unimplemented
    : method((request) => {
        log.connect(request.getEngineAddress());
        const response = new messages.ProviderHandshakeResponse();
        response.setAcceptSecrets(flags.has("secrets"));
        response.setAcceptResources(flags.has("resources"));
        response.setAcceptOutputs(flags.has("outputs"));
        return response;
      }),
  attach: method((request) => {
    log.connect(request.getAddress());
    return new Empty();
  }),
  getPluginInfo: method(() => {
    const response = new plugin.PluginInfo();
    response.setVersion("1.0.0");
    return response;
  }),
  getSchema: method(() => {
    const response = new messages.GetSchemaResponse();
    response.setSchema(fs.readFileSync(`${__dirname}/schema.json`, "utf8"));
    return response;
  }),
  checkConfig: method((request) => {
    const response = checked(
      object(request.getNews()),
      probe.checkConfig(object(request.getOlds()) ?? {}, object(request.getNews())),
    );
    response.setInputs(request.getNews()); // as they came, marks and all
    return response;
  }),
  diffConfig: flags.has("noDiffConfig")
    ? unimplemented
    : method((request) =>
        diffed({
          ...probe.diffConfig(object(request.getOldInputs()) ?? {}, object(request.getNews())),
          detailed: true,
        }),
      ),
  configure: method(() => {
    const response = new messages.ConfigureResponse();
    response.setAcceptsecrets(flags.has("secrets"));
    response.setAcceptresources(flags.has("resources"));
    response.setAcceptoutputs(flags.has("outputs"));
    response.setSupportspreview(!flags.has("noPreview"));
    return response;
  }),
  check: method((request) => {
    const { inputs, failures } = probe.check(object(request.getNews()));
    return checked(inputs, failures);
  }),
  diff: method((request) =>
    diffed(probe.diff(object(request.getOlds()), object(request.getOldInputs()) ?? {}, object(request.getNews()))),
  ),
  create: method(async (request) => {
    const { id, properties } = await probe.create(
      object(request.getProperties()),
      request.getPreview(),
      voice(request),
    );
    const response = new messages.CreateResponse();
    response.setId(id);
    response.setProperties(struct(properties));
    response.setRefreshBeforeUpdate(flags.has("refreshFirst"));
    return response;
  }),
  read: method((request) => {
    const found = probe.read(
      request.getId(),
      object(request.getProperties()),
      object(request.getInputs()),
      !flags.has("noInputs"),
    );
    const response = new messages.ReadResponse();
    if (found === undefined) return response;
    response.setId(request.getId());
    response.setProperties(struct(found.properties));
    response.setInputs(struct(found.inputs));
    response.setRefreshBeforeUpdate(flags.has("refreshFirst"));
    return response;
  }),
  update: method(async (request) => {
    const properties = await probe.update(
      request.getId(),
      object(request.getOlds()),
      object(request.getNews()),
      request.getPreview(),
      voice(request),
    );
    const response = new messages.UpdateResponse();
    response.setProperties(struct(properties));
    response.setRefreshBeforeUpdate(flags.has("refreshFirst"));
    return response;
  }),
  delete: method(async (request) => {
    await probe.delete(object(request.getProperties()), voice(request));
    return new Empty();
  }),
  invoke: method((request) => {
    const response = new messages.InvokeResponse();
    const { result, failures } = probe.getThing(object(request.getArgs()) ?? {});
    if (result !== undefined) response.setReturn(struct(result));
    response.setFailuresList(failures.map(failure));
    return response;
  }),
  cancel: method(() => {
    probe.cancel();
    return new Empty();
  }),
};
for (const name of Object.keys(ResourceProviderService)) methods[name] ??= unimplemented;

function failure({ property, reason }) {
  const message = new messages.CheckFailure();
  message.setProperty(property);
  message.setReason(reason);
  return message;
}

function checked(inputs, failures) {
  const response = new messages.CheckResponse();
  response.setInputs(struct(inputs));
  response.setFailuresList(failures.map(failure));
  return response;
}

function diffed({ changes, detailed, deleteBeforeReplace = false }) {
  const { DIFF_UNKNOWN, DIFF_NONE, DIFF_SOME } = messages.DiffResponse.DiffChanges;
  const response = new messages.DiffResponse();
  response.setDeletebeforereplace(deleteBeforeReplace);
  response.setChanges(changes === undefined ? DIFF_UNKNOWN : Object.keys(changes).length === 0 ? DIFF_NONE : DIFF_SOME);
  if (changes === undefined) return response;
  response.setDiffsList(Object.keys(changes));
  response.setReplacesList(Object.keys(changes).filter((name) => changes[name].replaces));
  response.setHasdetaileddiff(detailed);
  if (detailed)
    for (const [name, { kind, replaces, output = false }] of Object.entries(changes)) {
      const property = new messages.PropertyDiff();
      property.setKind(messages.PropertyDiff.Kind[replaces ? `${kind}_REPLACE` : kind]);
      property.setInputdiff(!output);
      response.getDetaileddiffMap().set(name, property);
    }
  return response;
}

/** A status as the engine wants it: a partial failure carries what is left behind. */
function asStatus(error) {
  const code = grpc.status.UNKNOWN;
  if (!(error instanceof probe.Partial)) return { code, details: error.message };
  const failed = new messages.ErrorResourceInitFailed();
  failed.setId(error.id);
  failed.setProperties(struct(error.properties));
  if (error.inputs !== undefined) failed.setInputs(struct(error.inputs));
  failed.setReasonsList(error.reasons);
  const detail = new Any();
  detail.pack(failed.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const status = new Status();
  status.setCode(code);
  status.setMessage(error.message);
  status.addDetails(detail);
  const metadata = new grpc.Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  return { code, details: error.message, metadata };
}

exports.start = (engineAddress) => {
  log.connect(engineAddress);
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(ResourceProviderService, methods);
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    process.stdout.write(`${port}\n`);
  });
};
