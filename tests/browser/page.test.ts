// Tests the simulator's page in a real browser: it shows pools and prebuilds live, and its levers work.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type BrowserContext, type Page } from "playwright-core";
import { startSimulator, type Simulator } from "../../src/testing/simulator/index.js";

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

test("the page shows a pool that a program creates, its phases, and its instances", async () => {
  const pool = simulator.createPool({ ...firstPair(), minSize: 2, maxSize: 3 });
  await card(pool.id).getByText("PENDING").waitFor();
  await page.getByRole("button", { name: "+10 s" }).click();
  await card(pool.id).getByText("READY").waitFor();
  expect(await card(pool.id).locator("i.running").count()).toBe(2);
  expect(await card(pool.id).locator("i.stopped").count()).toBe(1);
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
  await card(pool.id).getByText("max 5").waitFor();
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
  const armed = page.waitForResponse(`${simulator.origin}/_simulator/faults`);
  await page.getByRole("button", { name: "Fail the next call" }).click();
  await (await armed).finished();
  expect((await list()).status).toBe(503);
  await page.locator("#requests").getByText("503 unavailable").waitFor();
  expect(problems).toEqual([]);
});

test("the page shows the API's error when it refuses an action", async () => {
  simulator.createPool(firstPair());
  await page.getByRole("button", { name: "Create pool" }).click();
  await page.getByRole("status").getByText("already exists").waitFor();
  expect(simulator.pools).toHaveLength(1);
});

test("the page shows markup in a name as text", async () => {
  await simulator.close();
  simulator = await startSimulator({ projects: [{ name: "<img src=x onerror=alert(1)>" }] });
  simulator.createPool(firstPair());
  await page.goto(`${simulator.origin}/`);
  await page.locator("#pools").getByText("<img src=x onerror=alert(1)>").waitFor();
  expect(await page.locator("img").count()).toBe(0);
});
