// Before each test file: English texts, and what jsdom lacks.
import { cleanup } from "@testing-library/react";
import { afterEach } from "vitest";

import { startI18n } from "../src/i18n";

window.matchMedia ??= (query: string) =>
  ({
    matches: false,
    media: query,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }) as unknown as MediaQueryList;

await startI18n();
afterEach(() => cleanup());
