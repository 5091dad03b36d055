// What Mermaid itself reads in diagrams: node mermaid_reading.mjs FOLDER <[diagram, …] >[{…}, …]
// FOLDER has the packages mermaid and jsdom in its node_modules.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const folder = resolve(process.argv[2], "node_modules");
const { JSDOM } = createRequire(join(folder, "x.js"))("jsdom");
const page = new JSDOM("<!doctype html><body></body>");
globalThis.window = page.window;
globalThis.document = page.window.document;
const entry = join(folder, "mermaid", "dist", "mermaid.core.mjs");
const { default: mermaid } = await import(pathToFileURL(entry));
mermaid.initialize({ startOnLoad: false });

// Entities wait in this form for the browser that shows them.
const shown = (text) =>
  text.replace(/ﬂ°°(\d+)¶ß/g, (_, code) => String.fromCodePoint(code)).trimEnd();
const day = (moment) =>
  [moment.getFullYear(), moment.getMonth() + 1, moment.getDate()].join("-");

async function read(text) {
  await mermaid.parse(text);
  const { type, db } = await mermaid.mermaidAPI.getDiagramFromText(text);
  if (type === "gantt")
    return {
      nodes: Object.fromEntries(db.getTasks().map((task) => [task.id, shown(task.task)])),
      days: db.getTasks().map((task) => [task.id, day(task.startTime), day(task.endTime)]),
    };
  return {
    nodes: Object.fromEntries([...db.getVertices()].map(([id, node]) => [id, shown(node.text)])),
    arrows: db.getEdges().map((edge) => [edge.start, edge.end, edge.stroke]),
  };
}

const found = [];
for (const text of JSON.parse(readFileSync(0, "utf8"))) found.push(await read(text));
console.log(JSON.stringify(found));
