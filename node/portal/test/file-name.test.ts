import { expect, it } from "vitest";
import { fileNameOf } from "../src/clinician/file-name";

it.each([
  ["application/pdf", "rc-a-2.pdf"], ["IMAGE/JPEG", "rc-a-2.jpg"], ["text/plain; charset=utf-8", "rc-a-2.txt"],
  ["text/html", "rc-a-2.bin"], ["image/svg+xml", "rc-a-2.bin"], ["application/x-msdownload", "rc-a-2.bin"], ["../../x.exe", "rc-a-2.bin"], ["", "rc-a-2.bin"],
  ["constructor", "rc-a-2.bin"], ["__proto__", "rc-a-2.bin"],
])("a document of type %j is saved as %s", (mediaType, name) => expect(fileNameOf("rc-a", { number: 2, mediaType })).toBe(name));
