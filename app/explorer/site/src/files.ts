import type { Asked } from "./post";

const ADDRESS = /^data:([^;,]*)(;base64)?,([^]*)$/;

/** The request as a form, where variables are `data:` addresses: each is sent as a file. Null where there is none. */
export function formOf(asked: Asked): FormData | null {
  const files: File[] = [];
  const map: Record<string, string[]> = {};
  const taken = (address: RegExpExecArray, path: string): null => {
    map[files.length] = [path];
    files.push(fileOf(address));
    return null;
  };
  const variables = without(asked.variables, "variables", taken);
  if (!files.length) return null;
  const form = new FormData();
  form.append("operations", JSON.stringify({ ...asked, variables }));
  form.append("map", JSON.stringify(map));
  files.forEach((file, place) => form.append(String(place), file));
  return form;
}

function without(value: unknown, path: string, taken: (address: RegExpExecArray, path: string) => null): unknown {
  if (Array.isArray(value)) return value.map((part, place) => without(part, `${path}.${place}`, taken));
  if (value && typeof value === "object") {
    const parts = Object.entries(value).map(([name, part]) => [name, without(part, `${path}.${name}`, taken)]);
    return Object.fromEntries(parts);
  }
  const address = typeof value === "string" ? ADDRESS.exec(value) : null;
  return address ? taken(address, path) : value;
}

function fileOf([, type, isBase64, written]: RegExpExecArray): File {
  const text = decodeURIComponent(written!);
  const bytes = isBase64 ? Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0)) : new TextEncoder().encode(text);
  return new File([bytes], "file", { type });
}
