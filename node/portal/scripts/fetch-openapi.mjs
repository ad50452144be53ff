// Writes openapi.json as a running node describes itself, and the types made from it: `npm run api:fetch -- http://localhost:5101`.
import { writeFile } from "node:fs/promises";

const node = process.argv[2] ?? "http://localhost:5101";
const answer = await fetch(new URL("/openapi/v1.json", node));
if (!answer.ok) {
  console.error(`${node} answered ${answer.status}.`);
  process.exit(1);
}
const document = await answer.json();
delete document.servers; // where that node happened to listen
await writeFile(new URL("../openapi.json", import.meta.url), `${JSON.stringify(document, null, 1)}\n`);
await import("./make-schema.mjs");
