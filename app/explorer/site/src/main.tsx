import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "@graphiql/plugin-explorer/style.css";
import "./explorer.css";
import { createRoot } from "react-dom/client";
import { Explorer } from "./explorer";

// The panel's width in relation to the editors, until the person drags it; GraphiQL's own third leaves no room to read in.
const PANEL_WIDTH = "graphiql:docExplorerFlex";
if (!localStorage.getItem(PANEL_WIDTH)) localStorage.setItem(PANEL_WIDTH, "0.26");

createRoot(document.getElementById("root")!).render(<Explorer />);
