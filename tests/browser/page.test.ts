// Tests the simulator's page in a real browser: it shows pools and prebuilds live, its levers work, and all of it can be
// used with the keyboard, a screen reader, and on a narrow screen.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type BrowserContext, type Page } from "playwright-core";
import { startSimulator, type Simulator } from "../../src/testing/simulator/index.js";
import { rpcNames } from "../../src/testing/simulator/rpc-names.js";

const executablePath = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
const profile = mkdtempSync(join(tmpdir(), "pulumi-ona-browser-"));
let browser: BrowserContext;
let simulator: Simulator;
let page: Page;
const problems: string[] = [];

beforeAll(async () => {
  if (!existsSync(executablePath)) {
    throw new Error(`There is no browser at ${executablePath}. Install chromium or set CHROMIUM_PATH.`);
  }
  browser = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    viewport: { width: 1200, height: 1000 },
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
    ],
  });
});

afterAll(async () => {
  await browser?.close();
  rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
});

beforeEach(async () => {
  problems.length = 0;
  simulator = await startSimulator();
  page = await browser.newPage();
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  await page.goto(`${simulator.origin}/`);
});

afterEach(async () => {
  await page.close();
  await simulator.close();
});

const firstPair = () => {
  const project = simulator.projects[0];
  const environmentClassId = project?.environmentClassIds[0];
  if (project === undefined || environmentClassId === undefined) throw new Error("the simulator has no project");
  return { projectId: project.id, environmentClassId };
};

const card = (id: string) => page.locator(`[data-id="${id}"]`);

/** The label or text of what has the focus. */
const focused = () => page.evaluate<string>("document.activeElement.ariaLabel ?? document.activeElement.textContent");

/** Waits until the page shows a state that it read after this call. */
async function refreshed() {
  for (let count = 0; count < 3; count++) await page.waitForResponse(`${simulator.origin}/_simulator/state`);
}

test("the page shows a pool that a program creates, its phases, and its sizes", async () => {
  const pool = simulator.createPool({ ...firstPair(), minSize: 2, maxSize: 3 });
  await card(pool.id).getByText("PENDING").waitFor();
  await page.getByRole("button", { name: "+10 s" }).click();
  await card(pool.id).getByText("READY").waitFor();
  await card(pool.id).getByText("running 2").waitFor();
  await card(pool.id).getByText("stopped 1").waitFor();
  await card(pool.id).getByText("min–max 2–3").waitFor();
  expect(problems).toEqual([]);
});

test("the page's levers create, resize, degrade, recover, and drain a pool", async () => {
  await page.getByLabel("max", { exact: true }).fill("4");
  await page.getByRole("button", { name: "Create pool" }).click();
  await page.locator("#pools").getByText("storefront / regular").waitFor();
  const pool = simulator.pools[0];
  if (pool === undefined) throw new Error("no pool was created");
  expect(pool).toMatchObject({ ...firstPair(), minSize: 1, maxSize: 4 });
  simulator.clock.advance(3_000);
  await card(pool.id).getByText("READY").waitFor();
  await card(pool.id).getByRole("button", { name: "Larger" }).click();
  await card(pool.id).getByText("min–max 1–5").waitFor();
  await card(pool.id).getByRole("button", { name: "Degrade" }).click();
  await card(pool.id).getByText("the runner could not start instances").waitFor();
  await card(pool.id).getByRole("button", { name: "Recover" }).click();
  await card(pool.id).getByText("READY").waitFor();
  await card(pool.id).getByRole("button", { name: "Drain" }).click();
  await card(pool.id).getByText("DELETING").waitFor();
  await page.getByRole("button", { name: "+10 s" }).click();
  await card(pool.id).getByText("DELETED").waitFor();
  expect(pool).toMatchObject({ phase: "DELETED", maxSize: 5 });
  expect(problems).toEqual([]);
});

test("the page starts a prebuild that fails and shows the reason", async () => {
  await page.getByLabel("How the new prebuild ends").selectOption("failed");
  await page.getByRole("button", { name: "Start prebuild" }).click();
  await page.locator("#prebuilds").getByText("PENDING").waitFor();
  await page.getByRole("button", { name: "+1 min" }).click();
  await page.locator("#prebuilds").getByText("the prebuild task failed").waitFor();
  expect(simulator.prebuilds.at(-1)).toMatchObject({ phase: "FAILED", triggeredBy: "MANUAL" });
  expect(problems).toEqual([]);
});

