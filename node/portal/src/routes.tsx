import { lazy, Suspense } from "react";
import { createBrowserRouter } from "react-router";
import { Home } from "./Home";
import { EnrolPage } from "./session/EnrolPage";
import { PageFailed } from "./ui/ErrorBoundary";

const LostPage = lazy(() => import("./session/LostPage").then((module) => ({ default: module.LostPage })));
const SecondKeyPage = lazy(() => import("./session/SecondKeyPage").then((module) => ({ default: module.SecondKeyPage })));

/** The doors; which pages lie behind the last is a matter of the role, see Home. */
export const router = createBrowserRouter([
  { path: "/enrol", element: <EnrolPage />, errorElement: <PageFailed /> },
  { path: "/lost", element: <Suspense><LostPage /></Suspense>, errorElement: <PageFailed /> },
  { path: "/second-key", element: <Suspense><SecondKeyPage /></Suspense>, errorElement: <PageFailed /> },
  { path: "/*", element: <Home />, errorElement: <PageFailed /> },
]);
