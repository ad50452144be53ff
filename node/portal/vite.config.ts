import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { sandboxSignIn } from "./vite/sandbox-sign-in.ts";
import { themeCss } from "./vite/theme-css.ts";

// A file of its own costs about a kilobyte of headers, which is more than an icon.
const together = [{ name: "icons", test: /node_modules[\\/]lucide-react/ }];

export default defineConfig(({ command, mode }) => {
  const sandbox = command === "serve" && mode !== "test" ? sandboxSignIn() : null;
  return {
    plugins: [react(), themeCss(), sandbox?.plugin],
    server: { host: "localhost", proxy: sandbox?.proxy },
    // No file as a data: URL and no inline script: the node's content security policy allows neither.
    build: { assetsInlineLimit: 0, modulePreload: { polyfill: false }, target: "es2022", manifest: "manifest.json", rolldownOptions: { output: { codeSplitting: { groups: together } } } },
    test: { include: ["test/**/*.test.ts"], environment: "node" },
  };
});
