// What can be done with routers beyond creating and changing them.
import { request } from "../../api/client";
import { createOne, removeOne, updateOne, type Attributes } from "../../api/resources";
import type { Port, Route, Router, Subnet } from "../../api/types";

type RouterAction = "add_router_interface" | "remove_router_interface" | "add_extraroutes" | "remove_extraroutes";

function act(routerId: string, action: RouterAction, body: unknown): Promise<unknown> {
  return request("PUT", `/v2.0/routers/${routerId}/${action}`, body);
}

export interface GatewayWish {
  networkId: string;
  snat?: boolean; // left to the server unless said: only administrators may say it
  address?: string;
}

export function gatewayAttributes({ networkId, snat, address }: GatewayWish): Attributes {
  return {
    network_id: networkId,
    ...(snat !== undefined && { enable_snat: snat }),
    ...(address && { external_fixed_ips: [{ ip_address: address }] }),
  };
}

export function setGateway(routerId: string, wish: GatewayWish): Promise<Router> {
  return updateOne("router", routerId, { external_gateway_info: gatewayAttributes(wish) });
}

export function clearGateway(routerId: string): Promise<Router> {
  return updateOne("router", routerId, { external_gateway_info: null });
}

// With the subnet's gateway address; with another one by way of a port, which goes again when it does not work.
export async function addInterface(routerId: string, subnet: Subnet, address: string): Promise<unknown> {
  if (!address) return act(routerId, "add_router_interface", { subnet_id: subnet.id });
  const port = await createOne("port", {
    network_id: subnet.network_id,
    fixed_ips: [{ subnet_id: subnet.id, ip_address: address }],
  });
  try {
    return await act(routerId, "add_router_interface", { port_id: port.id });
  } catch (error) {
    await removeOne("port", port.id).catch(() => undefined);
    throw error;
  }
}

export function removeInterface(routerId: string, port: Port): Promise<unknown> {
  return act(routerId, "remove_router_interface", { port_id: port.id });
}

export function addRoute(routerId: string, route: Route): Promise<unknown> {
  return act(routerId, "add_extraroutes", { router: { routes: [route] } });
}

export function removeRoute(routerId: string, route: Route): Promise<unknown> {
  return act(routerId, "remove_extraroutes", { router: { routes: [route] } });
}
