/**
 * What to do about a failed call. Who made it decides which settings it can have come from, and which commands help.
 */
import type { ConnectCode, OnaErrorFacts } from "../client/errors.js";
import { formatDuration } from "../util/duration.js";
import type { SettingNames } from "./connections.js";
import { type Caller, describeConfigUse } from "./sources.js";

/**
 * Returns advice on a failed call, without a period at the end. It is empty if there is none.
 * @param names the settings that the call was made with
 * @param tokenSource the setting or variable that the token came from. Undefined if there is none
 */
export function adviseOn(
  facts: OnaErrorFacts,
  caller: Caller,
  names: SettingNames,
  tokenSource: string | undefined,
): string {
  const { rpc, origin, code, httpStatus, retry, isPage } = facts;
  const isLog = rpc === "PrebuildLogs";
  const baseUrl = caller === "cli" ? names.baseUrl.variable : `${names.baseUrl.config} (or ${names.baseUrl.variable})`;
  const address = isLog ? "the address of the log" : baseUrl;
  switch (origin) {
    case "redirect":
      return isLog
        ? "The log's token is only sent to the address that the API returned"
        : `If the API has moved, set ${baseUrl} to its new address. If a proxy wants users to log in (SSO), let calls to the API through`;
    case "network":
      return `Check ${address} and the network in between`;
    case "certificate":
      return `If your network has its own certificate authority, set NODE_EXTRA_CA_CERTS to its file. Otherwise check ${address}`;
    case "timeout":
      return caller === "cli" ? "Try again" : "Try again, or raise ona:requestTimeout";
    case "unreadable":
      return isPage === true
        ? `This is not from the API. Check ${baseUrl}, which usually ends in /api, and whether a proxy or the network wants users to log in`
        : "";
    case "cancelled":
      return "";
    case "http":
    case "api":
  }
  const isProxy = origin === "http";
  if (isProxy && httpStatus === 407)
    return "The proxy requires authentication. Add credentials to the proxy URL: `HTTPS_PROXY=http://user:password@host:port`";
  if (retry?.kind === "after" && (isProxy || code === "resource_exhausted")) {
    const server = isProxy ? "The proxy or gateway in between" : isLog ? "The log server" : "The API";
    return `${server} asks to wait ${formatDuration(retry.milliseconds)} before the next try`;
  }
  if (isLog) {
    const isRefused = code === "unauthenticated" || code === "permission_denied";
    return isRefused ? "The log's token has expired, or is not valid for this log" : "";
  }
  if (isProxy && httpStatus === 404)
    return `This is not the API's answer about the object. Check ${baseUrl}, which usually ends in /api`;
  if (isProxy && httpStatus === 405)
    return `This address does not accept API calls, and nothing was changed. Check ${baseUrl}, which usually ends in /api`;
  if (isProxy && httpStatus === 429) return "A proxy or gateway in between limits requests: try again later";
  const byCode: Partial<Record<ConnectCode, string>> = {
    unauthenticated: adviseOnToken(caller, names.apiKey, tokenSource),
    permission_denied:
      "The token may be read-only or lack access to the project, or the organization's plan may not include this (warm pools need Enterprise)",
    resource_exhausted: "This is a quota, not a rate limit: release something, or have the quota raised",
    unavailable: "The API may be down or busy: try again",
    unimplemented: `Check that ${baseUrl} is the address of an Ona API that supports this call`,
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

function adviseOnToken(caller: Caller, { config, variable }: SettingNames["apiKey"], source?: string): string {
  const place = source ?? (caller === "cli" ? variable : `${config} or ${variable}`);
  const replace = `Replace the token in ${place}: it is unknown, expired or revoked`;
  return [replace, ...describeConfigUse(caller)].join(". ");
}
