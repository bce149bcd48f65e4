import { registryProcess } from "../images/registry.ts";
import { type Component, type ComponentContext, nodePort, program } from "./component.ts";

/** The image registry at the node's address: containerd pulls from it, the host pushes to it over the link. */
export function registry(cx: ComponentContext): Component {
  const process = registryProcess({ address: cx.state.nodeIp, port: nodePort(cx, "registry") });
  return {
    process: {
      name: "registry",
      command: program(cx, "docker-registry"),
      args: process.args,
      env: process.env,
      netns: true,
      dependsOn: [],
      health: { kind: "http", url: process.health },
    },
    files: [],
  };
}
