import { post } from "./post";
import { Store } from "./store";

/** A demo person that anybody may act as. */
export type Person = { label: string; name: string; userId: string; walletId: string };

/** A sign-in of a demo person on this browser. */
export type Session = {
  label: string;
  accessToken: string;
  refreshToken: string;
  expiresAt: number;
};

const KEPT = "sokoni:session";
const DEVICE = "sokoni:device";
const RENEW_BEFORE_MS = 60_000;
// A token lasts a quarter of an hour, whatever a server whose time was moved on says of its end.
const RENEW_AFTER_MS = 840_000;
const REFRESH = `mutation RenewSession($input: SessionRefreshInput!) {
  sessionRefresh(input: $input) { accessToken accessTokenExpiresAt refreshToken errors { message } } }`;

const REVOKE = `mutation EndSession($input: SessionRevokeInput!) { sessionRevoke(input: $input) { errors { message } } }`;

export const people = new Store<Person[] | null>(null);
export const session = new Store<Session | null>(kept());
export const trouble = new Store<string | null>(null);
/** Whether the server shows its contract as text: it does so wherever one may act as demo people. */
export const showsContract = new Store<boolean>(false);

/** Others who act for a moment while an example is filled in; the person who is signed in stays. */
const others = new Map<string, Session>();

/** Whom one may act as; an empty list where the database has no demo people or the server offers none. */
export async function findPeople(): Promise<void> {
  const response = await fetch("/explorer/people");
  showsContract.set(response.ok);
  people.set(response.ok ? await response.json() : []);
}

/** Act as this person from now on. */
export async function signIn(label: string): Promise<void> {
  if (session.get()?.label === label) return;
  try {
    keep(await opened(label, device()));
    trouble.set(null);
  } catch (refusal) {
    trouble.set((refusal as Error).message);
    throw refusal;
  }
}

/** Act as nobody. The session ends on the server as well. */
export async function signOut(): Promise<void> {
  const ended = session.get();
  keep(null);
  trouble.set(null);
  if (ended) await revoked(ended).catch(() => {}); // it ends by itself when it cannot be told now
}

/** Ends this session alone; others of the same person, such as those of the command line, go on. */
async function revoked(ended: Session): Promise<void> {
  const answer = await post({ query: "{ viewer { sessions { id isCurrent } } }" }, bearer(ended));
  const { sessions } = answer.data?.["viewer"] as { sessions: { id: string; isCurrent: boolean }[] };
  const input = { sessionId: sessions.find(({ isCurrent }) => isCurrent)?.id };
  await post({ query: REVOKE, variables: { input } }, bearer(ended));
}

/** A token that is good for a minute at least; null for nobody. */
export async function token(): Promise<string | null> {
  return (await fresh(session.get()))?.accessToken ?? null;
}

/** The next token, whatever the clock of this browser says of the one before. */
export async function renewedToken(): Promise<string | null> {
  const current = session.get();
  if (!current) return null;
  renewing ??= renewed(current).finally(() => (renewing = null));
  return (await renewing)?.accessToken ?? null;
}

/** Authorization of this person, whoever is signed in. */
export async function authorizationOf(label: string): Promise<Record<string, string>> {
  const current = session.get();
  if (current?.label === label) return bearer((await fresh(current)) ?? current);
  const known = others.get(label);
  if (known && known.expiresAt - Date.now() > RENEW_BEFORE_MS) return bearer(known);
  const made = await opened(label, `${device()}-aside`);
  others.set(label, made);
  return bearer(made);
}

export function bearer(of: Session): Record<string, string> {
  return { Authorization: `Bearer ${of.accessToken}` };
}

/** Milliseconds until the session has to be renewed. */
export function renewIn(of: Session): number {
  return Math.min(RENEW_AFTER_MS, Math.max(0, of.expiresAt - Date.now() - RENEW_BEFORE_MS));
}

let renewing: Promise<Session | null> | null = null;

async function fresh(current: Session | null): Promise<Session | null> {
  if (!current || renewIn(current) > 0) return current;
  renewing ??= renewed(current).finally(() => (renewing = null));
  return renewing;
}

/** The next pair of tokens; where the session is over, a new session. */
async function renewed(current: Session): Promise<Session | null> {
  const input = { refreshToken: current.refreshToken, deviceId: device() };
  const answer = await post({ query: REFRESH, variables: { input } });
  const next = answer.data?.["sessionRefresh"] as Record<string, string | null> | undefined;
  const made: Session = next?.["accessToken"]
    ? {
        label: current.label,
        accessToken: next["accessToken"],
        refreshToken: next["refreshToken"]!,
        expiresAt: Date.parse(next["accessTokenExpiresAt"]!),
      }
    : await opened(current.label, device());
  if (session.get()?.label === current.label) keep(made);
  return made;
}

async function opened(label: string, deviceId: string): Promise<Session> {
  const response = await fetch("/explorer/sign-in", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ person: label, deviceId }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.errors?.[0]?.message ?? `The sign-in failed (${response.status}).`);
  const { accessToken, refreshToken, accessTokenExpiresAt } = answer;
  return { label, accessToken, refreshToken, expiresAt: Date.parse(accessTokenExpiresAt) };
}

function keep(made: Session | null): void {
  if (made) sessionStorage.setItem(KEPT, JSON.stringify(made));
  else sessionStorage.removeItem(KEPT);
  session.set(made);
}

function kept(): Session | null {
  const text = sessionStorage.getItem(KEPT);
  return text ? JSON.parse(text) : null;
}

/** What the server knows this browser tab by: a session belongs to a device, and a second tab must not end it. */
function device(): string {
  let id = sessionStorage.getItem(DEVICE);
  if (!id) {
    id = `explorer-${Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
    sessionStorage.setItem(DEVICE, id);
  }
  return id;
}
