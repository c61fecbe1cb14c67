// A fake of GitHub's `gh`. It stores issues, labels, comments, and the calls it got in the file that FAKE_FORGE names.
// It supports what the workflows use and refuses anything else.
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { raw } from "jq-wasm";

const file = process.env.FAKE_FORGE;
const forge = JSON.parse(readFileSync(file, "utf8"));
const args = process.argv.slice(2);
forge.calls.push(args);
if (!process.env.GH_TOKEN) fail("set GH_TOKEN");

const flags = {
  jq: { type: "string" },
  json: { type: "string" },
  method: { type: "string", default: "GET" },
  field: { type: "string" },
  paginate: { type: "boolean" },
  silent: { type: "boolean" },
  label: { type: "string" },
  state: { type: "string" },
  limit: { type: "string" },
  title: { type: "string" },
  comment: { type: "string" },
  color: { type: "string" },
  description: { type: "string" },
  force: { type: "boolean" },
  "body-file": { type: "string" },
};
const { values, positionals } = parseArgs({ args, options: flags, allowPositionals: true });
const text = (path) => readFileSync(path, "utf8");

switch (positionals.slice(0, positionals[0] === "api" ? 1 : 2).join(" ")) {
  case "api":
    await api(positionals[1]);
    break;
  case "label create":
    forge.labels.push(positionals[2]);
    break;
  case "issue list": {
    const found = forge.issues.filter(({ state, label }) => state === values.state && label === values.label);
    const shown = found.map((issue) => Object.fromEntries(values.json.split(",").map((name) => [name, issue[name]])));
    await print(shown);
    break;
  }
  case "issue create":
    if (!forge.labels.includes(values.label)) fail(`could not add label: '${values.label}' not found`);
    forge.issues.push({
      number: forge.issues.length + 1,
      title: values.title,
      label: values.label,
      state: "open",
      body: text(values["body-file"]),
    });
    break;
  case "issue edit":
    issue(positionals[2]).body = text(values["body-file"]);
    break;
  case "issue close":
    Object.assign(issue(positionals[2]), { state: "closed", comment: values.comment });
    break;
  default:
    fail(`unknown command: ${args.join(" ")}`);
}
writeFileSync(file, JSON.stringify(forge));

async function api(path) {
  const body = values.field?.startsWith("body=@") ? text(values.field.slice("body=@".length)) : undefined;
  const [, , , , id, rest] = path.match(/^repos\/([^/]+)\/([^/]+)\/issues\/(?:(\d+)\/)?comments(?:\/(\d+))?()$/) ?? [];
  if (rest === undefined) fail(`unknown path: ${path}`);
  if (values.method === "PATCH") forge.comments.find((comment) => String(comment.id) === id).body = body;
  else if (values.method === "POST") {
    forge.comments.push({ id: forge.comments.length + 1, user: { login: "github-actions[bot]" }, body });
  } else await print(forge.comments);
}

/** Applies --jq to a result. Like gh, prints strings without quotes. */
async function print(result) {
  const shown = await raw(result, values.jq, ["-r"]);
  if (shown) console.log(shown);
}

function issue(number) {
  const found = forge.issues.find((each) => String(each.number) === number);
  return found ?? fail(`no issue ${number}`);
}

function fail(message) {
  console.error(`gh: ${message}`);
  process.exit(1);
}
