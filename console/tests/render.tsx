// Draws a page as the console does: with a session, live numbers, notices and an address.
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { configure, getConfig, render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { Suspense, type ReactNode } from "react";
import { MemoryRouter, Route, Routes, useLocation } from "react-router-dom";
import { expect, vi } from "vitest";

import { LiveProvider } from "../src/api/live";
import { SessionProvider, useSessionContext } from "../src/api/session";
import { NoticeProvider } from "../src/ui/notices";

function LoggedIn({ children }: { children: ReactNode }) {
  const { session } = useSessionContext();
  return session ? <LiveProvider>{children}</LiveProvider> : null;
}

// Where the router is, for tests that follow links.
function Where() {
  const { pathname, search } = useLocation();
  return <output data-testid="where">{pathname + search}</output>;
}

// `route`: what the page is mounted on in the app, "floating-ips/*".
export function renderPage(page: ReactNode, route: string, at = `/${route.replace(/\/?\*$/, "")}`) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const view = render(
    <QueryClientProvider client={client}>
      <SessionProvider>
        <MemoryRouter initialEntries={[at]} future={{ v7_startTransition: true, v7_relativeSplatPath: true }}>
          <LoggedIn>
            <NoticeProvider>
              <main>
                <Suspense>
                  <Routes>
                    <Route path={route} element={page} />
                    <Route path="*" element={null} />
                  </Routes>
                </Suspense>
              </main>
              <Where />
            </NoticeProvider>
          </LoggedIn>
        </MemoryRouter>
      </SessionProvider>
    </QueryClientProvider>,
  );
  return { ...view, user: userEvent.setup({ delay: null }), client };
}

// Chunks of pages are translated when they are first asked for, which takes its time on a busy machine.
configure({ asyncUtilTimeout: 15_000 });
vi.setConfig({ testTimeout: 60_000 });

// axe asks it for the width of letters; jsdom would complain aloud.
HTMLCanvasElement.prototype.getContext = () => null;

// Nothing that axe finds; colours need a real browser.
export async function expectAccessible(element: Element = document.body): Promise<void> {
  // As testing-library waits: what React does meanwhile is no surprise.
  const { violations }: axe.AxeResults = await getConfig().asyncWrapper(() =>
    axe.run(element, { rules: { "color-contrast": { enabled: false } } }),
  );
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  expect(found).toEqual([]);
}
