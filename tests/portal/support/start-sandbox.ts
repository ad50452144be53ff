import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

const program = path.resolve(process.env.SANDBOX ?? path.join(import.meta.dirname, "../../../network/HealthShare.Sandbox/bin/Debug/net10.0/HealthShare.Sandbox.dll"));
const portal = path.join(path.dirname(program), "portal");
const patience = 600_000;

/** Starts a sandbox of its own for the run, in a fresh folder, and stops it again. */
export default async function startSandbox(): Promise<() => Promise<void>> {
  if (!existsSync(path.join(portal, "index.html"))) throw new Error(`Build the sandbox with its portal first: dotnet build network/HealthShare.Sandbox. Missing: ${portal}`);
  const state = await mkdtemp(path.join(tmpdir(), "healthshare-portal-"));
  const base = await freePorts();
  const sandbox = spawn("dotnet", [program, "--state", state, "--port-base", `${base}`], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const ready = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`The sandbox did not start:\n${output}`)), patience);
    const listen = (chunk: Buffer) => {
      output += chunk.toString();
      if (!/Ctrl\+C/.test(output)) return;
      clearTimeout(timer);
      resolve();
    };
    sandbox.stdout.on("data", listen);
    sandbox.stderr.on("data", listen);
    sandbox.once("exit", (code) => reject(new Error(`The sandbox ended with ${code}:\n${output}`)));
  });
  await ready;
  process.env.PORTAL_STATE = state;
  return async () => {
    const ended = new Promise((resolve) => sandbox.once("exit", resolve));
    sandbox.kill("SIGINT");
    await ended;
    await rm(state, { recursive: true, force: true });
  };
}

// The sandbox counts from one number; the block of them must be free.
async function freePorts(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const base = 30_000 + 50 * Math.floor(Math.random() * 50);
    if ((await Promise.all([1, 2, 3, 4, 11, 12, 13, 21, 22, 23, 24, 31, 41].map((offset) => isFree(base + offset)))).every(Boolean)) return base;
  }
  throw new Error("No ports are free.");
}

const isFree = (port: number) => new Promise<boolean>((resolve) => {
  const server = createServer().once("error", () => resolve(false)).once("listening", () => server.close(() => resolve(true))).listen(port, "127.0.0.1");
});
