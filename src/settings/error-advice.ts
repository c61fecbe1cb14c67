/**
 * What to do about a failed call. Who made it decides which settings it can have come from, and which commands help.
 */
import type { ConnectCode, OnaErrorFacts } from "../client/errors.js";
import { formatDuration } from "../util/duration.js";
import type { Setting, SettingNames } from "./connections.js";
import { type Caller, describeConfigUse } from "./sources.js";

/** The setting or variable that each setting came from. */
type SettingSources = Readonly<Record<Setting, string | undefined>>;

/**
 * Returns advice on a failed call, without a period at the end. It is empty if there is none.
 * @param names the settings that the call was made with
 * @param sources the settings or variables that the token and the address came from. Undefined if there is none
 */
export function adviseOn(
  facts: OnaErrorFacts,
  caller: Caller,
  names: SettingNames & { readonly requestTimeout: string },
  sources: SettingSources,
): string {
  const { rpc, origin, code, httpStatus, retry, isPage, proxy } = facts;
  const isLog = rpc === "PrebuildLogs";
  const baseUrl = nameBaseUrl(caller, names.baseUrl, sources.baseUrl);
  const address = isLog ? "the address of the log" : baseUrl;
  // Users who change the config expect every command to see it.
  const withConfigUse = (advice: string, isInConfig = !isLog && sources.baseUrl === names.baseUrl.config) =>
    [advice, ...(isInConfig ? describeConfigUse(caller) : [])].join(". ");
  switch (origin) {
    case "redirect":
      return isLog
        ? "The log's token is only sent to the address that the API returned"
        : withConfigUse(
            `If a proxy wants users to log in (SSO), let calls to the API through. If the API has moved, set ${baseUrl} to its new address`,
          );
    case "network":
      return withConfigUse(
        proxy === undefined
          ? `Check ${address} and the network in between`
          : `Check the proxy in ${proxy}, ${address} and the network in between`,
      );
    case "certificate":
      return withConfigUse(
        `If your network has its own certificate authority, set NODE_EXTRA_CA_CERTS to its file. Otherwise check ${address}`,
      );
    case "timeout":
      return caller === "cli" ? "Try again" : withConfigUse(`Try again, or raise ${names.requestTimeout}`, true);
    case "unreadable":
      return isPage === true
        ? withConfigUse(
            `This is not from the API. Check ${baseUrl}, which usually ends in /api, and whether a proxy or the network wants users to log in`,
          )
        : "";
    case "cancelled":
      return "";
    case "http":
    case "api":
  }
  const isProxy = origin === "http";
  if (isProxy && httpStatus === 407)
    return `The proxy requires authentication. Add credentials to the proxy URL: \`${proxy ?? "HTTPS_PROXY"}=http://user:password@host:port\``;
  if (retry?.kind === "after" && (isProxy || code === "resource_exhausted")) {
    const server = isProxy ? "The proxy or gateway in between" : isLog ? "The log server" : "The API";
    return `${server} asks to wait ${formatDuration(retry.milliseconds)} before the next try`;
  }
  if (isLog) {
    const isRefused = code === "unauthenticated" || code === "permission_denied";
    return isRefused ? "The log's token has expired, or is not valid for this log" : "";
  }
  if (isProxy && httpStatus === 404)
    return withConfigUse(`This is not the API's answer about the object. Check ${baseUrl}, which usually ends in /api`);
  if (isProxy && httpStatus === 405)
    return withConfigUse(
      `This address does not accept API calls, and nothing was changed. Check ${baseUrl}, which usually ends in /api`,
    );
  if (isProxy && httpStatus === 429) return "A proxy or gateway in between limits requests: try again later";
  if (rpc === "ListProjects" || rpc === "ListEnvironmentClasses") {
    if (code === "permission_denied") return "The token may not read names. Use ids instead";
    if (code === "unimplemented")
      return withConfigUse(`Use ids instead of names, or check that ${baseUrl} is the address of an Ona API`);
  }
  const byCode: Partial<Record<ConnectCode, string>> = {
    unauthenticated: adviseOnToken(caller, names.apiKey, sources.apiKey),
    permission_denied:
      "The token may be read-only or lack access to the project, or the organization's plan may not include this (warm pools need Enterprise)",
    resource_exhausted: "This is a quota, not a rate limit: release something, or have the quota raised",
    unavailable: "The API may be down or busy: try again",
    unimplemented: withConfigUse(`Check that ${baseUrl} is the address of an Ona API that supports this call`),
    failed_precondition:
      "Check that prebuilds are enabled for the project and that its prebuild configuration contains the environment class",
    not_found:
      rpc === "GetPrebuild" || rpc === "CreatePrebuildLogsToken"
        ? "The API removes each prebuild after seven days"
        : rpc === "CreatePrebuild" || rpc === "CreateWarmPool"
          ? "Check projectId and environmentClassId, and that the token belongs to their organization"
          : "",
  };
  return byCode[code] ?? "";
}

function adviseOnToken(caller: Caller, names: SettingNames["apiKey"], source = names.variable): string {
  const replace = `Replace the token in ${source}: it is unknown, expired or revoked`;
  return [replace, ...(source === names.config || caller === "cli" ? describeConfigUse(caller) : [])].join(". ");
}

/** Names the place of the address. Config wins over the environment, so a variable would not change one in config. */
function nameBaseUrl(caller: Caller, names: SettingNames["baseUrl"], source: string | undefined): string {
  if (caller === "cli") return names.variable;
  return source === names.config ? names.config : `${names.config} (or ${names.variable})`;
}
