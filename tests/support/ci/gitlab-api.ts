/** A fake of the GitLab API that the example uses: notes of a merge request, and issues. Other paths return 404. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface GitLabApi extends AsyncDisposable {
  readonly url: string;
  readonly notes: { id: number; author: { id: number }; body: string }[];
  readonly issues: { iid: number; title: string; labels: string; state: "opened" | "closed"; description: string }[];
  /** Method and path of each call. */
  readonly calls: string[];
}

/** The id of the token's user. */
const bot = 77;

/** @param token the only valid token */
export async function startGitLabApi(token: string): Promise<GitLabApi> {
  const { notes, issues, calls }: Pick<GitLabApi, "notes" | "issues" | "calls"> = { notes: [], issues: [], calls: [] };

  /** Returns the response to a call, or undefined for an unknown path. */
  const answer = (call: string, query: URLSearchParams, sent: Record<string, string>): object | undefined => {
    const [, id = ""] = /\/(\d+)$/.exec(call) ?? [];
    const { body = "", description = "", title = "", labels = "" } = sent;
    switch (call.replace(/(notes|issues)\/\d+$/, "$1/ID")) {
      case "GET /user":
        return { id: bot };
      case "GET /projects/12/merge_requests/7/notes":
        return notes;
      case "POST /projects/12/merge_requests/7/notes":
        return notes[notes.push({ id: notes.length + 1, author: { id: bot }, body }) - 1];
      case "PUT /projects/12/merge_requests/7/notes/ID": {
        const note = notes.find((each) => each.id === Number(id));
        return note && Object.assign(note, { body });
      }
      case "GET /projects/12/issues":
        return issues.filter(({ labels, state }) => labels === query.get("labels") && state === query.get("state"));
      case "POST /projects/12/issues":
        return issues[issues.push({ iid: issues.length + 1, title, labels, state: "opened", description }) - 1];
      case "PUT /projects/12/issues/ID": {
        const issue = issues.find(({ iid }) => iid === Number(id));
        return issue && Object.assign(issue, sent["state_event"] === "close" ? { state: "closed" } : { description });
      }
      default:
        return undefined;
    }
  };

  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { pathname, searchParams } = new URL(request.url ?? "", "http://localhost");
      const call = `${request.method} ${pathname}`;
      calls.push(call);
      const allowed = request.headers["private-token"] === token;
      const result = allowed ? answer(call, searchParams, Object.fromEntries(new URLSearchParams(body))) : undefined;
      response.statusCode = !allowed ? 401 : result === undefined ? 404 : 200;
      response.end(JSON.stringify(result ?? { message: "no" }));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    notes,
    issues,
    calls,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
