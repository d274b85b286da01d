// How the console is built and tested. Everything comes out as files of its own (no data: addresses), so that the
// Content-Security-Policy needs no exception.
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// `npm run dev` shows the sources through Vite; what is not a page goes to a buoyd.
const buoyd = process.env.BUOY_URL ?? "http://127.0.0.1:9696";
const served = ["/v2.0", "/identity", "/compute", "/console/api"];

export default defineConfig({
  base: "/console/",
  plugins: [react()],
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    reportCompressedSize: false,
  },
  server: { proxy: Object.fromEntries(served.map((path) => [path, { target: buoyd }])) },
  test: {
    environment: "jsdom",
    globals: true,
    include: ["tests/**/*.test.{ts,tsx}"],
    setupFiles: ["tests/setup.ts"],
    css: false,
    server: { deps: { inline: [/@patternfly/] } },
  },
});
