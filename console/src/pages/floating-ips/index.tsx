// Floating IPs: the list, and a page for each.
import { lazy } from "react";
import { Route, Routes } from "react-router-dom";

import { AsOfPages } from "../../resource/as-of";
import { FloatingIpList } from "./list";

const FloatingIpPage = lazy(() => import("./page"));

export default function FloatingIps() {
  return (
    <AsOfPages>
      <Routes>
        <Route index element={<FloatingIpList />} />
        <Route path=":id" element={<FloatingIpPage />} />
      </Routes>
    </AsOfPages>
  );
}
