// Types and documents for TypeScript, from the schema and the documents of our apps.
import { readFileSync, readdirSync, writeFileSync, mkdirSync } from "node:fs";
import { codegen } from "@graphql-codegen/core";
import * as documents from "@graphql-codegen/typed-document-node";
import * as operations from "@graphql-codegen/typescript-operations";
import { parse } from "graphql";

const read = (path) => readFileSync(path, "utf8");
const names = readdirSync("documents").sort();

const text = await codegen({
  filename: "generated/graphql.ts",
  schema: parse(read("schema.graphql")),
  documents: names.map((name) => ({ location: name, document: parse(read(`documents/${name}`)) })),
  plugins: [{ operations: {} }, { documents: {} }],
  pluginMap: { operations, documents },
  config: {
    // Amounts never become numbers; instants and cursors stay as they came.
    scalars: {
      BigInt: "string",
      Date: "string",
      DateTime: "string",
      Decimal: "string",
      ID: "string",
      JSON: "unknown",
      StreamCursor: "string",
      Upload: "Blob",
    },
    strictScalars: true,
    enumType: "string-literal",
    futureProofEnums: true, // a newer server may know more
    immutableTypes: true,
    useTypeImports: true,
    nonOptionalTypename: false,
  },
});

// By these ids an app names its documents instead of sending them.
const manifest = JSON.parse(read("operations.json"));
const ids = Object.fromEntries(manifest.operations.map(({ name, id }) => [name, id]));

mkdirSync("generated", { recursive: true });
writeFileSync("generated/graphql.ts", text);
writeFileSync("generated/documentIds.ts", `export const documentIds = ${JSON.stringify(ids, null, 2)} as const;\n`);
