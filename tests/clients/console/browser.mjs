// Opens pages of the console in Chromium as a plan on stdin says, and prints what it saw as JSON.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const plan = JSON.parse(readFileSync(0, "utf8"));
const require = createRequire(join(plan.modules, "package.json"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const browser = await chromium.launch({
  executablePath: plan.chromium,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});
const MODES = {
  light: { viewport: { width: 1280, height: 860 }, colorScheme: "light" },
  dark: { viewport: { width: 1280, height: 860 }, colorScheme: "dark" },
  mobile: { viewport: { width: 360, height: 740 }, colorScheme: "light", isMobile: true, hasTouch: true },
};

async function watch(page, faults) {
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) faults.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`script: ${error.message}`));
  page.on("dialog", async (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(plan.url)) faults.push(`request to ${request.url()}`);
  });
  await page.addInitScript(() => {
    window.violations = [];
    document.addEventListener("securitypolicyviolation", (event) =>
      window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
  });
}

async function logIn(page, key) {
  await page.goto(`${plan.url}/console/login`);
  await page.fill("#key", key);
  await page.press("#key", "Enter");
  await page.waitForURL((url) => !url.pathname.endsWith("/login"));
}

const ACTIONS = {
  fill: (page, [selector, text]) => page.fill(selector, text),
  type: (page, [selector, text]) => page.locator(selector).pressSequentially(text),
  select: (page, [selector, value]) => page.selectOption(selector, value),
  click: (page, [selector]) => page.click(selector),
  press: (page, [key]) => page.keyboard.press(key),
  wait: (page, [selector]) => page.waitForSelector(selector),
  path: (page, [path]) => page.waitForURL((url) => url.pathname === path),
  text: async (page, [selector], seen) => seen.push(await page.locator(selector).first().innerText()),
  focus: async (page, _, seen) => seen.push(await page.evaluate(() => {
    const one = document.activeElement;
    const style = getComputedStyle(one);
    return { tag: one.tagName, id: one.id, text: (one.innerText || one.value || "").trim().slice(0, 40),
      outline: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 };
  })),
  evaluate: async (page, [script], seen) => seen.push(await page.evaluate(script)),
};

async function inspect(page) {
  await page.evaluate(axe);
  const result = await page.evaluate(() => axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
  }));
  return result.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(" ")).join(", ")}`);
}

async function takeStep(page, step, faults) {
  const seen = [];
  try {
    await page.goto(plan.url + step.path);
    for (const [name, ...given] of step.actions ?? []) await ACTIONS[name](page, given, seen);
  } catch (error) {
    faults.push(`step: ${error.message.split("\n")[0]}`);
  }
  const state = await page.evaluate(() => ({
    violations: window.violations ?? [],
    overflow: document.documentElement.scrollWidth - window.innerWidth,
    storage: JSON.stringify({ ...localStorage, ...sessionStorage }),
    cookie: document.cookie,
    title: document.title,
  }));
  faults.push(...state.violations.map((one) => `CSP: ${one}`));
  const axeFaults = step.axe === false ? [] : await inspect(page);
  if (step.shot) await page.screenshot({ path: step.shot });
  const path = new URL(page.url()).pathname;
  return { name: step.name, path, faults: faults.splice(0), seen, axe: axeFaults, ...state };
}

const answers = [];
for (const visit of plan.visits) {
  const context = await browser.newContext({ ...MODES[visit.mode], reducedMotion: "reduce" });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const faults = [];
  await watch(page, faults);
  if (visit.key) await logIn(page, visit.key);
  for (const step of visit.steps) answers.push({ mode: visit.mode, ...(await takeStep(page, step, faults)) });
  await context.close();
}
await browser.close();
process.stdout.write(JSON.stringify(answers));
