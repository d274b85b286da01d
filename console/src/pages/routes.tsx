// The pages beside the floating IPs, each a chunk of its own.
import type { ReactNode } from "react";
import { Route, Routes } from "react-router-dom";

export default function Routed({ notFound }: { notFound: ReactNode }) {
  return (
    <Routes>
      <Route path="*" element={notFound} />
    </Routes>
  );
}
