import { request } from "node:http";
import { isIPv6 } from "node:net";
import { connect } from "node:tls";
import { isAnswer } from "../routes.ts";

const patience = 2000;

/** Whether a URL answers below 500 within 2 s. */
export async function answersWell(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(patience), redirect: "manual" });
    await answer.body?.cancel();
    return isAnswer(answer.status);
  } catch {
    return false;
  }
}

/** Whether a gateway answers anything at an address within 2 s: HTTP on `port`, or a TLS handshake on 443. */
export async function gatewayAnswers(address: string, port: number, host: string): Promise<boolean> {
  const tried = await Promise.all([answersHttp(address, port, host), shakesHands(address, host)]);
  return tried.some(Boolean);
}

function answersHttp(address: string, port: number, host: string): Promise<boolean> {
  return new Promise((done) => {
    const hostname = isIPv6(address) ? `[${address}]` : address;
    const asked = request(
      { hostname, port, headers: { host }, agent: false, timeout: patience },
      (answer) => {
        answer.resume();
        done(true);
      },
    );
    asked.on("timeout", () => asked.destroy());
    asked.on("error", () => done(false));
    asked.end();
  });
}

/** Whose certificate it shows does not matter: it lives. */
function shakesHands(address: string, host: string): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ host: address, port: 443, servername: host, rejectUnauthorized: false }, () =>
      end(true),
    );
    const end = (answer: boolean) => {
      socket.destroy();
      done(answer);
    };
    socket.setTimeout(patience, () => end(false));
    socket.on("error", () => end(false));
  });
}
