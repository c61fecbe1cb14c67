/** Which calls a token and the organization's plan allow. */
import { refusal } from "./connect-codes.js";
import { newSecret } from "./ids.js";

/** What a token allows. */
export type Scope = "full" | "readOnly";

/** The organization's plan. Only Enterprise includes warm pools. */
export type Plan = "enterprise" | "core";

/** The tokens and the plan of the organization. */
export class AccessControl {
  plan: Plan;
  readonly #scopes = new Map<string, Scope>();

  constructor(plan: Plan) {
    this.plan = plan;
  }

  /** Issues the given token, or a new one. */
  issue(scope: Scope, token = newSecret("ona_sim")): string {
    this.#scopes.set(token, scope);
    return token;
  }

  /** Makes a token invalid. */
  revoke(token: string): void {
    this.#scopes.delete(token);
  }

  /** Throws the API's error if the token or the plan does not allow the call. */
  authorize(token: string | undefined, call: { rpc: string; readsOnly: boolean }): void {
    const scope = token === undefined ? undefined : this.#scopes.get(token);
    if (scope === undefined) throw refusal("unauthenticated", "invalid or missing token");
    if (scope === "readOnly" && !call.readsOnly) {
      throw refusal("permission_denied", `a read-only token may not call ${call.rpc}`);
    }
    if (this.plan === "core" && call.rpc.includes("WarmPool")) {
      throw refusal("permission_denied", "warm pools are available on the Enterprise plan only");
    }
  }
}

/** The token of an Authorization header. */
export function bearerToken(header: string | null | undefined): string | undefined {
  return /^Bearer +(\S+)$/i.exec(header ?? "")?.[1];
}
