// What another program does: calls that no screen of these tests makes.

import { inject } from "vitest";

/** Makes a call as another program would. */
export async function call<T>(method: string, of: object, token = ""): Promise<T> {
  const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
  const answer = await fetch(`${inject("address")}/undring.v1.${method}`, { method: "POST", headers, body: JSON.stringify(of) });
  if (!answer.ok) throw new Error(`${method}: ${await answer.text()}`);
  return (await answer.json()) as T;
}

/** One of the demo's people, by their name. */
export async function demoPerson(name: string): Promise<{ id: string; name: string }> {
  const { demoPeople } = await call<{ demoPeople: { id: string; name: string }[] }>("SessionService/GetSignInOptions", {});
  return demoPeople.find((p) => p.name === name)!;
}

/** The school's administrator, signed in. */
export async function administrator(): Promise<{ accessToken: string; schoolId: string }> {
  const signIn = { demoPerson: (await demoPerson("Silje Kirkeby")).id, deviceName: "desk" };
  const { accessToken } = await call<{ accessToken: string }>("SessionService/SignIn", signIn);
  const { memberships } = await call<{ memberships: { schoolId: string }[] }>("SessionService/GetMe", {}, accessToken);
  return { accessToken, schoolId: memberships[0]!.schoolId };
}
