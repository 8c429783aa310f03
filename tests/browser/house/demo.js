// One `almoner demo` for one test file: started, read, ended.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");

const BUILD = path.resolve(ROOT, process.env.CARGO_TARGET_DIR ?? "target");

/** The binary under test. */
const BINARY = path.resolve(ROOT, process.env.ALMONER_BINARY ?? path.join(BUILD, "debug/almoner"));

/** Where pictures are kept. */
export const PICTURES = path.join(BUILD, "screenshots");

/** Where tests/leaks.rs looks for what supporters typed. */
const EVIDENCE = path.join(BUILD, "tmp/evidence");

const READY_WITHIN_MS = 180_000;
/** The demo of RSM's own formats walks first, and moves its clock as it does. */
const LAST_LINE = { signed: /^Ctrl-C ends it/, month: /^Ctrl-C ends it/, "card-api": /^Ctrl-C ends it/, rsm2000: /^Enter lets/ };
/** The month of made-up hand-offs is for whoever looks at the console. */
const KIND = {
  signed: ["--dialect", "signed", "--empty"],
  month: [],
  "card-api": ["--card-api", "--empty"],
  rsm2000: ["--dialect", "rsm2000"],
};
const PORT_TAKEN = /not all free/;
const ATTEMPTS = 5;
const SECRETS = /\.(key|phc)$|\/tls$/;

/** Starts the demo on ports that were free a moment ago; who loses the race draws again. */
export async function startDemo(kind = "signed", formOrigins = []) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(kind, await threeFreePorts(), formOrigins);
    } catch (error) {
      if (attempt === ATTEMPTS || !PORT_TAKEN.test(error.message)) throw error;
    }
  }
}

async function start(kind, port, formOrigins) {
  const origins = formOrigins.flatMap((origin) => ["--form-origin", origin]);
  const child = spawn(BINARY, ["demo", ...KIND[kind], "--port", String(port), ...origins], { stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "close");
  const complaints = [];
  child.stderr.setEncoding("utf8").on("data", (text) => complaints.push(text));
  const killAtExit = () => child.kill("SIGKILL");
  process.once("exit", killAtExit);
  let lines;
  try {
    lines = await Promise.race([
      readUntilReady(child, LAST_LINE[kind]),
      once(child, "error").then(([error]) => {
        throw new Error(`${BINARY} does not start (${error.code}): run cargo build, or name it in ALMONER_BINARY`);
      }),
      ended.then(() => {
        throw new Error(`the demo ended at once: ${complaints.join("")}`);
      }),
    ]);
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
  const told = read(lines);
  /** The ledger's hand-offs, as the command line tells them. */
  const all = async () => {
    const command = ["outcomes", "list", "--ledger", told.ledger, "--json", "--limit", "10000"];
    const { stdout } = await promisify(execFile)(BINARY, command, { maxBuffer: 64 * 1024 * 1024 });
    return stdout.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  };
  return {
    ...told,
    all,
    /** Those of one appeal. */
    async outcomes(appeal) {
      return (await all()).filter((entry) => entry.appeal === appeal);
    },
    /** Ends it as Ctrl-C does, and keeps its ledger and its log to be searched. */
    async stop() {
      const kept = path.join(EVIDENCE, `browser-${child.pid}`);
      await cp(path.dirname(told.ledger), kept, { recursive: true, filter: (file) => !SECRETS.test(file) });
      process.removeListener("exit", killAtExit);
      child.kill("SIGINT");
      const [code, signal] = await ended;
      await writeFile(path.join(kept, "log.jsonl"), complaints.join(""));
      return { code, signal, complaints: complaints.join("") };
    },
  };
}

async function readUntilReady(child, lastLine) {
  const lines = [];
  const reader = createInterface({ input: child.stdout });
  const late = setTimeout(() => child.kill("SIGKILL"), READY_WITHIN_MS);
  try {
    for await (const line of reader) {
      lines.push(line);
      if (lastLine.test(line)) return lines;
    }
  } finally {
    clearTimeout(late);
    // What it says at its end is not waited for, but must not fill the pipe either.
    child.stdout.resume();
  }
  throw new Error(`the demo was not ready within ${READY_WITHIN_MS} ms: ${lines.join("\n")}`);
}

/** The addresses and test numbers among the lines; what each number does is its key. */
function read(lines) {
  const text = lines.join("\n");
  const find = (pattern) => {
    const found = pattern.exec(text);
    if (!found) throw new Error(`the demo no longer prints ${pattern}`);
    return found[1];
  };
  const numbers = (pattern) =>
    lines.map((line) => pattern.exec(line)).filter(Boolean).map(([, number, does]) => ({ number, does }));
  const cards = numbers(/^ {2}(\d{4} \d{4} \d{4} \d{4}) {2}(.+)$/);
  const accounts = numbers(/^ {2}(\d{8}) {2}(.+)$/);
  const one = (list, does) => {
    const fitting = list.filter((entry) => does.test(entry.does));
    if (fitting.length !== 1) throw new Error(`${fitting.length} test numbers do ${does}`);
    return fitting[0].number;
  };
  return {
    donate: find(/^ {2}Donate +(\S+)$/m),
    join: find(/^ {2}Join +(\S+)$/m),
    gateway: new URL(find(/^ {2}Donate +(\S+)$/m)).origin,
    mock: find(/mock processor at (https:\/\/[^\s)]+)/),
    console: find(/^ {2}Console +(\S+)/m),
    password: find(/^ {2}Console +\S+ +password (\S+)/m),
    ledger: find(/--ledger (\S+)$/m),
    authority: find(/trust the authority in\n +(\S+)/),
    apiKey: find(/Authorization: Bearer (\w[\w-]*)/),
    card: (does) => one(cards, does),
    account: (does) => one(accounts, does),
  };
}

/** The first of three neighbouring ports that can be listened on. */
async function threeFreePorts() {
  for (let tries = 0; tries < 50; tries += 1) {
    const first = 20_000 + Math.floor(Math.random() * 12_000);
    const free = await Promise.all([first, first + 1, first + 2].map(isFree));
    if (free.every(Boolean)) return first;
  }
  throw new Error("no three neighbouring ports are free");
}

function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
