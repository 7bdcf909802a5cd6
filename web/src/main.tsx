// Where the pages begin.
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { askEarly } from "./early.ts";
import { shadeEarly } from "./settings.ts";
import "./style/tokens.css";
import "./style/frame.css";
import "./style/parts.css";
import "./style/map.css";
import "./style/panel.css";
import "./style/print.css";

const root = document.getElementById("root");
if (root) {
  shadeEarly();
  askEarly();
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
