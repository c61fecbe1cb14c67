import { startBench } from "../support/warm-pools";
const cases: [string, string][] = [
  ["no pools", `new ProjectWarmPools("web", { projectId: p })`],
  ["empty pools", `new ProjectWarmPools("web", { projectId: p, pools: {} })`],
  ["null pool", `new ProjectWarmPools("web", { projectId: p, pools: { a: null } })`],
  ["list of pools", `new ProjectWarmPools("web", { projectId: p, pools: [{ environmentClassId: r }] })`],
  ["strange key", `new ProjectWarmPools("web", { projectId: p, pools: { "a b/c::d $x": { environmentClassId: r } }, prebuild: true })`],
  ["prebuild yes", `new ProjectWarmPools("web", { projectId: p, pools: { a: { environmentClassId: r } }, prebuild: "yes" })`],
  ["prebuild typo", `new ProjectWarmPools("web", { projectId: p, pools: { a: { environmentClassId: r } }, prebuild: { timeuot: 1 } })`],
  ["pool typo", `new ProjectWarmPools("web", { projectId: p, pools: { a: { environmentClassId: r, minsize: 1 } } })`],
  ["pool with project", `new ProjectWarmPools("web", { projectId: p, pools: { a: { projectId: "x", environmentClassId: r, minSize: 1 } } })`],
  ["no class", `new ProjectWarmPools("web", { projectId: p, pools: { a: { } }, prebuild: true })`],
  ["same class twice", `new ProjectWarmPools("web", { projectId: p, pools: { a: {environmentClassId: r }, b: {environmentClassId: r } }, prebuild: true })`],
  ["no args", `new ProjectWarmPools("web")`],
  ["pools output", `new ProjectWarmPools("web", { projectId: p, pools: pulumi.output({ a: { environmentClassId: r } }) })`],
  ["prebuild no args", `new Prebuild("web")`],
  ["prebuild output prebuild", `new ProjectWarmPools("web", { projectId: p, pools: { a: { environmentClassId: r } }, prebuild: pulumi.output(true) })`],
  ["provider options", `new ProjectWarmPools("web", { projectId: p, pools: { a: { environmentClassId: r } }, prebuild: true }, { protect: true, retainOnDelete: true, transforms: [({type, props, opts}) => { console.log("T " + type); return { props, opts } }] })`],
];
test("probe", async () => {
  await using bench = await startBench({
    files: {
      "index.js": `
const pulumi = require("@pulumi/pulumi");
const { Prebuild, WarmPool, ProjectWarmPools } = require("pulumi-ona");
const [{code, p, r}] = JSON.parse(require("fs").readFileSync("declared.json", "utf8"));
eval(code);`,
    },
  });
  let all = "";
  for (const [name, code] of cases) {
    bench.declare({ code, p: bench.project, r: bench.regular } as never);
    const r = await bench.stack.preview();
    all += `=== ${name}: ${r.exitCode}\n${r.text}\n`;
  }
  require("fs").writeFileSync("/tmp/team/zz.txt", all);
}, 600000);
