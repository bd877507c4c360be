// Browsers without a driver: each starts on a page that posts what it found to a server of our own.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { delimiter, extname, join } from "node:path";
import { parse, TIMEOUT, versionOf } from "./execute.mjs";
import { end, listen } from "./servers.mjs";

const MULTIARCH = { x64: "x86_64-linux-gnu", arm64: "aarch64-linux-gnu" }[process.arch];
const MINI_BROWSER = `/usr/lib/${MULTIARCH}/webkit2gtk-4.1/MiniBrowser`;

const FIREFOX_PREFERENCES = {
  "app.update.enabled": false,
  "browser.safebrowsing.malware.enabled": false,
  "browser.safebrowsing.phishing.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "extensions.update.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "services.settings.server": "http://127.0.0.1:9",
  "toolkit.telemetry.enabled": false,
};

/**
 * `command(home)` starts it with nothing remembered; `debian`: the packages it is in; `thrown`: an uncaught error among
 * its complaints.
 */
export const browsers = [
  {
    name: "Chromium",
    debian: ["chromium"],
    installed: () => found("chromium"),
    version: () => versionOf("chromium", "--version"),
    command: (home) => [
      ...["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"],
      ...["--no-first-run", "--disable-background-networking", "--disable-component-update"],
      ...["--disable-sync", "--disable-dev-shm-usage", `--user-data-dir=${home}/profile`],
      // Its console, for what a page's scripts throw before they can answer.
      "--enable-logging=stderr",
    ],
    thrown: /CONSOLE.*"(Uncaught .*)", source/,
  },
  {
    name: "Firefox",
    debian: ["firefox-esr"],
    installed: () => found("firefox-esr"),
    version: () => versionOf("firefox-esr", "--version"),
    command(home) {
      const preferences = Object.entries(FIREFOX_PREFERENCES).map(
        ([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});\n`,
      );
      mkdirSync(join(home, "profile"));
      writeFileSync(join(home, "profile/user.js"), preferences.join(""));
      return ["firefox-esr", "--headless", "--no-remote", "--profile", `${home}/profile`];
    },
  },
  {
    name: "WebKit (GTK)",
    debian: ["webkit2gtk-driver", "xvfb", "xauth"],
    installed: () => existsSync(MINI_BROWSER) && found("xvfb-run") && found("xauth"),
    version: () => versionOf("xvfb-run", "-a", MINI_BROWSER, "--version"),
    command: () => ["xvfb-run", "-a", MINI_BROWSER],
  },
];

/** Whether a command is installed. */
export function found(command) {
  return process.env.PATH.split(delimiter).some((folder) => existsSync(join(folder, command)));
}

/**
 * Opens a page and gives what it posts to the address in its query (test/runtimes/browser/report.mjs).
 * The page is a path below `folder`, served with `headers`, or an address of another server.
 */
export async function visit(browser, page, { folder, headers = {}, build = "plain" } = {}) {
  const home = mkdtempSync(join(tmpdir(), "hiddenstate-browser-"));
  const { promise, resolve, reject } = withResolvers();
  const server = createServer((request, response) => {
    if (request.method === "POST") receive(request, response, resolve);
    else serve(folder, request, response, headers);
  });
  const origin = await listen(server);
  const url = new URL(page, origin);
  url.searchParams.set("build", build);
  url.searchParams.set("report", `${origin}/report`);
  const [command, ...flags] = browser.command(home);
  // A group of its own, to end all its processes at once.
  const child = spawn(command, [...flags, url.href], {
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, HOME: home },
  });
  let complaints = "";
  child.stderr.on("data", (data) => {
    complaints += data;
    const [, thrown] = browser.thrown?.exec(complaints) ?? [];
    if (thrown) reject(new Error(thrown));
  });
  child.on("error", reject);
  const ended = new Promise((done) => child.on("close", done));
  const timer = setTimeout(
    () => reject(new Error(`${browser.name} did not answer. ${complaints.slice(-2000)}`)),
    TIMEOUT,
  );
  try {
    return parse(await promise);
  } finally {
    clearTimeout(timer);
    end(child);
    await ended;
    server.closeAllConnections();
    server.close();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

function withResolvers() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}

function receive(request, response, resolve) {
  let body = "";
  request.on("data", (data) => (body += data));
  request.on("end", () => {
    response.end();
    resolve(body);
  });
}

const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

function serve(folder, request, response, headers) {
  const { pathname } = new URL(request.url, "http://localhost");
  const file = join(folder ?? "", pathname.endsWith("/") ? `${pathname}index.html` : pathname);
  const content = folder && existsSync(file) ? readFileSync(file) : undefined;
  const type = TYPES[extname(file)] ?? "application/octet-stream";
  response.writeHead(content ? 200 : 404, { "content-type": type, ...headers });
  response.end(content);
}
