// What one hears of, and where: for each kind, and on this device.

import { create } from "@bufbuild/protobuf";
import { useState } from "preact/hooks";
import {
  NotificationChannel,
  NotificationChoiceSchema,
  NotificationKind,
  type GetPreferencesResponse,
  type NotificationPreferences,
} from "../gen/undring/v1/notification_pb";
import { Answered, useAnswer, useDoing } from "../parts/call";
import { Switch } from "../parts/choice";
import { Refused } from "../parts/notices";
import { useStore } from "../parts/store";
import { reachOf, turnOff, turnOn, type Reach } from "./push";
import { say } from "./words";

const kinds = Object.values(NotificationKind).filter((k): k is NotificationKind => typeof k === "number" && k !== NotificationKind.UNSPECIFIED);

/** Whether a kind is wanted by a channel: as chosen, or as everybody begins with. */
export function wants(p: NotificationPreferences, kind: NotificationKind, channel: NotificationChannel, hasPush: boolean): boolean {
  const chosen = p.choices.find((c) => c.kind === kind && c.channel === channel);
  return chosen ? chosen.wanted : kind !== NotificationKind.OPEN_LESSON && (channel === NotificationChannel.PUSH || !hasPush);
}

function chosen(p: NotificationPreferences, kind: NotificationKind, channel: NotificationChannel, wanted: boolean) {
  const others = p.choices.filter((c) => c.kind !== kind || c.channel !== channel);
  return [...others, create(NotificationChoiceSchema, { kind, channel, wanted })];
}

/** By kind and channel. What does not go out here at all is said, and not offered. */
export function Choices({ now, change }: { now: NotificationPreferences; change: (part: Partial<NotificationPreferences>) => void }) {
  const store = useStore();
  const answer = useAnswer(() => store.call.notification.getPreferences({}));
  const [reach, setReach] = useState<Reach>(reachOf(store));
  return (
    <Answered of={answer}>
      {(offer) => {
        const push = offer.webPushKey.length > 0;
        const channels = [
          ...(push ? [[NotificationChannel.PUSH, say("by.push")] as const] : []),
          ...(offer.mail ? [[NotificationChannel.EMAIL, say("by.mail")] as const] : []),
        ];
        return (
          <>
            {push && <Here offer={offer} reach={reach} set={setReach} />}
            {!offer.mail && <p class="quiet">{say("no_mail")}</p>}
            {channels.length > 0 && (
              <details class="more">
                <summary>{say("kinds")}</summary>
                {kinds.map((kind) => (
                  <fieldset key={kind} class="kind">
                    <legend>{say(`kind.${NotificationKind[kind]}` as "kind.WISH")}</legend>
                    {channels.map(([channel, label]) => (
                      <Switch
                        key={channel}
                        label={label}
                        on={wants(now, kind, channel, reach === "on")}
                        set={(on) => change({ choices: chosen(now, kind, channel, on) })}
                      />
                    ))}
                  </fieldset>
                ))}
                <Switch label={say("name")} hint={say("name.hint")} on={now.showName} set={(on) => change({ showName: on })} />
              </details>
            )}
          </>
        );
      }}
    </Answered>
  );
}

/** On this device: by the browser's leave. */
function Here({ offer, reach, set }: { offer: GetPreferencesResponse; reach: Reach; set: (r: Reach) => void }) {
  const store = useStore();
  const doing = useDoing();
  const run = (what: () => Promise<Reach>) => void doing.run(async () => set(await what()));
  return (
    <section aria-labelledby="here">
      <h3 id="here">{say("here")}</h3>
      <p class="quiet" role="status">
        {say(reach === "home-screen-first" ? "push.apple" : reach === "on" ? "here.on" : reach === "denied" ? "here.denied" : reach === "none" ? "here.none" : "here.off")}
      </p>
      <Refused refusal={doing.refusal} />
      {reach === "off" && (
        <button type="button" onClick={() => run(() => turnOn(store, offer))}>
          {say("here.turn_on")}
        </button>
      )}
      {reach === "on" && (
        <button type="button" onClick={() => run(() => turnOff(store))}>
          {say("here.turn_off")}
        </button>
      )}
    </section>
  );
}
