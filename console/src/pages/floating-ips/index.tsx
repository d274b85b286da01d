// Floating IPs: the list, and a page for each.
import { lazy } from "react";
import { Route, Routes } from "react-router-dom";

import { AsOfPages } from "../../resource/as-of";
import { FloatingIpList } from "./list";

const FloatingIpPage = lazy(() => import("./page"));
const RestingPage = lazy(() => import("./life/resting"));
const TransfersPage = lazy(() => import("./life/transfers"));
const UnusedPage = lazy(() => import("./life/unused"));

export default function FloatingIps() {
  return (
    <AsOfPages>
      <Routes>
        <Route index element={<FloatingIpList />} />
        <Route path="resting" element={<RestingPage />} />
        <Route path="transfers" element={<TransfersPage />} />
        <Route path="unused" element={<UnusedPage />} />
        <Route path=":id" element={<FloatingIpPage />} />
      </Routes>
    </AsOfPages>
  );
}
