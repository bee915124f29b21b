import { explorerPlugin } from "@graphiql/plugin-explorer";
import { HISTORY_PLUGIN } from "@graphiql/plugin-history";
import { GraphiQL } from "graphiql";
import { examplesPlugin } from "./examples-panel";
import { fetcher } from "./fetcher";
import { AskedById, PeopleBar } from "./people-bar";
import { showsContract } from "./session";
import { useStore } from "./store";

const plugins = [examplesPlugin, explorerPlugin({ showAttribution: false }), HISTORY_PLUGIN];
const welcome = [
  {
    query: `# Karibu! What is for sale, newest first. Press play, or choose an example on the left.
query Market {
  listings(first: 5) {
    nodes {
      id
      title
      price {
        amount
        asset
      }
      city
      seller {
        displayName
      }
    }
    nextCursor
  }
}
`,
  },
];

/** Leads to the schema as text, where the server shows it. */
function ContractLink() {
  return useStore(showsContract) ? (
    <a className="contract" href="/schema.graphql" target="_blank" rel="noreferrer">
      schema.graphql
    </a>
  ) : (
    <span className="contract">Sokoni</span>
  );
}

/** The whole page: who acts above, GraphiQL below. */
export function Explorer() {
  return (
    <>
      <PeopleBar />
      <main>
        <GraphiQL
          fetcher={fetcher}
          plugins={plugins}
          visiblePlugin={examplesPlugin}
          defaultTabs={welcome}
          defaultEditorToolsVisibility="variables"
          inputValueDeprecation
        >
          <GraphiQL.Logo>
            <ContractLink />
          </GraphiQL.Logo>
          <GraphiQL.Footer>
            <AskedById />
          </GraphiQL.Footer>
        </GraphiQL>
      </main>
    </>
  );
}
