// Writes src/api/schema.d.ts from openapi.json. With --check it only says whether the file is as it would be written.
import { readFile, writeFile } from "node:fs/promises";
import openapi, { astToString } from "openapi-typescript";
import ts from "typescript";

const root = new URL("../", import.meta.url);
const target = new URL("src/api/schema.d.ts", root);
const string = ts.factory.createKeywordTypeNode(ts.SyntaxKind.StringKeyword);
const number = ts.factory.createKeywordTypeNode(ts.SyntaxKind.NumberKeyword);
const nothing = ts.factory.createLiteralTypeNode(ts.factory.createNull());
const orNull = (type, schema) => (schema.type?.includes?.("null") ? ts.factory.createUnionTypeNode([type, nothing]) : type);

const made = astToString(await openapi(new URL("openapi.json", root), {
  // The node describes times by their format alone, optional ones not even by that, and integers as numbers that may come as
  // strings, which they never do.
  transform(schema) {
    if (schema.format === "date-time") return string;
    if (Object.keys(schema).join() === "description") return ts.factory.createUnionTypeNode([string, nothing]);
    if (["int32", "int64"].includes(schema.format)) return orNull(number, schema);
    return undefined;
  },
}));
if (!process.argv.includes("--check")) await writeFile(target, made);
else if ((await readFile(target, "utf8")) !== made) {
  console.error("src/api/schema.d.ts is not what openapi.json comes to: run `npm run api`.");
  process.exit(1);
}
