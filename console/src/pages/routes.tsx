// The pages beside the floating IPs, each a chunk of its own.
import { lazy, type ReactNode } from "react";
import { Route, Routes } from "react-router-dom";

const AddressHistory = lazy(() => import("./address-history"));
const AdminNodes = lazy(() => import("./admin-nodes"));
const AdminPools = lazy(() => import("./admin-pools"));
const AdminProjects = lazy(() => import("./admin-projects"));
const AdminQosPolicies = lazy(() => import("./admin-qos-policies"));
const AdminUsers = lazy(() => import("./admin-users"));
const Instances = lazy(() => import("./instances"));
const Networks = lazy(() => import("./networks"));
const Ports = lazy(() => import("./ports"));
const Routers = lazy(() => import("./routers"));
const Topology = lazy(() => import("./topology"));

export default function Routed({ notFound }: { notFound: ReactNode }) {
  return (
    <Routes>
      <Route path="address-history" element={<AddressHistory />} />
      <Route path="admin/nodes/*" element={<AdminNodes />} />
      <Route path="admin/pools/*" element={<AdminPools />} />
      <Route path="admin/projects/*" element={<AdminProjects />} />
      <Route path="admin/qos-policies" element={<AdminQosPolicies />} />
      <Route path="admin/users/*" element={<AdminUsers />} />
      <Route path="instances/*" element={<Instances />} />
      <Route path="networks/*" element={<Networks />} />
      <Route path="ports/*" element={<Ports />} />
      <Route path="routers/*" element={<Routers />} />
      <Route path="topology" element={<Topology />} />
      <Route path="*" element={notFound} />
    </Routes>
  );
}
