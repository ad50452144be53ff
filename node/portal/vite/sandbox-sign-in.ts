import { readFileSync } from "node:fs";
import type { Plugin, ProxyOptions } from "vite";

interface SignIn {
  node: string;
  url: string;
  person: string;
  role: string;
  token: string;
  patientId?: string;
  staffId?: string;
}

/**
 * For `npm run dev` only: everything under /api goes to a sandbox's node, signed in as the person whom HEALTHSHARE_AS names in the
 * file that HEALTHSHARE_SIGN_INS names. The built portal knows nothing of this.
 */
export function sandboxSignIn(): { plugin: Plugin; proxy: Record<string, ProxyOptions> } {
  const file = process.env.HEALTHSHARE_SIGN_INS;
  const signIn = file
    ? (JSON.parse(readFileSync(file, "utf8")) as SignIn[]).find((entry) => entry.person === process.env.HEALTHSHARE_AS)
    : undefined;
  const target = signIn?.url ?? process.env.HEALTHSHARE_NODE ?? "http://localhost:5101";
  const headers = signIn ? { Authorization: `Bearer ${signIn.token}` } : undefined;
  const proxy = Object.fromEntries(["/api", "/openapi", "/health"].map((path) => [path, { target, headers } satisfies ProxyOptions]));
  return {
    proxy,
    plugin: {
      name: "sandbox-sign-in",
      apply: "serve",
      configureServer(server) {
        if (!signIn) return;
        server.middlewares.use("/api/v1/session", (request, response, next) => {
          if (request.method !== "GET" || request.url !== "/") return next();
          response.setHeader("Content-Type", "application/json");
          response.end(JSON.stringify({
            name: signIn.person, role: signIn.role, staffId: signIn.staffId, patientId: signIn.patientId, channel: "health",
            organization: {
              mspId: `${signIn.node[0]!.toUpperCase()}${signIn.node.slice(1)}MSP`,
              kind: signIn.node === "regulator" ? "regulator" : "hospital",
            },
            expiresAt: new Date(Date.now() + 3_600_000).toISOString(), credentialId: "",
          }));
        });
      },
    },
  };
}
