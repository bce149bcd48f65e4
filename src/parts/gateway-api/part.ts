import { z } from "zod";
import { crdBundle, definePart, gatewayApi, provide } from "../../kit/index.ts";

export const gatewayApiCrds = definePart({
  id: "gateway-api",
  title: "Gateway API",
  category: "network",
  docs: "https://gateway-api.sigs.k8s.io",
  options: z.object({}),
  provides: [provide(gatewayApi, () => ({ channel: "standard" as const }))],
  render: () => crdBundle("gateway-api"),
});