test("the page shows each call with its response and can make the next call fail", async () => {
  const list = () =>
    fetch(`${simulator.url}/gitpod.v1.PrebuildService/ListWarmPools`, {
      method: "POST",
      headers: { Authorization: `Bearer ${simulator.token}`, "Content-Type": "application/json" },
      body: "{}",
    });
  expect((await list()).status).toBe(200);
  await page.locator("#requests").getByText("ListWarmPools").waitFor();
  await page.getByLabel("RPC to fail").selectOption("ListWarmPools");
  await page.getByRole("button", { name: "Fail the next call" }).click();
  await page.getByText("Fault for ListWarmPools: error: code: unavailable").waitFor();
  expect((await list()).status).toBe(503);
  await page.locator("#requests").getByText("503 unavailable").waitFor();
  await page.getByText("Fault for ListWarmPools").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Fail the next call" }).click();
  await page.getByRole("button", { name: "Remove the fault of ListWarmPools" }).click();
  await page.getByText("Fault for ListWarmPools").waitFor({ state: "detached" });
  expect((await list()).status).toBe(200);
  expect(problems).toEqual([]);
});

test("the page shows the API's error when it refuses an action", async () => {
  simulator.createPool(firstPair());
  await page.getByRole("button", { name: "Create pool" }).click();
  const message = "a warm pool of project storefront and environment class regular already exists";
  await page.getByRole("status").getByText(message).waitFor();
  expect(simulator.pools).toHaveLength(1);
  await page.getByRole("button", { name: "Close" }).click();
  await page.getByText(message).waitFor({ state: "detached" });
});

test("the page shows markup in a name as text", async () => {
  await simulator.close();
  simulator = await startSimulator({ projects: [{ name: "<img src=x onerror=alert(1)>" }] });
  simulator.createPool(firstPair());
  await page.goto(`${simulator.origin}/`);
  await page.locator("#pools").getByText("<img src=x onerror=alert(1)>").waitFor();
  expect(await page.locator("img").count()).toBe(0);
});

test("the chart of a pool shows each size of the last 30 minutes, also those before the page was open", async () => {
  const pool = simulator.createPool({ ...firstPair(), minSize: 1, maxSize: 3 });
  simulator.clock.advance(600_000);
  const chart = card(pool.id).getByRole("img");
  await card(pool.id).getByText("10 min ago").waitFor();
  expect(await chart.getAttribute("aria-label")).toBe("Sizes of the last 10 min: 0 to 3 running, 0 to 3 desired");
  const steps = async (line: string) => (await chart.locator(`path.${line}`).getAttribute("d"))?.split("V").length ?? 0;
  expect(await steps("desired")).toBeGreaterThan(9);
  await page.getByRole("button", { name: "+1 d" }).click();
  await card(pool.id).getByText("30 min ago").waitFor();
  expect(await chart.getAttribute("aria-label")).toBe("Sizes of the last 30 min: 1 to 3 running, 1 to 3 desired");
  expect(await steps("running")).toBeGreaterThan(25);
});

test("the page offers to fail every call, and reads only requests that are new or had no response", async () => {
  const offered = await page.getByLabel("RPC to fail").locator("option").allTextContents();
  expect(offered.toSorted()).toEqual([...rpcNames, "PrebuildLogs"].toSorted());
  const read: string[] = [];
  page.on("request", (request) => read.push(request.url().replace(/.*_simulator/, "")));
  const get = () =>
    fetch(`${simulator.url}/gitpod.v1.ProjectService/ListProjects`, {
      method: "POST",
      headers: { Authorization: `Bearer ${simulator.token}`, "Content-Type": "application/json" },
      body: "{}",
    });
  for (let count = 0; count < 60; count++) await get();
  simulator.fault({ rpc: "ListProjects", hang: "before" });
  void get().catch(() => undefined);
  await page.locator('#requests > li[data-id="60"]').waitFor();
  await get();
  await page.locator('#requests > li[data-id="61"]').waitFor();
  expect(await page.locator("#requests > li").count()).toBe(50);
  expect(await page.locator("#request-count").textContent()).toBe("62");
  read.length = 0;
  await refreshed();
  expect(read).toContain("/requests/60");
  simulator.clearRequests();
  await page.locator("#requests > li").first().waitFor({ state: "detached" });
  await get();
  await page.locator('#requests > li[data-id="62"]').waitFor();
  // The page may have read the request before its response.
  await refreshed();
  read.length = 0;
  await refreshed();
  expect(new Set(read)).toEqual(new Set(["/state", "/requests/63"]));
  expect(problems).toEqual([]);
});

test("the requests show names in place of ids and open to the whole message", async () => {
  const pool = simulator.createPool(firstPair());
  const get = () =>
    fetch(`${simulator.url}/gitpod.v1.PrebuildService/GetWarmPool`, {
      method: "POST",
      headers: { Authorization: `Bearer ${simulator.token}`, "Content-Type": "application/json" },
      body: JSON.stringify({ warmPoolId: pool.id }),
    });
  await get();
  const row = page.locator("#requests > li").last();
  await row.getByText('{"warmPoolId":"storefront / regular"}').click();
  await row.getByText(pool.id).waitFor();
  await get();
  await page.locator("#requests > li").nth(1).waitFor();
  expect(await row.getByText(pool.id).isVisible()).toBe(true);
});

