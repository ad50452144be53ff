import type { Schemas } from "../api/client";

// Only endings under which nothing runs when it is opened; whatever else a sender names is saved as bytes.
const endings: Record<string, string> = {
  "application/pdf": "pdf", "application/rtf": "rtf", "application/dicom": "dcm", "image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/tiff": "tif",
  "image/webp": "webp", "image/bmp": "bmp", "text/plain": "txt", "text/rtf": "rtf", "text/csv": "csv", "text/xml": "xml", "application/xml": "xml",
  "application/hl7-v3+xml": "xml", "audio/wav": "wav", "audio/mpeg": "mp3", "video/mp4": "mp4",
};

/** Name of a part's file: no patient's data, and no ending that the sender chose. */
export function fileNameOf(recordId: string, { number, mediaType }: Pick<Schemas["RecordPart"], "number" | "mediaType">): string {
  const type = mediaType.split(";")[0]!.trim().toLowerCase();
  return `${recordId}-${number}.${(Object.hasOwn(endings, type) && endings[type]) || "bin"}`;
}
