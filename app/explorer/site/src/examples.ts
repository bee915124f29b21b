import flowsFile from "../examples/flows.json";
import trustedIds from "../documents/ids.json";
import { post } from "./post";
import { authorizationOf, people } from "./session";

/** One thing to try: a document, variables with places to fill in, and who does it. */
export type Example = {
  title: string;
  text: string;
  kind: "query" | "mutation" | "subscription";
  as?: string;
  isTrusted: boolean;
  variables?: unknown;
};

export type Flow = { flow: string; examples: Example[] };

type Step = string | number;
type Sought = { as?: string; document: string; variables?: unknown; at: Step[] };
type Written = { title: string; document?: string; trusted?: string; as?: string; variables?: unknown };

const own = texts(import.meta.glob<string>("../examples/*.graphql", { query: "?raw", import: "default", eager: true }));
const trusted = texts(import.meta.glob<string>("../documents/*.graphql", { query: "?raw", import: "default", eager: true }));
const ids = new Map(Object.entries(trustedIds as Record<string, string>).map(([name, id]) => [trusted.get(name), id]));
const sought = flowsFile.ids as Record<string, Sought>;

export const flows: Flow[] = (flowsFile.flows as { flow: string; examples: Written[] }[]).map(({ flow, examples }) => ({
  flow,
  examples: examples.map(read),
}));

/** The id of a trusted document with exactly this text; null for any other text. */
export function idOfTrusted(text: string): string | null {
  return ids.get(text) ?? null;
}

/** The variables with every `<place>` filled in by what this market has now. */
export async function filled(value: unknown): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map(filled));
  if (value && typeof value === "object") {
    const parts = await Promise.all(Object.entries(value).map(async ([name, part]) => [name, await filled(part)]));
    return Object.fromEntries(parts);
  }
  if (typeof value !== "string") return value;
  const place = /<([^>]+)>/.exec(value)?.[1];
  return place ? value.replace(`<${place}>`, await found(place)) : value;
}

async function found(place: string): Promise<string> {
  if (place === "new word") return newWord();
  const search = sought[place];
  if (search) return foundByAsking(place, search);
  const [label, field] = place.split(".") as [string, "userId" | "walletId"];
  const person = people.get()?.find((known) => known.label === label);
  if (!person) throw new Error(`There is no demo person called ${label} here; \`make seed\` makes them.`);
  return person[field];
}

async function foundByAsking(place: string, { as, document, variables, at }: Sought): Promise<string> {
  const asked = { query: document, variables: (await filled(variables)) as Record<string, unknown> | undefined };
  const answer = await post(asked, as ? await authorizationOf(as) : {});
  const value = at.reduce<unknown>((part, step) => (part as Record<Step, unknown> | undefined)?.[step], answer.data);
  if (typeof value !== "string") throw new Error(`There is no ${place} in this market now.`);
  return value;
}

function newWord(): string {
  const letters = crypto.getRandomValues(new Uint8Array(8));
  return `demo-${Array.from(letters, (byte) => "abcdefghijkmnpqrstuvwxyz23456789"[byte % 32]).join("")}`;
}

function read({ title, document, trusted: name, as, variables }: Written): Example {
  const text = name ? trusted.get(name) : own.get(document!);
  if (text === undefined) throw new Error(`No document for the example "${title}".`);
  const kind = (/^(query|mutation|subscription)\b/m.exec(text)?.[1] ?? "query") as Example["kind"];
  return { title, text, kind, as, isTrusted: name !== undefined, variables };
}

function texts(modules: Record<string, string>): Map<string, string> {
  return new Map(Object.entries(modules).map(([path, text]) => [/([^/]+)\.graphql$/.exec(path)![1]!, text]));
}
