// Declares what PROBE_PROGRAM says, an array of
//   { name, args, opts, phaseOf, secret, component, dependsOn, deletedWith, via, dynamic }   a Thing
//   { provider, args, regionOf, opts }                                                       an explicit provider of that name
//   { call, args, keyOf, secretKey, plain, dependsOn, via }                                  the function getThing, its result under that name
// phaseOf: feeds another's output in as `note`; secret: a secret input of that value; component: the name of a component to be the
// parent; dependsOn and deletedWith: names declared before; via: the explicit provider; dynamic: the dynamic probe in its place;
// regionOf and keyOf: feed an output of another in as `region`, as `key`; secretKey: a secret `key`; plain: the form that returns a promise, not an Output.
const pulumi = require("@pulumi/pulumi");

class Thing extends pulumi.CustomResource {
  constructor(name, args, opts) {
    super("probe:index:Thing", name, { phase: undefined, ...args }, opts);
  }
}
class Provider extends pulumi.ProviderResource {
  constructor(name, { token, ...args }, opts) {
    super(
      "probe",
      name,
      { ...args, ...(token && { token: pulumi.secret(token) }) },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["token"] }),
    );
  }
}

const components = {};
const parent = (name) => (components[name] ??= new pulumi.ComponentResource("probe:index:Group", name));
const made = {};
for (const entry of JSON.parse(process.env.PROBE_PROGRAM)) {
  const {
    name,
    provider,
    call,
    args,
    opts = {},
    phaseOf,
    secret,
    component,
    dependsOn,
    deletedWith,
    via,
    dynamic,
    regionOf,
    keyOf,
    secretKey,
    plain,
  } = entry;
  const inputs = { ...args };
  if (phaseOf) inputs.note = made[phaseOf].phase;
  if (secret) inputs.secret = pulumi.secret(secret);
  if (regionOf) inputs.region = made[regionOf].phase;
  if (keyOf) inputs.key = made[keyOf].phase;
  if (secretKey) inputs.key = pulumi.secret(secretKey);
  const options = { ...opts };
  if (component) options.parent = parent(component);
  if (dependsOn) options.dependsOn = dependsOn.map((n) => made[n]);
  if (deletedWith) options.deletedWith = made[deletedWith];
  if (via) options.provider = made[via];
  if (provider) made[provider] = new Provider(provider, inputs, options);
  else if (call)
    made[call] = pulumi.output(
      pulumi.runtime[plain ? "invoke" : "invokeOutput"]("probe:index:getThing", inputs, options),
    );
  else made[name] = new (dynamic ? require("probe").Probe : Thing)(name, inputs, options);
}
for (const [name, one] of Object.entries(made)) if (one.phase !== undefined) exports[name] = one.phase;
