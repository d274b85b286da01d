// Floating IPs: the list, and a page for each.
import { Route, Routes } from "react-router-dom";

import { FloatingIpList } from "./list";

export default function FloatingIps() {
  return (
    <Routes>
      <Route index element={<FloatingIpList />} />
    </Routes>
  );
}
