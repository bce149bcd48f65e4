import { join } from "node:path";
import {
  type CallOptions,
  Client,
  credentials,
  loadPackageDefinition,
  Metadata,
  type MethodDefinition,
  type ServiceClientConstructor,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { context, propagation, SpanKind } from "@opentelemetry/api";
import { rpcClientDuration } from "./metrics.ts";
import { withSpan } from "./tracing.ts";

export const protoDir = join(import.meta.dirname, "../../../proto");

/** Which pod and version answered, from the metadata each shop service sends. */
export type ServedBy = { readonly pod: string; readonly version: string };
export type Answer<T> = { readonly reply: T; readonly servedBy: ServedBy };

/** A gRPC service that this one calls. */
export type Backend = {
  /** Calls a method by its name in the contract; rejects with a gRPC ServiceError. */
  readonly call: <T>(method: string, request: object) => Promise<Answer<T>>;
  readonly close: () => void;
};

/** Loads a service's contract, such as "CartService" of shop/v1/cart.proto. Throws when there is none. */
export function loadService(file: string, service: string): ServiceClientConstructor {
  const definition = loadSync(join("shop/v1", file), {
    includeDirs: [protoDir],
    longs: Number,
    defaults: true,
  });
  const loaded = loadPackageDefinition(definition) as unknown as {
    shop: { v1: Record<string, ServiceClientConstructor | undefined> };
  };
  const client = loaded.shop.v1[service];
  if (!client) throw new Error(`${file} has no service ${service}`);
  return client;
}

type Options = { file: string; service: string; address: string; timeoutMs: number };

/** Makes a client; it connects at the first call and by itself again after every loss. */
export function connectBackend({ file, service, address, timeoutMs }: Options): Backend {
  const methods = loadService(file, service).service;
  const client = new Client(address, credentials.createInsecure(), {
    // Every address behind a headless service gets its share.
    "grpc.service_config": JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
    // A service that comes back is found within seconds, not the two minutes that gRPC waits at most.
    "grpc.initial_reconnect_backoff_ms": 200,
    "grpc.max_reconnect_backoff_ms": 2000,
    "grpc.dns_min_time_between_resolutions_ms": 2000,
  });
  const host = address.replace(/:\d+$/, "");

  async function call<T>(name: string, request: object): Promise<Answer<T>> {
    const method = methods[name] as MethodDefinition<object, T> | undefined;
    if (!method) throw new Error(`${service} has no method ${name}`);
    const rpcMethod = method.path.slice(1);
    const attributes = { "rpc.system.name": "grpc", "rpc.method": rpcMethod, "server.address": host };
    return withSpan(rpcMethod, { kind: SpanKind.CLIENT, attributes }, async (span) => {
      const done = rpcClientDuration.startTimer({ rpc_method: rpcMethod, server_address: host });
      let code = status.OK;
      try {
        return await unary(client, method, request, { deadline: Date.now() + timeoutMs });
      } catch (error) {
        code = (error as ServiceError).code ?? status.UNKNOWN;
        throw error;
      } finally {
        span.setAttribute("rpc.response.status_code", status[code]);
        done({ rpc_response_status_code: status[code] });
      }
    });
  }
  return { call, close: () => client.close() };
}

function unary<T>(
  client: Client,
  method: MethodDefinition<object, T>,
  request: object,
  options: CallOptions,
): Promise<Answer<T>> {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(carrier)) metadata.set(name, value);
  return new Promise((resolve, reject) => {
    let servedBy: ServedBy = { pod: "", version: "" };
    const { path, requestSerialize, responseDeserialize } = method;
    client
      .makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        metadata,
        options,
        (error, reply) => (error || reply === undefined ? reject(error) : resolve({ reply, servedBy })),
      )
      .on("metadata", (sent) => {
        servedBy = { pod: first(sent, "x-served-by"), version: first(sent, "x-served-version") };
      });
  });
}

function first(metadata: Metadata, name: string): string {
  return String(metadata.get(name)[0] ?? "");
}
