// The start of the console.
import "@patternfly/react-core/dist/styles/base.css";
import "./buoy.css";

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router-dom";

import { ApiError } from "./api/client";
import { SessionProvider } from "./api/session";
import { App } from "./app";
import { startI18n } from "./i18n";
import { startTheme } from "./shell/theme";
import { Boundary } from "./ui/boundary";

// Only what may get better by itself is asked again.
const mayRetry = (count: number, error: Error) =>
  count < 2 && error instanceof ApiError && (error.status === 0 || error.status >= 502);

const queries = new QueryClient({
  defaultOptions: { queries: { retry: mayRetry, staleTime: 5000, refetchOnWindowFocus: true } },
});

startTheme();
await startI18n();
const root = document.getElementById("root");
if (root)
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <SessionProvider>
          <BrowserRouter basename="/console">
            <Boundary>
              <App />
            </Boundary>
          </BrowserRouter>
        </SessionProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
