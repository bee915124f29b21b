// The manifest of graphql-codegen's client preset, as an app's own build writes it: id → text; printed as JSON.
import { readFileSync, readdirSync } from "node:fs";
import { preset } from "@graphql-codegen/client-preset";
import { codegen } from "@graphql-codegen/core";
import { buildSchema, parse } from "graphql";

const read = (path) => readFileSync(path, "utf8");
const sdl = read("schema.graphql");
const documents = readdirSync("documents").map((name) => ({
  location: name,
  document: parse(read(`documents/${name}`)),
  rawSDL: read(`documents/${name}`),
}));
const sections = await preset.buildGeneratesSection({
  baseOutputDir: "preset/",
  schema: parse(sdl),
  schemaAst: buildSchema(sdl),
  documents,
  config: {},
  plugins: [],
  pluginMap: {},
  presetConfig: { persistedDocuments: { hashAlgorithm: "sha256" } },
});
const written = await Promise.all(sections.map(async (section) => [section.filename, await codegen(section)]));
console.log(written.find(([name]) => name.endsWith("persisted-documents.json"))[1]);
