import "@mantine/core/styles.css";
import "virtual:theme.css";
import "./styles/app.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import { startI18n } from "./i18n";
import { ErrorBoundary } from "./ui/ErrorBoundary";

await startI18n();
createRoot(document.getElementById("root")!).render(<StrictMode><ErrorBoundary><App /></ErrorBoundary></StrictMode>);
