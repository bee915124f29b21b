import { pick, useGraphiQL, useGraphiQLActions, type GraphiQLPlugin } from "@graphiql/react";
import { useState } from "react";
import { filled, flows, type Example } from "./examples";
import { people, signIn } from "./session";
import { useStore } from "./store";

/** Examples by flow; one click signs in whoever does it and opens it with its variables filled in. */
function ExamplesPanel() {
  const { addTab } = useGraphiQLActions();
  const { queryEditor, variableEditor } = useGraphiQL(pick("queryEditor", "variableEditor"));
  const [failure, setFailure] = useState<string | null>(null);
  const known = useStore(people) ?? [];

  async function open(example: Example) {
    setFailure(null);
    try {
      if (example.as) await signIn(example.as);
      const variables = example.variables ? JSON.stringify(await filled(example.variables), null, 2) : "";
      if (queryEditor?.getValue().trim()) addTab();
      variableEditor?.setValue(variables);
      queryEditor?.setValue(example.text);
      queryEditor?.focus();
    } catch (refusal) {
      setFailure((refusal as Error).message);
    }
  }

  return (
    <div className="examples">
      <h2 className="examples-title">Examples</h2>
      <p className="examples-hint">One click signs in and fills in. Then press play.</p>
      {failure && <p role="alert" className="examples-failure">{failure}</p>}
      {flows.map(({ flow, examples }) => (
        <section key={flow} aria-label={flow}>
          <h3>{flow}</h3>
          <ul>
            {examples.map((example) => (
              <li key={example.title}>
                <button type="button" className="example" onClick={() => void open(example)}>
                  <span className={`kind kind-${example.kind}`}>{KINDS[example.kind]}</span>
                  <span className="example-title">{example.title}</span>
                  {example.as && <span className="example-as">{firstName(example.as, known)}</span>}
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

const KINDS = { query: "ask", mutation: "do", subscription: "live" } as const;

function firstName(label: string, known: { label: string; name: string }[]): string {
  return known.find((person) => person.label === label)?.name.split(/[ ']/)[0] ?? label;
}

function ExamplesIcon() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round">
      <path d="M3.5 10 6 4h12l2.5 6M3.5 10a2.8 2.8 0 0 0 5.6 0 2.8 2.8 0 0 0 5.7 0 2.8 2.8 0 0 0 5.7 0M5 13v7h14v-7" />
    </svg>
  );
}

export const examplesPlugin: GraphiQLPlugin = { title: "Examples", icon: ExamplesIcon, content: ExamplesPanel };
