import { useEffect } from "react";
import { lastDocumentId } from "./fetcher";
import { connection, type Connection } from "./live";
import mark from "./mark.svg";
import { findPeople, people, session, signIn, signOut, trouble } from "./session";
import { useStore } from "./store";

/** Who acts: every demo person by one click, and how the live connection is. */
export function PeopleBar() {
  const known = useStore(people);
  const current = useStore(session);
  const failure = useStore(trouble);
  useEffect(() => void findPeople(), []);
  const person = known?.find(({ label }) => label === current?.label);

  return (
    <header className="bar">
      <span className="brand">
        <img src={mark} alt="" /> Sokoni
      </span>
      <nav className="people" aria-label="Act as">
        {known?.length === 0 && <span className="hint">No demo people here: run `make seed`, or set an Authorization header.</span>}
        {known?.map(({ label, name }) => (
          <button
            key={label}
            type="button"
            className="person"
            title={`Act as ${name}`}
            aria-pressed={label === current?.label}
            onClick={() => void signIn(label).catch(() => {})}
          >
            {label}
          </button>
        ))}
      </nav>
      <span className="who" role="status">
        {failure ? <span className="failure">{failure}</span> : current ? <>Signed in as <b>{person?.name ?? current.label}</b></> : "Not signed in"}
      </span>
      {current && (
        <button type="button" className="sign-out" onClick={() => void signOut()}>
          Sign out
        </button>
      )}
      <Socket />
    </header>
  );
}

const SHOWN: Record<Connection["state"], string> = {
  idle: "",
  connecting: "connecting …",
  live: "live",
  retrying: "reconnecting …",
  closed: "closed",
};

function Socket() {
  const { state, told } = useStore(connection);
  return (
    <span className={`socket socket-${state}`} aria-label="Live connection">
      {SHOWN[state]}
      {told && ` ${told}`}
    </span>
  );
}

/** Below the answer: whether the operation was asked for by the id of a trusted document. */
export function AskedById() {
  const id = useStore(lastDocumentId);
  return id && <span className="asked-by-id" title={id}>asked for by its id {id.slice(0, 19)}…</span>;
}
