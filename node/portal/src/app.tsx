import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "react-router";
import { ApiError } from "./api/problem";
import { router } from "./routes";
import { SessionProvider } from "./session/session";
import { theme } from "./theme";

const queries = new QueryClient({
  defaultOptions: {
    // A call without a network fails and says so; left to wait, it would go out by itself later, when nobody expects it any more.
    mutations: { networkMode: "always" },
    queries: {
      networkMode: "always", refetchOnReconnect: true, staleTime: 15_000,
      retry: (attempt, error) => attempt < 2 && error instanceof ApiError && error.mayRetry && error.status !== 429,
    },
  },
});

export function App() {
  return (
    // Variables and classes stand in style sheets: the security policy lets no style element through.
    <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false} withStaticClasses={false}>
      <QueryClientProvider client={queries}>
        <SessionProvider><RouterProvider router={router} /></SessionProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}
