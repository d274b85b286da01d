// The pages beside the floating IPs, each a chunk of its own.
import { lazy, type ReactNode } from "react";
import { Route, Routes } from "react-router-dom";

const Networks = lazy(() => import("./networks"));
const Ports = lazy(() => import("./ports"));

export default function Routed({ notFound }: { notFound: ReactNode }) {
  return (
    <Routes>
      <Route path="networks/*" element={<Networks />} />
      <Route path="ports/*" element={<Ports />} />
      <Route path="*" element={notFound} />
    </Routes>
  );
}
