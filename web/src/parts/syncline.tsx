import { signal } from "@preact/signals";
import { count, say } from "../words/words";
import { Icon } from "./icons";
import { useStore } from "./store";
import { unsentWords } from "./unsent";

/** Another version of the app has come while this one was open. */
const newVersion = signal(false);
if (typeof navigator !== "undefined" && navigator.serviceWorker?.controller) {
  navigator.serviceWorker.addEventListener("controllerchange", () => (newVersion.value = true));
}

/** One line on what is not sent, where there is something to say. */
export function SyncLine() {
  const store = useStore();
  if (!store.me.value) return null;
  if (store.standing.value === "expired") {
    return (
      <div class="syncline" role="status">
        <a href="#/sign-in" class="attention">
          <Icon of="warn" />
          <span>{say("net.expired")}</span>
        </a>
      </div>
    );
  }
  const refused = store.outbox.value.filter((p) => p.outcome === "refused").length;
  const conflicts = store.conflicts.value.length;
  const unsent = store.unsent.value;
  const online = store.online.value;
  const slow = store.slow.value;
  const { lost } = store.room.value;
  const kept = !lost && !store.room.value.full; // else nobody is told that all is saved here
  const words = [
    lost ? say("sync.lost") : "",
    store.room.value.full ? say("sync.no_room") : store.room.value.low ? say("sync.full") : "",
    refused > 0 ? count("net.refused", refused) : "",
    conflicts > 0 ? count("net.conflict", conflicts) : "",
    !online && kept ? say("net.off") : "",
    unsent > 0 && (!online || slow) ? unsentWords(store) : "",
    unsent > 0 && online && (kept || !slow) ? say(slow ? "net.waits" : "net.sending") : "",
  ].filter(Boolean);
  return (
    <div class="syncline" role="status">
      {newVersion.value && (
        <button type="button" onClick={() => location.reload()}>
          {say("app.new_version")} · {say("app.take_it")}
        </button>
      )}
      {words.length > 0 && (
        <a href="#/sync" class={refused + conflicts > 0 || lost ? "attention" : ""}>
          <Icon of={refused + conflicts > 0 || lost ? "warn" : slow ? "clock" : online ? "send" : "off"} />
          <span>{words.join(" · ")}</span>
        </a>
      )}
    </div>
  );
}
