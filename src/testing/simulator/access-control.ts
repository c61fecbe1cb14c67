// Who may call what: tokens, what they may do, and whether the organisation's plan has warm pools.
import { refusal } from "./connect-codes.js";
import { newSecret } from "./ids.js";

/** What a token may do. */
export type Scope = "full" | "readOnly";

/** The organisation's plan; warm pools are part of Enterprise only. */
export type Plan = "enterprise" | "core";

export class Gate {
  plan: Plan;
  private readonly scopes = new Map<string, Scope>();

  constructor(plan: Plan) {
    this.plan = plan;
  }

  /** Makes a token (or takes the given one) with that scope. */
  issue(scope: Scope, token = newSecret("ona_sim")): string {
    this.scopes.set(token, scope);
    return token;
  }

  /** The token opens nothing any more. */
  revoke(token: string): void {
    this.scopes.delete(token);
  }

  /** Lets a call through or refuses it as the API does. */
  admit(token: string | undefined, call: { rpc: string; readsOnly: boolean }): void {
    const scope = token === undefined ? undefined : this.scopes.get(token);
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
