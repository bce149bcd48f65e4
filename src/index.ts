/** What a declaration imports: `import { app, company, localCluster } from "landfall"`. */
export {
  type AppHandle,
  type AppInput,
  app,
  type ClusterHandle,
  company,
  type EnvironmentHandle,
  environment,
  kubernetesCluster,
  localCluster,
  override,
  type PartUse,
  type SecretHandle,
  secret,
} from "./model/handles.ts";