test("the levers work with the keyboard, and the focus stays where it was", async () => {
  const pool = simulator.createPool({ ...firstPair(), minSize: 1, maxSize: 2 });
  await card(pool.id).waitFor();
  const order: unknown[] = [];
  for (let stop = 0; stop < 12; stop++) {
    await page.keyboard.press("Tab");
    order.push(await focused());
    expect(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")).toBe("solid");
  }
  expect(order.slice(0, 7)).toEqual(["+10 s", "+1 min", "+1 h", "+1 d", "Warm pools 1", "Prebuilds 4", "Requests 0"]);
  expect(order.at(-1)).toBe("Smaller");
  await page.keyboard.press("Tab");
  expect(await focused()).toBe("Larger");
  await page.keyboard.press("Enter");
  await card(pool.id).getByText("min–max 1–3").waitFor();
  await page.keyboard.press("Space");
  await card(pool.id).getByText("min–max 1–4").waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await card(pool.id).getByText("the runner could not start instances").waitFor();
  expect(await focused()).toBe("Recover");
  // The pool changes by itself, and another one appears before it.
  const other = { ...firstPair(), environmentClassId: simulator.projects[0]?.environmentClassIds[1] ?? "" };
  await card(simulator.createPool(other).id).waitFor();
  simulator.clock.advance(60_000);
  await refreshed();
  expect(await focused()).toBe("Recover");
  for (let stop = 0; stop < 3; stop++) await page.keyboard.press("Tab");
  expect(await focused()).toBe("Remove");
  await page.keyboard.press("Enter");
  await card(pool.id).getByText("DELETED").waitFor();
  expect(await page.evaluate("document.activeElement.dataset.id")).toBe(pool.id);
  expect(problems).toEqual([]);
});

test("only the user's own actions are announced, with the names of what they changed", async () => {
  const pool = simulator.createPool(firstPair());
  await card(pool.id).waitFor();
  simulator.clock.advance(60_000);
  await card(pool.id).getByText("READY").waitFor();
  expect(await page.getByRole("status").textContent()).toBe("");
  await card(pool.id).getByRole("button", { name: "Larger" }).click();
  await page.getByRole("status").getByText("Larger: storefront / regular").waitFor();
});

test("the page says when the simulator has stopped, until it is back", async () => {
  const port = Number(new URL(simulator.origin).port);
  await simulator.close();
  const message = page.getByRole("status").and(page.getByText("The simulator doesn't respond."));
  await message.waitFor();
  simulator = await startSimulator({ port });
  await message.waitFor({ state: "detached" });
});

test.each([
  ["light", 1200],
  ["dark", 1200],
  ["light", 360],
  ["dark", 360],
] as const)("the page is accessible in the %s color scheme at %i pixels", async (colorScheme, width) => {
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize({ width, height: 800 });
  const [project] = simulator.projects;
  const pair = (index: number) => ({ ...firstPair(), environmentClassId: project?.environmentClassIds[index] ?? "" });
  const failed = simulator.createPool(pair(0));
  const deleted = simulator.createPool(pair(1));
  simulator.clock.advance(300_000);
  simulator.degrade(failed.id);
  simulator.remove(deleted.id);
  simulator.createPool(pair(1));
  simulator.nextPrebuild({ end: "failed" });
  for (const index of [0, 1]) simulator.createPrebuild(pair(index));
  simulator.clock.advance(13_000);
  simulator.cancelPrebuild(simulator.createPrebuild(pair(0)).id);
  simulator.createPrebuild(pair(1));
  for (const token of [simulator.token, "wrong"]) {
    await fetch(`${simulator.url}/gitpod.v1.PrebuildService/ListWarmPools`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: "{}",
    });
  }
  simulator.fault({ rpc: "GetWarmPool", error: { code: "internal" } });
  await page.getByRole("button", { name: "Create pool" }).click();
  await page.getByRole("status").getByText("already exists").waitFor();
  await page.locator("#requests summary").first().click();
  await page.evaluate(readFileSync(require.resolve("axe-core/axe.min.js"), "utf8"));
  const rules = JSON.stringify(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]);
  const { violations } = await page.evaluate<{ violations: unknown[] }>(`axe.run({ runOnly: ${rules} })`);
  expect(violations).toEqual([]);
  expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
  // Nothing moves, so there is nothing to reduce for those who prefer that.
  expect(await page.evaluate("document.getAnimations().length")).toBe(0);
});
